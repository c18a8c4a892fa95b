"""A service as a tree of child processes: spawned, watched, reaped to the last one."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from dataclasses import dataclass

from hubtui.stacks.engines.base import EngineContext, Reporter
from hubtui.stacks.engines.process.spawn import Child, environment, spawn
from hubtui.stacks.engines.process.stop import any_exit, end_tree, stop_signal
from hubtui.stacks.engines.process.tree import Census
from hubtui.stacks.health import Place
from hubtui.stacks.spec.model import Stack
from hubtui.stacks.supervise.hurry import Hurry
from hubtui.stacks.supervise.restart import Pace, Restarts, how_it_ended, kernel_kills
from hubtui.stacks.supervise.service import RUNNING, Supervised

_DAEMON = 0.3  # seconds that whoever a main process leaves behind has to become a daemon
_LOOK = 2.0  # seconds between looks at a tree whose main process is gone


@dataclass(slots=True)
class Shared:
    """What all services of one engine have in common."""

    context: EngineContext
    reporter: Reporter
    census: Census
    pace: Pace
    kernel_kills: int
    hurry: Hurry


class ProcessService(Supervised):
    """A service that runs by its `x-hubtui.process`."""

    def __init__(self, stack: Stack, name: str, shared: Shared) -> None:
        self._shared = shared
        self._child: Child | None = None
        super().__init__(stack, name, shared.context, shared.reporter, shared.pace, shared.hurry)

    def environment(self) -> dict[str, str]:
        """The whole environment of its processes."""
        return environment(self.spec, self._context.marker)

    async def _live(self, restarts: Restarts) -> float | None:
        child = self._spawn()
        await asyncio.sleep(0)  # those that start together are all spawned first
        with contextlib.suppress(OSError):
            who = child.settle()
            self.tell(RUNNING, process=who)
        if self.state is not RUNNING:
            self.tell(RUNNING)  # it has ended already: what follows says how
        watching = self._feel_pulse()
        try:
            code: int | None
            how = self._ended(child, code := await child.ended())
            if code == 0 and not self.one_shot and (heir := await self._daemon(child)):
                self.tell(message=f"its main process {how}, it runs on as PID {heir}")
                await self._outlive()
                code, how = None, how_it_ended(None, time.monotonic() - child.began)
                self._note(how)
        finally:
            watching.cancel()
            await asyncio.wait([watching], timeout=1)
        as_a_shell = 128 - code if code is not None and code < 0 else code  # as a shell counts signals
        return await self._judge(restarts, code, how, as_a_shell)

    def _spawn(self) -> Child:
        child = spawn(self.spec.process, self.stack.folder, self.environment(), self.log())
        self._child, self.begun_with = child, self.spec
        self.pulse.reset()
        census = self._shared.census
        census.add_main(child.pid, self.name)
        child.exit.add_done_callback(lambda _: census.remove_main(child.pid))
        self._note(f"started, PID {child.pid}")
        return child

    def _ended(self, child: Child, code: int) -> str:
        self.out_of_memory = False
        if code in (-signal.SIGKILL, 128 + signal.SIGKILL):  # it, or what its shell ran
            seen, self._shared.kernel_kills = self._shared.kernel_kills, kernel_kills()
            self.out_of_memory = self._shared.kernel_kills > seen
        how = how_it_ended(code, time.monotonic() - child.began, self.out_of_memory)
        child.output.drain()
        self.log().flush_partial()
        self._note(how)
        return how

    async def _daemon(self, child: Child) -> int | None:
        """The process that went on as a daemon, in a session of its own, after the main one ended well; or None."""
        deadline = time.monotonic() + _DAEMON
        while (live := await self._shared.census.of(self.name)) and time.monotonic() < deadline:
            for there in live:
                if there.session != child.pid:
                    return there.pid
            await asyncio.sleep(0.02)
        return None

    def _feel_pulse(self) -> asyncio.Task[None]:
        check = self.check if self.checked else None
        place = Place(self.stack.folder, self.environment() if check else {})
        return asyncio.create_task(self.pulse.feel(check, self._context.health, place), name=f"pulse {self.name}")

    async def _lives(self) -> bool:
        if self._child is None:
            return False
        return not self._child.exit.done() or bool(await self._shared.census.of(self.name))

    async def _clear(self) -> None:
        if self._child:
            await self._end()

    async def _outlive(self) -> None:
        while live := await self._shared.census.of(self.name):
            await any_exit(live, _LOOK)

    async def _end(self) -> bool:
        name, census, spec = self.name, self._shared.census, self.spec
        asked, grace = stop_signal(spec.stop_signal), spec.stop_grace_period
        forced = await end_tree(lambda: census.of(name), asked, grace, self._hurry, self._stuck)
        if self._child:
            await self._child.ended()
            self._child.output.close()
            self._child = None
        census.forget(name)
        return forced

    def _stuck(self, message: str) -> None:
        if message != self.message:
            self.tell(message=message)

    def _close_log(self) -> None:
        if self._child and self._child.exit.done():
            self._child.output.close()
        super()._close_log()
