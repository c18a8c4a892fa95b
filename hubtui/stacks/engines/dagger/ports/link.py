"""One client's connection, carried by one connection through a tunnel.

Who closes first matters. What the service closes leaks nothing; what we close stays open in the CLI and the service. So
a client's end is not an end yet: the service may answer and close, as databases do when a client says goodbye.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubtui.stacks.engines.dagger.ports import sockets
from hubtui.stacks.engines.dagger.ports.half import CHUNK, Half
from hubtui.stacks.engines.dagger.ports.tunnel import Limits

if TYPE_CHECKING:
    from hubtui.stacks.engines.dagger.ports.generation import Generation


@dataclass(slots=True)
class Ledger:
    """What all connections of a published port have in common."""

    limits: Limits
    links: set[Link] = field(default_factory=set)
    lingering: dict[Link, None] = field(default_factory=dict)  # clients that have said all, the longest first
    bytes_in: int = 0  # from clients
    bytes_out: int = 0
    room: memoryview = field(default_factory=lambda: memoryview(bytearray(CHUNK)))


class Link:
    """Carries both directions until both have ended, one side breaks, or nothing moves where one side has ended."""

    def __init__(self, client: socket.socket, upstream: socket.socket, generation: Generation, ledger: Ledger) -> None:
        self._client, self._upstream = client, upstream
        self._generation, self._ledger = generation, ledger
        self._up = Half(self, client, upstream, ledger.room)
        self._down = Half(self, upstream, client, ledger.room)
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._due = False  # the client's bytes were the last that moved
        self._carried = True  # its connection through the tunnel is open
        self._over = False
        self._timer: asyncio.TimerHandle | None = None
        ledger.links.add(self)
        generation.links.add(self)
        self._up.begin()
        self._down.begin()

    # What its two directions say

    def moved(self, half: Half, size: int) -> None:
        """Count, and let the tunnel be watched for answering at all."""
        if half is self._down:
            self._ledger.bytes_out += size
            self._due = False
            if self._down.taken == size:
                self._generation.answered()
        else:
            self._ledger.bytes_in += size
            self._due = True
            if self._up.taken == size and self._carried:
                self._generation.asked()

    def source_ended(self, half: Half) -> None:
        """One side has said all."""
        if half is self._down:
            self._service_left(broken=False)
        elif not self._carried:
            self.end()
        else:
            sockets.say_all(self._upstream)  # lost in a tunnel of today; right in one that carries it
            self._linger()

    def source_broke(self, half: Half) -> None:
        """One side was reset."""
        if half is self._down:
            self._service_left(broken=True)
        else:
            self.end()

    def sink_broke(self, half: Half) -> None:
        """The service takes no more, yet may have an answer to be read; or the client is gone."""
        if half is self._up:
            half.sink_into_nothing()
        else:
            self.end()

    # How it ends

    def _service_left(self, *, broken: bool) -> None:
        if not self._down.taken and not self._up.ended and self._loop.time() - self._began < self._limits.at_once:
            self._generation.dropped()
        self._part(leaked=False)
        if broken:
            self.end(reset=True)
        elif self._up.ended:
            self.end()
        else:  # to close while the client still sends would take back what it has not read yet
            sockets.say_all(self._client)
            self._watch()

    def _linger(self) -> None:
        lingering = self._ledger.lingering
        lingering[self] = None
        self._watch()
        if len(lingering) > self._limits.lingering:
            next((link for link in lingering if not link._due), next(iter(lingering))).give_up()

    def _watch(self) -> None:
        """Look after a while whether anything still moves."""
        if self._timer:
            self._timer.cancel()
        patience = self._limits.due if self._due and self._carried else self._limits.quiet
        self._timer = self._loop.call_later(patience, self._look, self._progress)

    def _look(self, before: tuple[int, ...]) -> None:
        if self._carried and self._progress != before:
            self._watch()
        else:
            self.give_up()

    @property
    def _progress(self) -> tuple[int, ...]:
        return self._up.taken, self._down.taken, len(self._up.rest), len(self._down.rest)

    def give_up(self) -> None:
        """End what has ended on one side only; a client that did not get all it was owed is told so."""
        self.end(reset=bool(self._down.rest) or (self._due and self._carried))

    def _part(self, *, leaked: bool) -> None:
        """Its connection through the tunnel is over; of the client's nothing but reading is left."""
        if self._carried:
            self._carried = False
            self._up.sink_into_nothing()
            self._down.stop()
            self._upstream.close()
            self._generation.release(self, leaked=leaked)

    def end(self, *, reset: bool = False) -> None:
        """Close both sides now; `reset`: the client shall see an error instead of an end."""
        if self._over:
            return
        self._over = True
        self._part(leaked=True)
        self._loop.remove_reader(self._client)
        if self._timer:
            self._timer.cancel()
        self._ledger.links.discard(self)
        self._ledger.lingering.pop(self, None)
        if reset:
            sockets.reset(self._client)
        else:
            self._client.close()

    @property
    def _limits(self) -> Limits:
        return self._ledger.limits
