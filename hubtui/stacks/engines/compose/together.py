"""One call of the CLI for all services that want the same at the same moment: each call costs as much as ten starts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

TOGETHER = 0.005  # seconds that the first waits for others
Call = Callable[[Sequence[str]], Awaitable[Mapping[str, Exception]]]


class Ticket:
    """A name's place in a call. `done` resolves with the call's end, or raises what it says of the name."""

    def __init__(self, call: SharedCall, done: asyncio.Future[None]) -> None:
        self.done, self._call, self._waits = done, call, True

    async def wait(self) -> None:
        """Until the call has ended; cancelled, it is given up."""
        try:
            await asyncio.wait([self.done])
        finally:
            await self.give_up()
        self.done.result()

    def let_go(self) -> None:
        """What was wanted of it is there already; the call goes on to its own end."""
        if self._waits:
            self._waits = False
            self._call.waiters -= 1

    async def give_up(self) -> None:
        """Nobody waits any more: a call that nobody else waits for is ended, too."""
        waited = self._waits
        self.let_go()
        if waited and not self._call.waiters and not self._call.task.done():
            self._call.task.cancel()
            await asyncio.wait([self._call.task])


class SharedCall:
    """`call` is given the names and returns what failed, by name."""

    def __init__(self, call: Call, names: Iterable[str] = (), *, opened: bool = False) -> None:
        self._call = call
        self._opened = asyncio.Event()
        self._dones: dict[str, asyncio.Future[None]] = {}
        self.waiters = 0
        for name in names:
            self._done(name)
        if opened:
            self.open()
        self.task = asyncio.create_task(self._run(), name="docker compose")

    @property
    def names(self) -> Sequence[str]:
        """Whom it is about."""
        return tuple(self._dones)

    async def end(self) -> None:
        """Whoever waits: it is over."""
        self.task.cancel()
        await asyncio.wait([self.task])

    def open(self) -> None:
        """Nobody joins any more."""
        self._opened.set()

    def ticket(self, name: str) -> Ticket:
        """A place in it."""
        self.waiters += 1
        return Ticket(self, self._done(name))

    def _done(self, name: str) -> asyncio.Future[None]:
        if name not in self._dones:
            done = self._dones[name] = asyncio.get_running_loop().create_future()
            done.add_done_callback(lambda f: f.cancelled() or f.exception())  # somebody may not wait for it
        return self._dones[name]

    async def _run(self) -> None:
        failed: Mapping[str, Exception] = {}
        error: BaseException | None = None
        try:
            await self._opened.wait()
            failed = await self._call(self.names)
        except BaseException as e:
            error = e
        for name, done in self._dones.items():
            problem = failed.get(name) or error
            if problem is None:
                done.set_result(None)
            elif isinstance(problem, Exception):
                done.set_exception(problem)
            else:
                done.cancel()
        if error is not None and not isinstance(error, Exception):
            raise error


class Together:
    """Puts names into calls."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._open: SharedCall | None = None
        self._calls: set[SharedCall] = set()

    def join(self, name: str) -> Ticket:
        """A place in the call that is under way for it, else in one that begins at once."""
        call = next((c for c in self._calls if name in c.names), None) or self._open
        if call is None:
            call = self._open = self._begin(SharedCall(self._call))
            asyncio.get_running_loop().call_later(TOGETHER, self._close, call)
        return call.ticket(name)

    def ahead(self, names: Sequence[str], call: Call | None = None) -> SharedCall:
        """Begin it for these now, or another call; whoever of them joins later has a place in it."""
        return self._begin(SharedCall(call or self._call, names, opened=True))

    def under_way(self, names: Iterable[str]) -> list[SharedCall]:
        """The calls that are about any of these."""
        return [call for call in self._calls if not set(names).isdisjoint(call.names)]

    async def close(self) -> None:
        """End every call."""
        tasks = [call.task for call in self._calls]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _begin(self, call: SharedCall) -> SharedCall:
        self._calls.add(call)
        call.task.add_done_callback(lambda _: self._calls.discard(call))
        return call

    def _close(self, call: SharedCall) -> None:
        if self._open is call:
            self._open = None
        call.open()
