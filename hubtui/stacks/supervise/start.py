"""One call of start: every service waits for its own dependencies, and for nothing else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from hubtui.errors import EngineError
from hubtui.models import Health, ServiceState, StepState
from hubtui.stacks import plan
from hubtui.stacks.engines.base import Reporter
from hubtui.stacks.spec.model import Condition, Dependency, Stack
from hubtui.stacks.supervise.restart import duration
from hubtui.stacks.supervise.service import Supervised
from hubtui.stacks.supervise.stage import StageRun, waits_for
from hubtui.stacks.supervise.steps import StartSteps
from hubtui.stacks.supervise.tries import bring_up


def fly(
    flying: dict[str, asyncio.Task[None]], service: Supervised, work: Coroutine[Any, Any, None]
) -> asyncio.Task[None]:
    """Run `work` as what is under way for this service; when it is over (even cancelled before it began) it is out of
    `flying` first, and those who wait for the service are woken then: they judge by both."""
    task = flying[service.name] = asyncio.create_task(work, name=f"bring up {service.name}")

    def over(_: object) -> None:
        if flying.get(service.name) is task:
            del flying[service.name]
        service.wake()

    task.add_done_callback(over)
    return task


class Start:
    """`flying` holds, for all starts together, the task that brings each service up: a stop cancels it there.
    `ending` holds what is to end: for a start that is cancelled, all that it began."""

    def __init__(
        self,
        stack: Stack,
        names: Sequence[str],
        services: Mapping[str, Supervised],
        flying: dict[str, asyncio.Task[None]],
        reporter: Reporter,
        ending: set[str] | None = None,
    ) -> None:
        self._ending = set() if ending is None else ending
        self._names, self._services, self._flying = names, services, flying
        stages = [StageRun(stage) for stage in plan.stages(stack, names)]
        self._stage_of = {name: run for run in stages for name in run.stage.services}
        self._steps = StartSteps(reporter, stages)
        self._failures: list[EngineError] = []
        self._held: list[EngineError] = []

    async def run(self) -> None:
        """Returns when all are ready. Raises the first EngineError once nothing moves any more; cancelled, it stops
        what is not yet ready of what it began itself."""
        mine: dict[str, asyncio.Task[None]] = {}
        joined: list[asyncio.Task[None]] = []
        for name in self._names:
            if name in self._flying:
                joined.append(asyncio.create_task(self._join(name, self._flying[name])))
            elif self._services[name].up and self._services[name].ready:
                self._steps.set(name, StepState.DONE, "already up")
            else:
                mine[name] = fly(self._flying, self._services[name], self._bring_up(name))
        try:
            if mine or joined:
                await asyncio.wait([*mine.values(), *joined])
            self._raise_first()
            for name in self._names:  # one that was ready may have ended since, or be about to come back
                await self._services[name].wait_ready()
        except asyncio.CancelledError:
            await self._take_back(mine, joined)
            raise
        finally:
            self._steps.close("stopped")

    def _raise_first(self) -> None:
        for error in (*self._failures, *self._held):
            raise error

    async def _take_back(self, mine: dict[str, asyncio.Task[None]], joined: list[asyncio.Task[None]]) -> None:
        self._ending.update(mine)
        try:
            for task in (*mine.values(), *joined):
                task.cancel()
            if mine or joined:
                await asyncio.wait([*mine.values(), *joined])
            late = [name for name in mine if not self._services[name].ready]
            await asyncio.gather(*(self._services[name].stop() for name in late))
        finally:
            self._ending.difference_update(mine)

    async def _bring_up(self, name: str) -> None:
        service, run, gated = self._services[name], self._stage_of[name], True
        try:
            async with run.limit():
                await self._gate(service)
                run.begin(name)
                gated, began = False, time.monotonic()
                self._steps.set(name, StepState.RUNNING)
                tries = await bring_up(service, run.stage, lambda said: self._steps.say(name, said))
            self._steps.set(name, StepState.DONE, _success(service, time.monotonic() - began) + tries)
        except TimeoutError:
            await self._too_late(service, run, gated=gated)
        except _Held as held:
            self._held.append(held)
            service.tell(ServiceState.STOPPED, message=held.reason)
            self._steps.set(name, StepState.CANCELLED, held.reason)
        except EngineError as error:
            self._failures.append(error)
            self._steps.set(name, StepState.FAILED, error.message)

    async def _too_late(self, service: Supervised, run: StageRun, *, gated: bool) -> None:
        """The time of its stage is over: unless it is ready just now it ends, so that nobody waits for it any more."""
        if service.ready and not gated:
            return self._steps.set(service.name, StepState.DONE, "ready at the last moment")
        error, said = run.too_late(self._services), f"was not ready within {run.time}, the time of its stage"
        if gated:
            self._held.append(error)
            service.tell(ServiceState.STOPPED, message=said)
            return self._steps.set(service.name, StepState.CANCELLED, said)
        self._failures.append(error)
        try:
            await service.stop()
            service.tell(ServiceState.FAILED, message=said)
        except EngineError as hangs:
            said = hangs.message
        self._steps.set(service.name, StepState.FAILED, said)

    async def _join(self, name: str, task: asyncio.Task[None]) -> None:
        """Somebody else's start is at it: the same outcome counts here."""
        service = self._services[name]
        self._steps.set(name, StepState.RUNNING, "is being started already")
        await asyncio.wait([task])
        if service.ready:
            self._steps.set(name, StepState.DONE, "started")
        else:
            self._failures.append(service.failure())
            self._steps.set(name, StepState.FAILED, self._failures[-1].message)

    async def _gate(self, service: Supervised) -> None:
        """Wait until every dependency is as far as its condition says. Raises _Held when one never will be."""
        said: list[Dependency] = []
        while open_ones := [d for d in service.spec.depends_on if not self._met(service.name, d)]:
            if open_ones != said:
                said = open_ones
                service.tell(ServiceState.WAITING, message=waits_for(open_ones))
                self._steps.waits(service.name, open_ones)
            changes = [self._services[d.service].change() for d in open_ones]
            await asyncio.wait(changes, return_when=asyncio.FIRST_COMPLETED)

    def _met(self, name: str, dependency: Dependency) -> bool:
        other = self._services.get(dependency.service)
        flies = dependency.service in self._flying
        if other is not None:
            if other.state is ServiceState.RUNNING and dependency.condition is Condition.STARTED:
                return True
            if other.state is ServiceState.EXITED and not flies:  # one that flies shows its last life still
                return True
            if other.state is ServiceState.RUNNING and dependency.condition is Condition.HEALTHY and other.ready:
                return True
            if flies or (other.up and other.health is not Health.UNHEALTHY):
                return False
        if not dependency.required:
            return True
        raise _Held(name, dependency.service, other)


class _Held(EngineError):
    """A dependency that will not come keeps a service down."""

    def __init__(self, name: str, dependency: str, other: Supervised | None) -> None:
        if other is not None and other.state is ServiceState.FAILED:
            self.reason = f"{dependency} failed"
        elif other is not None and other.health is Health.UNHEALTHY:
            self.reason = f"{dependency} is unhealthy"
        else:
            self.reason = f"{dependency} is not up"
        super().__init__(
            f"{name} was not started: {self.reason}", f"Start {dependency} first.", kind="dependency", service=name
        )


def _success(service: Supervised, seconds: float) -> str:
    word = "completed" if service.state is ServiceState.EXITED else "healthy" if service.checked else "running"
    return f"{word} after {duration(seconds)}"
