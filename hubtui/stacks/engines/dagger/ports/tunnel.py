"""What a published port needs from whoever opens tunnels, and its limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol


class Tunnel(Protocol):
    """A way to a service's port, through a listener of the Dagger CLI on this host."""

    @property
    def port(self) -> int:
        """Where the CLI listens on this host."""

    async def close(self) -> None:
        """End it with all its connections, within seconds. It is called once."""


# Opens one more tunnel to the running service. It is never cancelled: a tunnel that comes too late is closed.
OpenTunnel = Callable[[], Awaitable[Tunnel]]


@dataclass(frozen=True, slots=True)
class Limits:
    """When tunnels are renewed and how long is waited for what. Times are in seconds."""

    leaks: int = 200  # connections that we closed first: each stays open in the CLI and in the service
    uses: int = 2000  # connections in all: the engine keeps a descriptor of each, whoever closed it
    generations: int = 3  # tunnels alive at once, those that drain included
    drops: int = 3  # connections in a row that were closed before a byte came

    hold: float = 5.0  # how long a client is kept waiting for a service that is down
    held: int = 500  # clients kept waiting at once
    at_once: float = 0.05  # a connection closed within this time was never carried
    settle: float = 1.0  # a service that died takes its tunnel along, and its end is told 0.8 s later
    patience: float = 1.0  # without an answer
    impatience: float = 60.0  # what both of these grow to while renewing does not help
    retry: float = 0.5  # after a tunnel that could not be opened; grows to
    retry_longest: float = 10.0

    quiet: float = 10.0  # a connection of which one side has closed is given up after so long without a byte
    due: float = 60.0  # the same where the service owes an answer
    lingering: int = 100  # such connections, of one port
