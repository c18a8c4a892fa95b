"""One tunnel with the connections that it carries, from its first to its last."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Protocol

from hubtui.stacks.engines.dagger.ports import sockets
from hubtui.stacks.engines.dagger.ports.tunnel import Limits, Tunnel

if TYPE_CHECKING:
    from hubtui.stacks.engines.dagger.ports.link import Link


class Keeper(Protocol):
    """Who is told how a tunnel does."""

    def asked(self, generation: Generation) -> None:
        """A client has sent the first bytes of its connection."""

    def answered(self, generation: Generation) -> None:
        """The first bytes of a connection have come back."""

    def dropped(self, generation: Generation) -> None:
        """A connection was closed at once, before a byte came back."""

    def worn(self, generation: Generation) -> None:
        """It has leaked or carried as much as a tunnel should."""

    def drained(self, generation: Generation) -> None:
        """It was replaced and carries nothing any more: its tunnel can be closed. Said once."""


class Generation:
    """Counts what its tunnel leaks; once replaced, it says when nobody uses it any more."""

    def __init__(self, tunnel: Tunnel, keeper: Keeper, limits: Limits) -> None:
        self.tunnel = tunnel
        self.links: set[Link] = set()
        self.leaked = 0  # connections that stay open in the CLI and the service until the tunnel is closed
        self.proved = False  # an answer came through it since the last probe
        self.suspect = False  # it was replaced for giving no answer, and has given none since
        self.over = False
        self._keeper, self._limits = keeper, limits
        self._used = 0
        self._busy = 0  # connections, those being opened included
        self._retired = False

    async def connect(self) -> socket.socket:
        """A new connection through it, to be given back with `release` or `hang_up`. Raises OSError."""
        self._used += 1
        self._busy += 1
        try:
            return await sockets.connect(self.tunnel.port, self._used)
        except BaseException:
            self.release()
            raise

    def hang_up(self, upstream: socket.socket, *, leaked: bool) -> None:
        """Close a connection that carried nothing."""
        upstream.close()
        self.release(leaked=leaked)

    def release(self, link: Link | None = None, *, leaked: bool = False) -> None:
        """A connection has ended; it leaked where the service had not closed it before."""
        if link:
            self.links.discard(link)
        self._busy -= 1
        self.leaked += leaked
        if self._retired:
            self._see_whether_drained()
        elif self.leaked >= self._limits.leaks or self._used >= self._limits.uses:
            self._keeper.worn(self)

    def retire(self) -> None:
        """There is a newer one: no connection comes any more."""
        self._retired = True
        self._see_whether_drained()

    def cut(self) -> int:
        """End all its connections, and so itself; returns how many clients that hit."""
        self._retired = True
        hit = list(self.links)
        for link in hit:
            link.end(reset=True)
        self._busy = 0  # whoever is still opening one sees that it is over
        self._see_whether_drained()
        return len(hit)

    def _see_whether_drained(self) -> None:
        if self._busy <= 0 and not self.over:
            self.over = True
            self._keeper.drained(self)

    # What its connections say

    def asked(self) -> None:
        """The first bytes of a connection were sent."""
        self._keeper.asked(self)

    def answered(self) -> None:
        """The first bytes of a connection have come back."""
        self.proved, self.suspect = True, False
        self._keeper.answered(self)

    def dropped(self) -> None:
        """A connection was closed at once, before a byte came back."""
        self._keeper.dropped(self)
