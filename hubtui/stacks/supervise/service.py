"""One supervised service: its state machine, its health, its restarts and its end, whatever engine runs it.

A single task lives through the service's lives (`_supervise`); `begin` and `stop` are the only ways in, take the
service's lock and may be called any number of times. Waiting for others happens outside the lock, so a stop never does.
"""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from collections.abc import Callable

from hubtui.errors import EngineError
from hubtui.models import Health, ServiceState
from hubtui.stacks.causes import endings
from hubtui.stacks.engines.base import EngineContext, Reporter
from hubtui.stacks.logfiles import LogWriter, service_folder
from hubtui.stacks.spec.model import Condition, HealthCheck, Service, Stack
from hubtui.stacks.supervise.hurry import Hurry
from hubtui.stacks.supervise.pulse import Pulse
from hubtui.stacks.supervise.restart import Pace, Restarts, duration
from hubtui.stacks.supervise.state import Reported

STOPPED, STARTING, RUNNING = ServiceState.STOPPED, ServiceState.STARTING, ServiceState.RUNNING
RESTARTING, STOPPING = ServiceState.RESTARTING, ServiceState.STOPPING
EXITED, FAILED = ServiceState.EXITED, ServiceState.FAILED

LOG_HINT = "Read its log: its last lines say why; mend it and press s again."
HEALTH_HINT = (
    "It runs, but its check does not pass: read its log, and look at its healthcheck (is it the port it listens on?);"
    " start_period gives it more time. Press s again."
)


class Supervised(Reported):
    """A service of the stack, up or not. `ready` is what a start waits for."""

    def __init__(
        self, stack: Stack, name: str, context: EngineContext, reporter: Reporter, pace: Pace, hurry: Hurry
    ) -> None:
        super().__init__(name, reporter)
        self.pulse = Pulse(self, self._note)
        self.lock = asyncio.Lock()
        self.out_of_memory = False  # whether its last life was ended by the kernel for want of memory
        self._context = context
        self._pace, self._hurry = pace, hurry
        self._error: EngineError | None = None
        self._log: LogWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self.begun_with: Service | None = None  # the entry that what is up was started with; None: not from here
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
            return self.health is Health.HEALTHY if self.checked else self.pulse.settled
        return self.state is EXITED

    @property
    def check(self) -> HealthCheck | None:
        """The health check that counts for it, if any."""
        return self.spec.health

    @property
    def checked(self) -> bool:
        """Whether its health is looked at. A one-shot's is not: it is to end."""
        return self.check is not None and not self.one_shot

    @property
    def up(self) -> bool:
        """Whether it has a process, or will have one by its restart policy."""
        return self.holding and self.state in (STARTING, RUNNING, RESTARTING)

    @property
    def holding(self) -> bool:
        """Whether anything of it lives or will come back."""
        return (self._task is not None and not self._task.done()) or self.state is STOPPING

    async def wait_ready(self, hear: Callable[[str], None] = lambda message: None) -> None:
        """`hear` is told what it says of itself meanwhile. Raises EngineError as soon as it cannot become ready by
        itself."""
        while not self.ready:
            if self.state in (FAILED, STOPPED, STOPPING) or self.health is Health.UNHEALTHY:
                raise self.failure()
            hear(self.message)
            await asyncio.wait([self.change()])

    def failure(self) -> EngineError:
        """Why it is not ready, for people."""
        if self._error:
            return self._error
        if self.state is FAILED:  # never transient, whatever it printed: its own code gave up
            hint = endings.hint(self.exit_code, self.out_of_memory) or LOG_HINT
            return EngineError(f"{self.name} {self.message}", hint, kind="service_exited", service=self.name)
        if self.health is Health.UNHEALTHY:
            said = f"{self.name} is unhealthy: {self.pulse.said}"
            return EngineError(said, HEALTH_HINT, kind="unhealthy", service=self.name)
        said = f"{self.name} was stopped while it was starting"
        return EngineError(said, "Press s to start it again.", kind="stopped", service=self.name)

    # The ways in

    async def begin(self) -> None:
        """See to it that it is being run; nothing happens where it is. What an earlier life left is ended first."""
        async with self.lock:
            if self.up:
                return
            await self._quit()
            await self._clear()
            self._error, self.restarts = None, 0
            self._tell_starting()
            self._task = asyncio.create_task(self._supervise(), name=f"supervise {self.name}")

    async def stop(self) -> None:
        """End every process of it, whatever it is doing; returns when none is left."""
        async with self.lock:
            await self._quit()
            began = time.monotonic()
            if await self._lives():
                self.tell(STOPPING)
                self._note(f"stopping with {'SIGKILL' if self._hurry.on else self.spec.stop_signal}")
                forced = await self._end()
                how = f", killed {'as was insisted' if self._hurry.on else 'after its grace period'}" if forced else ""
                self._note(f"stopped after {duration(time.monotonic() - began)}{how}")
                self.tell(STOPPED, health=Health.NONE)
            elif self.state in (EXITED, FAILED):  # down already: how it went stays to be read
                self.tell(STOPPED, health=Health.NONE, message=self.message, exit_code=self.exit_code)
            elif self.state is not STOPPED:
                self.tell(STOPPED, health=Health.NONE)
            self._close_log()
            self.wake()

    async def rest(self, message: str) -> None:
        """End what lives of it; `message` says when it is to begin again."""
        async with self.lock:
            self._note(message)
            self.tell(RESTARTING, health=Health.NONE, message=message, exit_code=self.exit_code)
            await self._quit()
            if await self._lives():
                await self._end()

    def log(self) -> LogWriter:
        """The open log of this service."""
        if self._log is None:
            c = self._context
            folder = service_folder(c.logs, self.name)
            self._log = LogWriter(folder, c.run, c.log_limits, self.stack.secrets, clock=self.now)
        return self._log

    def now(self) -> float:
        """The time that its log lines carry, seconds since the epoch."""
        return time.time()

    # What the engine knows

    @abstractmethod
    async def _live(self, restarts: Restarts) -> float | None:
        """One life, from its process to its end; the seconds until the next one, or None if there is none. Raises
        EngineError where it cannot even be started."""

    @abstractmethod
    async def _lives(self) -> bool:
        """Whether anything of it lives."""

    @abstractmethod
    async def _end(self) -> bool:
        """End all that lives of it; True if force was needed."""

    async def _clear(self) -> None:
        """End what an earlier life left, before the next begins."""

    async def _outlive(self) -> None:
        """Wait until what its main process left behind has ended by itself."""

    # One task through all its lives

    async def _supervise(self) -> None:
        restarts = Restarts(self.spec, self._pace)
        try:
            while (delay := await self._live(restarts)) is not None:
                await asyncio.sleep(delay)
                self.restarts += 1
                self._tell_starting()
        except EngineError as error:  # it cannot even be started
            error.service = error.service or self.name
            self._error = error
            self._note(error.message)
            self.tell(FAILED, health=Health.NONE, message=error.message)
        except Exception as error:
            self._note(f"hubtui lost hold of it and ends it: {error!r}")
            self.tell(FAILED, health=Health.NONE, message=f"hubtui lost hold of it: {error!r}")
            await self._end()
        self._close_log()

    async def _judge(self, restarts: Restarts, code: int | None, how: str, shown: int | None) -> float | None:
        """A life has ended with `code` (`shown` to people): what follows by its restart policy, told and done."""
        now = time.monotonic()
        well_since = self.pulse.well_since
        verdict = restarts.after(code, now - (well_since or now), now)
        if isinstance(verdict, float):
            how = f"restarts in {duration(verdict)} ({how.rpartition(' after ')[0] or how})"
            self._note(how)
            self.tell(RESTARTING, health=Health.NONE, message=how, exit_code=shown)
            await self._end()
            return verdict
        left = await self._lives()  # before it is told: then this ends with the telling
        if verdict is None and code in (0, None) and (well_since is not None or not self.checked):
            self.tell(EXITED, health=Health.NONE, message=how, exit_code=shown)
            if left:  # still its own: a stop ends it
                await self._outlive()
            return None
        if code == 0:
            how += ", before it was healthy"
        self.tell(FAILED, health=Health.NONE, message="; ".join(filter(None, [how, verdict])), exit_code=shown)
        if left:
            await self._end()
        return None

    def _tell_starting(self) -> None:
        self.tell(STARTING, health=Health.STARTING if self.checked else Health.NONE)

    def _note(self, text: str) -> None:
        self.log().note(text)

    async def _quit(self) -> None:
        task, self._task = self._task, None
        if task and not task.done():
            task.cancel()
            await asyncio.wait([task])

    def _close_log(self) -> None:
        if self._log:
            self._log.close()
            self._log = None
