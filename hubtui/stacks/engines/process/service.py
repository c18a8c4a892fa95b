"""One supervised service: its state machine, its health, its restarts and its end.

A single task lives through the service's lives (`_supervise`); `begin` and `stop` are the only ways in, take the
service's lock and may be called any number of times. Waiting for others happens outside the lock, so a stop never does.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

from hubtui.errors import EngineError
from hubtui.models import Health, ServiceState
from hubtui.stacks.engines.process.pulse import Pulse
from hubtui.stacks.engines.process.restart import Restarts, duration, how_it_ended, kernel_kills
from hubtui.stacks.engines.process.spawn import Child, environment, spawn
from hubtui.stacks.engines.process.state import Reported, Shared
from hubtui.stacks.engines.process.stop import any_exit, end_tree, stop_signal
from hubtui.stacks.health import Place
from hubtui.stacks.logfiles import LogWriter, service_folder
from hubtui.stacks.spec.model import Condition, Service, Stack

_DAEMON = 0.3  # seconds that whoever a main process leaves behind has to become a daemon
_LOOK = 2.0  # seconds between looks at a tree whose main process is gone

STOPPED, STARTING, RUNNING = ServiceState.STOPPED, ServiceState.STARTING, ServiceState.RUNNING
RESTARTING, STOPPING = ServiceState.RESTARTING, ServiceState.STOPPING
EXITED, FAILED = ServiceState.EXITED, ServiceState.FAILED

LOG_HINT = "Read its log: its last lines say why; mend it and press s again."


class Supervised(Reported):
    """A service of the stack, up or not. `ready` is what a start waits for."""

    def __init__(self, stack: Stack, name: str, shared: Shared) -> None:
        super().__init__(name, shared.reporter)
        self.pulse = Pulse(self, self._note)
        self.lock = asyncio.Lock()
        self._shared = shared
        self._error: EngineError | None = None
        self._child: Child | None = None
        self._log: LogWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self.adopt(stack)

    def adopt(self, stack: Stack) -> None:
        """Take over what the stack says now; the process that runs keeps what it was started with."""
        self.stack = stack
        self.spec: Service = stack.services[self.name]
        users = (d for s in stack.services.values() for d in s.depends_on if d.service == self.name)
        self.one_shot = any(d.condition is Condition.COMPLETED for d in users)

    # What others see

    @property
    def ready(self) -> bool:
        """Running and healthy (without a check: alive for a moment); a one-shot: completed."""
        if self.state is RUNNING and not self.one_shot:
            return self.health is Health.HEALTHY if self.spec.health else self.pulse.settled
        return self.state is EXITED

    @property
    def _checked(self) -> bool:
        return self.spec.health is not None and not self.one_shot

    @property
    def up(self) -> bool:
        """Whether it has a process, or will have one by its restart policy."""
        return self.holding and self.state in (STARTING, RUNNING, RESTARTING)

    @property
    def holding(self) -> bool:
        """Whether anything of it lives or will come back."""
        return (self._task is not None and not self._task.done()) or self.state is STOPPING

    async def wait_ready(self) -> None:
        """Raises EngineError as soon as it cannot become ready by itself."""
        while not self.ready:
            if self.state in (FAILED, STOPPED, STOPPING) or self.health is Health.UNHEALTHY:
                raise self.failure()
            await asyncio.wait([self.change()])

    def failure(self) -> EngineError:
        """Why it is not ready, for people."""
        if self._error:
            return self._error
        if self.state is FAILED:
            return EngineError(f"{self.name} {self.message}", LOG_HINT, kind="service_exited", service=self.name)
        if self.health is Health.UNHEALTHY:
            said = f"{self.name} is unhealthy: {self.pulse.said}"
            return EngineError(said, LOG_HINT, kind="unhealthy", service=self.name)
        said = f"{self.name} was stopped while it was starting"
        return EngineError(said, "Press s to start it again.", kind="stopped", service=self.name)

    # The ways in

    async def begin(self) -> None:
        """See to it that it is being run; nothing happens where it is. What an earlier life left is ended first."""
        async with self.lock:
            if self.up:
                return
            await self._quit()
            if self._child:
                await self._end_tree()
            self._error, self.restarts = None, 0
            self.tell(STARTING, health=Health.STARTING if self._checked else Health.NONE)
            self._task = asyncio.create_task(self._supervise(), name=f"supervise {self.name}")

    async def stop(self) -> None:
        """End every process of it, whatever it is doing; returns when none is left."""
        async with self.lock:
            await self._quit()
            census, began = self._shared.census, time.monotonic()
            if self._child and (not self._child.exit.done() or await census.of(self.name)):
                self.tell(STOPPING)
                self._note(f"stopping with {stop_signal(self.spec.stop_signal).name}")
                forced = await self._end_tree()
                how = ", killed after its grace period" if forced else ""
                self._note(f"stopped after {duration(time.monotonic() - began)}{how}")
                self.tell(STOPPED, health=Health.NONE)
            elif self.state in (EXITED, FAILED):  # down already: how it went stays to be read
                self.tell(STOPPED, health=Health.NONE, message=self.message, exit_code=self.exit_code)
            elif self.state is not STOPPED:
                self.tell(STOPPED, health=Health.NONE)
            self._close_log()
            self.wake()

    def log(self) -> LogWriter:
        """The open log of this service."""
        if self._log is None:
            c = self._shared.context
            self._log = LogWriter(service_folder(c.logs, self.name), c.run, c.log_limits, self.stack.secrets)
        return self._log

    def environment(self) -> dict[str, str]:
        """The whole environment of its processes."""
        return environment(self.spec, self._shared.context.marker)

    # One task through all its lives

    async def _supervise(self) -> None:
        restarts = Restarts(self.spec, self._shared.pace)
        try:
            while (delay := await self._live(restarts)) is not None:
                await asyncio.sleep(delay)
                self.restarts += 1
                self.tell(STARTING, health=Health.STARTING if self._checked else Health.NONE)
        except EngineError as error:  # it cannot even be started
            error.service = self.name
            self._error = error
            self.tell(FAILED, health=Health.NONE, message=error.message)
            self._note(error.message)
        except Exception as error:
            self._note(f"hubtui lost hold of it and ends it: {error!r}")
            self.tell(FAILED, health=Health.NONE, message=f"hubtui lost hold of it: {error!r}")
            await self._end_tree()
        self._close_log()

    async def _live(self, restarts: Restarts) -> float | None:
        """One life, from its process to its end; the seconds until the next one, or None if there is none."""
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
                await self._empty()
                code, how = None, how_it_ended(None, time.monotonic() - child.began)
                self._note(how)
        finally:
            watching.cancel()
            await asyncio.wait([watching], timeout=1)
        now = time.monotonic()
        was_ready = self.pulse.well_since is not None
        verdict = restarts.after(code, now - (self.pulse.well_since or now), now)
        if code is not None and code < 0:
            code = 128 - code  # as a shell counts signals
        if isinstance(verdict, float):
            how = f"restarts in {duration(verdict)} ({how.rpartition(' after ')[0]})"
            self._note(how)
            self.tell(RESTARTING, health=Health.NONE, message=how, exit_code=code)
            await self._end_tree()
            return verdict
        left = await self._shared.census.of(self.name)  # before it is told: then this ends with the telling
        if verdict is None and code in (0, None) and (was_ready or not self._checked):
            self.tell(EXITED, health=Health.NONE, message=how, exit_code=code)
            if left:  # still its own: a stop ends it
                await self._empty()
            return None
        if code == 0:
            how += ", before it was healthy"
        self.tell(FAILED, health=Health.NONE, message="; ".join(filter(None, [how, verdict])), exit_code=code)
        if left:
            await self._end_tree()
        return None

    def _spawn(self) -> Child:
        child = spawn(self.spec.process, self.stack.folder, self.environment(), self.log())
        self._child = child
        self.pulse.reset()
        census = self._shared.census
        census.add_main(child.pid, self.name)
        child.exit.add_done_callback(lambda _: census.remove_main(child.pid))
        self._note(f"started, PID {child.pid}")
        return child

    def _ended(self, child: Child, code: int) -> str:
        out_of_memory = False
        if code == -9:
            seen, self._shared.kernel_kills = self._shared.kernel_kills, kernel_kills()
            out_of_memory = self._shared.kernel_kills > seen
        how = how_it_ended(code, time.monotonic() - child.began, out_of_memory)
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

    async def _empty(self) -> None:
        """Wait until its tree is empty by itself."""
        while live := await self._shared.census.of(self.name):
            await any_exit(live, _LOOK)

    async def _end_tree(self) -> bool:
        """End all that lives of it; True if force was needed."""
        name, census = self.name, self._shared.census
        forced = await end_tree(
            lambda: census.of(name), stop_signal(self.spec.stop_signal), self.spec.stop_grace_period, self._stuck
        )
        if self._child:
            await self._child.ended()
            self._child.output.close()
            self._child = None
        census.forget(name)
        return forced

    def _stuck(self, message: str) -> None:
        if message != self.message:
            self.tell(message=message)

    def _feel_pulse(self) -> asyncio.Task[None]:
        check = self.spec.health if self._checked else None
        place = Place(self.stack.folder, self.environment() if check else {})
        return asyncio.create_task(
            self.pulse.feel(check, self._shared.context.health, place), name=f"pulse {self.name}"
        )

    def _note(self, text: str) -> None:
        self.log().note(text)

    async def _quit(self) -> None:
        task, self._task = self._task, None
        if task and not task.done():
            task.cancel()
            await asyncio.wait([task])

    def _close_log(self) -> None:
        if self._child and self._child.exit.done():
            self._child.output.close()
        if self._log:
            self._log.close()
            self._log = None
