"""The tunnels behind one port, one after the other: a new one is there before the old one is let go."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Coroutine
from typing import Any

from hubtui.safetext import safe_text
from hubtui.stacks.engines.dagger.ports import sockets
from hubtui.stacks.engines.dagger.ports.doubts import Doubts
from hubtui.stacks.engines.dagger.ports.generation import Generation
from hubtui.stacks.engines.dagger.ports.tunnel import Limits, OpenTunnel, Tunnel

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5  # seconds between tries to reach a service for one client
_CLOSING = 5.0  # seconds that a detach waits for tunnels to close


class Tunnels:
    """Implements `Keeper`. `current` takes new connections; `live` has those that drain before it."""

    def __init__(self, limits: Limits, tell: Callable[[str], None]) -> None:
        self.current: Generation | None = None
        self.live: list[Generation] = []
        self.number = 0  # tunnels opened so far
        self.rotations = 0
        self._limits, self._tell = limits, tell
        self._doubts = Doubts(limits, self.renew, self._silent)
        self._ready = asyncio.Event()
        self._open: OpenTunnel | None = None
        self._life = 0
        self._renewing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def ready(self) -> bool:
        """Whether there is a tunnel that is not known to be gone."""
        return self._ready.is_set()

    # A service's life

    async def attach(self, open_tunnel: OpenTunnel) -> None:
        """A service's life begins. Raises whatever `open_tunnel` does."""
        await self.detach()
        life = self._life
        tunnel = await self._opened(open_tunnel)
        if life != self._life:  # it is over already
            await self._close(tunnel)
            return
        self._open = open_tunnel
        self._doubts.begin()
        self._install(tunnel)

    async def detach(self) -> None:
        """It is over, and with it every connection."""
        self._life += 1
        self._open = self.current = None
        self._ready.clear()
        self._doubts.fresh()
        if self._renewing:
            self._renewing.cancel()
            self._renewing = None
        for generation in list(self.live):
            generation.cut()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING):
                while self._tasks:  # a tunnel that was being opened is closed by a task of its own
                    await asyncio.wait(self._tasks)

    # Connections

    async def reach(self, client: socket.socket) -> tuple[Generation, socket.socket] | None:
        """A connection to the service for this client, as soon as there can be one; None: the client has left
        meanwhile. Waits without an end. Raises OSError where this host has no sockets left."""
        held, pause = not self.ready, _FIRST_PAUSE
        while True:
            await self._ready.wait()
            generation = self.current
            if held and sockets.at_end(client):
                return None
            if generation:
                found = await self._dial(generation, look=self._doubts.wary)
                if isinstance(found, socket.socket):
                    return generation, found
            await asyncio.sleep(pause)
            held, pause = True, min(2 * pause, _LONGEST_PAUSE)

    async def probe(self) -> str:
        """What is wrong with the newest tunnel, or "". It costs a leak, unless traffic was the better probe."""
        generation = self.current
        if generation is None:
            return "it has no tunnel"
        if generation.proved:
            generation.proved = False
            return ""
        try:
            found = await self._dial(generation, look=True)
        except OSError as error:
            return f"this host has no socket left for it ({error.strerror})"
        if isinstance(found, str):
            return found
        generation.hang_up(found, leaked=True)
        return ""

    async def _dial(self, generation: Generation, *, look: bool) -> socket.socket | str:
        """A connection through it, or what is wrong. `look`: only one that was not closed at once."""
        try:
            upstream = await generation.connect()
        except (ConnectionError, TimeoutError):
            if generation is self.current:
                self._ready.clear()
                self._doubts.gone()
            return "its tunnel is gone"
        try:
            closed = look and await sockets.closes_within(upstream, self._limits.at_once)
        except BaseException:
            generation.hang_up(upstream, leaked=True)
            raise
        if closed or generation.over:
            generation.hang_up(upstream, leaked=False)
            self.dropped(generation)
            return "it closes connections at once"
        if look:
            self._doubts.stayed()
        return upstream

    # What connections say about their tunnel

    def asked(self, generation: Generation) -> None:
        """A client has sent the first bytes of its connection."""
        if generation is self.current:
            self._doubts.asked()

    def answered(self, generation: Generation) -> None:
        """The first bytes of a connection have come back."""
        if generation is self.current:
            self._doubts.answered()

    def dropped(self, generation: Generation) -> None:
        """A connection was closed at once, before a byte came back."""
        if generation is self.current:
            self._doubts.dropped()

    def worn(self, generation: Generation) -> None:
        """It has leaked or carried enough."""
        if generation is self.current:
            self.renew()

    def drained(self, generation: Generation) -> None:
        """Nothing uses it any more."""
        self.live.remove(generation)
        if generation.suspect:
            self._doubts.was_right()
        self._start(self._close(generation.tunnel))

    def _silent(self) -> bool:
        if self.current is None or len(self.live) >= self._limits.generations:
            return False  # a service that thinks for long must not cost a connection
        if not self.renew(f"its tunnel gave no answer for {self._doubts.patience:g} s"):
            return False
        self.current.suspect = True
        return True

    # Renewal

    def renew(self, why: str = "", after: float = 0.0) -> bool:
        """Ask for a new tunnel in `after` seconds; False where one is under way or the service is down. `why` is a
        clause for the log; a tunnel that is only worn is not spoken of."""
        if self._open is None or self._renewing is not None:
            return False
        self._renewing = self._start(self._renew(self._open, why, after))
        return True

    async def _renew(self, open_tunnel: OpenTunnel, why: str, after: float) -> None:
        pause, failed = self._limits.retry, False
        while True:
            await asyncio.sleep(after)
            try:
                tunnel = await self._opened(open_tunnel)
                break
            except Exception as error:
                if not failed:
                    said = safe_text(str(error), 300)
                    self._tell(f"its tunnel cannot be replaced, and stays while that is tried again: {said}")
                failed, after, pause = True, pause, min(2 * pause, self._limits.retry_longest)
        self._renewing = None
        self.rotations += 1
        self._install(tunnel)
        if why or failed:
            self._tell(f"{why or 'its tunnel could not be replaced for a while'}: there is a new one now")

    def _install(self, tunnel: Tunnel) -> None:
        old, self.current = self.current, Generation(tunnel, self, self._limits)
        self.number += 1
        self.live.append(self.current)
        self._doubts.fresh()
        self._ready.set()
        if old:
            old.retire()
        while len(self.live) > self._limits.generations:
            if cut := self.live[0].cut():
                many = "connections" if cut > 1 else "connection"
                self._tell(f"{cut} {many} cut: the tunnel was replaced {self._limits.generations} times meanwhile")

    async def _opened(self, open_tunnel: OpenTunnel) -> Tunnel:
        """A tunnel; one that comes when nobody waits for it any more is closed."""
        opening = asyncio.ensure_future(open_tunnel())
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._start(self._close_late(opening))
            raise

    async def _close_late(self, opening: asyncio.Future[Tunnel]) -> None:
        with contextlib.suppress(Exception):
            await self._close(await opening)

    async def _close(self, tunnel: Tunnel) -> None:
        try:
            await tunnel.close()
        except Exception as error:
            self._tell(f"its old tunnel could not be closed: {safe_text(str(error), 300)}")

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
