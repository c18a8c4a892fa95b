"""The process engine: services as child processes of the runner, by their `x-hubtui.process` commands.

The runner must be a child subreaper (PR_SET_CHILD_SUBREAPER) and have no other children: what a service starts then
cannot get away, and "stopped" means that the kernel knows of no process any more.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from hubtui.errors import EngineError
from hubtui.models import StepState
from hubtui.stacks import health
from hubtui.stacks.engines.base import DEFAULT, BuildOptions, EngineContext, Reporter, Usage
from hubtui.stacks.engines.process.build import build_service, refuse_taken_ports
from hubtui.stacks.engines.process.differs import COUNTED, differences
from hubtui.stacks.engines.process.service import ProcessService, Shared
from hubtui.stacks.engines.process.spawn import let_children_hear
from hubtui.stacks.engines.process.stop import ROUND, end_tree, stop_signal
from hubtui.stacks.engines.process.tree import Census
from hubtui.stacks.engines.process.usage import Meter
from hubtui.stacks.proctree import Stat
from hubtui.stacks.spec.model import Stack
from hubtui.stacks.supervise.ages import Ages
from hubtui.stacks.supervise.builds import NotBuilt, all_built
from hubtui.stacks.supervise.hurry import Hurry
from hubtui.stacks.supervise.order import stop_in_order
from hubtui.stacks.supervise.restart import Pace, kernel_kills
from hubtui.stacks.supervise.start import Start, fly

_TICK = 2.0  # seconds between looks at who escaped, and at orphans to be reaped


class ProcessEngine:
    """Implements `Engine`. `pace` is how restarts are spaced."""

    outlives = False
    upkeep = None
    builds_apart = False  # a build command may well write where the service reads
    lost = ""

    def __init__(self, context: EngineContext, reporter: Reporter, pace: Pace | None = None) -> None:
        self._context, self._reporter = context, reporter
        self._census = Census(context.marker)
        self._hurry = Hurry()
        self._shared = Shared(context, reporter, self._census, pace or Pace(), kernel_kills(), self._hurry)
        self._services: dict[str, ProcessService] = {}
        self._ages = Ages(context.project, reporter, self._services, COUNTED)
        self._meters: dict[str, Meter] = {}
        self._flying: dict[str, asyncio.Task[None]] = {}  # a start or a build at work, by service
        self._ticking: asyncio.Task[None] | None = None
        let_children_hear()

    def check(self, stack: Stack, services: Sequence[str]) -> None:
        bare = [name for name in services if not stack.services[name].process]
        if bare:
            have = "has" if len(bare) == 1 else "have"
            raise EngineError(
                f"{_listed(bare)} {have} no x-hubtui.process: the command that runs on this host in its stead",
                f"Add it in the compose file: services.{bare[0]}.x-hubtui.process: [COMMAND, ARGUMENT...]"
                " (an image's own command is never run on the host), or use another engine.",
                kind="no_process",
                service=bare[0],
            )
        for name in services:
            stop_signal(stack.services[name].stop_signal)

    async def adopt(self, stack: Stack, *, patient: bool = False) -> Sequence[str]:
        return ()

    async def build(self, stack: Stack, services: Sequence[str], options: BuildOptions = DEFAULT) -> None:
        down = [s for name in services if not (s := self._service(stack, name)).up and name not in self._flying]
        await self._check_ports(down)
        builds = {s.name: s for s in down if s.spec.process_build}
        tasks: dict[str, asyncio.Task[None]] = {}
        for name, service in builds.items():
            self._reporter.step(f"build:{name}", f"build {name}", StepState.WAITING)
            tasks[name] = fly(self._flying, service, self._build(service, tasks))
        with self._hurry.work():
            await all_built(tasks)

    async def _check_ports(self, down: Sequence[ProcessService]) -> None:
        if not any(port.published for service in down for port in service.spec.ports):
            return
        self._reporter.step("ports", "ports", StepState.RUNNING)
        try:
            await asyncio.to_thread(refuse_taken_ports, down, self._context.address)
        except EngineError as error:
            self._reporter.step("ports", "ports", StepState.FAILED, message=error.message)
            raise
        self._reporter.step("ports", "ports", StepState.DONE, message="free")

    async def _build(self, service: ProcessService, tasks: dict[str, asyncio.Task[None]]) -> None:
        try:
            below = [tasks[d.service] for d in service.spec.depends_on if d.service in tasks]
            if below:
                await asyncio.wait(below)
            if any(task.cancelled() or task.exception() for task in below):
                raise NotBuilt(f"{service.name} was not built", kind="dependency", service=service.name)
            await build_service(service, self._census, self._reporter, self._hurry)
        except (asyncio.CancelledError, NotBuilt):
            self._reporter.step(f"build:{service.name}", f"build {service.name}", StepState.CANCELLED)
            raise

    async def start(self, stack: Stack, services: Sequence[str]) -> None:
        supervised = [self._service(stack, name) for name in services]
        if self._ticking is None:
            self._ticking = asyncio.create_task(self._tick(), name="process engine tick")
        warm = None
        if any(s.spec.health and s.spec.health.url.startswith("http") for s in supervised):
            warm = asyncio.create_task(health.prepare())  # while the first processes come up
        for one in supervised:
            said = differences(stack, one.spec)
            self._ages.otherwise(one.name, [difference.said for difference in said if not difference.quiet])
        try:
            with self._hurry.work():
                await Start(stack, services, self._services, self._flying, self._reporter).run()
        finally:
            if warm:
                warm.cancel()

    def _service(self, stack: Stack, name: str) -> ProcessService:
        if name not in self._services:
            self._services[name] = ProcessService(stack, name, self._shared)
        elif not self._services[name].holding:
            self._services[name].adopt(stack)
        return self._services[name]

    async def stop(self, services: Sequence[str] | None = None) -> None:
        names = [name for name in self._services if services is None or name in services]
        with self._hurry.work(follows=True, leaves=False):
            await stop_in_order(self._services, names, self._flying)
            if services is None:
                await self._sweep()

    async def _sweep(self) -> None:
        """End whatever is left below us, whosoever it is, until the kernel says that there is nobody."""

        async def everybody() -> list[Stat]:
            return [there for tree in (await self._census.look()).values() for there in tree]

        grace = max((s.spec.stop_grace_period for s in self._services.values()), default=10.0)
        while True:
            await end_tree(everybody, stop_signal("TERM"), grace, self._hurry)
            if self._census.alone():
                return
            await asyncio.sleep(ROUND)

    def compare(self, stack: Stack | None = None) -> Sequence[str]:
        return self._ages.compare(stack)

    async def usage(self) -> dict[str, Usage]:
        found: dict[str, Usage] = {}
        trees = await self._census.look()
        self._meters = {name: self._meters.get(name, Meter()) for name in trees}
        for name, tree in trees.items():
            if service := self._services.get(name):
                percent, memory = self._meters[name].read(tree)
                found[name] = Usage(percent, memory, service.pulse.latency_ms)
        return found

    @property
    def holding(self) -> bool:
        return bool(self._flying) or any(service.holding for service in self._services.values())

    def insist(self) -> None:
        self._hurry.insist()

    async def close(self) -> None:
        if self._ticking:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
            self._ticking = None

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            if self.holding:
                await self._census.look()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]
