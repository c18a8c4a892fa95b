"""The dagger engine: services as containers of one session, which lives as long as the runner that holds it.

Services are started one by one, in the order that the stack says, and never bound to one another: host names are
enough, and with a binding the end of one would kill those that use it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

from hubtui.errors import EngineError
from hubtui.models import ServiceState, StepState
from hubtui.stacks.engines.base import DEFAULT, BuildOptions, EngineContext, PortUse, Reporter, Usage
from hubtui.stacks.engines.dagger import refuse
from hubtui.stacks.engines.dagger.held import Held
from hubtui.stacks.engines.dagger.holder import SessionHolder
from hubtui.stacks.engines.dagger.prepare import Preparation
from hubtui.stacks.engines.dagger.revive import Revival
from hubtui.stacks.engines.dagger.service import DaggerService
from hubtui.stacks.engines.dagger.session import Pings
from hubtui.stacks.engines.dagger.settings import DaggerSettings
from hubtui.stacks.engines.dagger.shared import Shared
from hubtui.stacks.engines.dagger.volumes import VolumeMemory
from hubtui.stacks.spec.model import RestartPolicy, Stack
from hubtui.stacks.supervise.ages import Ages
from hubtui.stacks.supervise.builds import all_built
from hubtui.stacks.supervise.hurry import Hurry
from hubtui.stacks.supervise.order import stop_in_order
from hubtui.stacks.supervise.restart import Pace
from hubtui.stacks.supervise.start import Start, fly


class DaggerEngine:
    """Implements `Engine`. `pace` is how restarts are spaced, `pings` how a session is watched."""

    builds_apart = True
    outlives = False
    upkeep = None

    def __init__(
        self,
        context: EngineContext,
        reporter: Reporter,
        settings: DaggerSettings,
        pace: Pace | None = None,
        pings: Pings | None = None,
    ) -> None:
        self._context, self._reporter = context, reporter
        self._pace = pace or Pace()
        self._memory = VolumeMemory(context.folder / "volumes.json")
        self._hurry = Hurry()
        token = secrets.token_hex(4)
        self._shared = Shared(context, reporter, self._pace, self._hurry, token, self._memory, self._hangs)
        self._services = self._shared.services
        self._ages = Ages(context.project, reporter, self._services, refuse.COUNTED)
        self._flying: dict[str, asyncio.Task[None]] = {}
        watch = pings or Pings()
        self._sessions = SessionHolder(context, reporter, settings, self._session_lost, watch, self._hurry)
        self._revival = Revival(self, self._pace, reporter)
        self._stack: Stack | None = None
        self._insisted = asyncio.Event()
        self._ending: set[str] = set()

    def check(self, stack: Stack, services: Sequence[str]) -> None:
        refuse.check(stack, services)

    async def adopt(self, stack: Stack, *, patient: bool = False) -> Sequence[str]:
        return ()

    async def build(self, stack: Stack, services: Sequence[str], options: BuildOptions = DEFAULT) -> None:
        self._insisted.clear()
        self._memory.forget(options.empty_volumes)
        supervised = [self._service(stack, name) for name in services]
        down = [s for s in supervised if s.name not in self._flying and (not s.up or s.name in options.anew)]
        if not down:
            return
        try:
            await self._build(stack, down)
        except BaseException:
            for service in down:
                await service.drop()
            raise

    async def _build(self, stack: Stack, down: Sequence[DaggerService]) -> None:
        """What the next life of each is made of. One that is up goes on as it is: `start` renews it, once it has
        ended."""
        for service in down:
            if not service.holding:
                service.adopt(stack)
        await self._bind_ports(stack, down)
        for service in down:
            if not service.up:
                self._ages.otherwise(service.name, refuse.notes(stack.services[service.name]))
        held = await self._sessions.hold()
        self._enter(held)
        tasks = {}
        for service in down:
            preparation = Preparation(service, stack, held, self._reporter)
            preparation.waits()
            tasks[service.name] = fly(self._flying, service, preparation.run())
        with self._hurry.work():
            await all_built(tasks)

    async def _bind_ports(self, stack: Stack, services: Sequence[DaggerService]) -> None:
        ports = {s.name: stack.services[s.name].ports for s in services}
        wanted = [s for s in services if any(port.published for port in ports[s.name])]
        if not wanted:
            return
        self._reporter.step("ports", "ports", StepState.RUNNING)
        try:
            for service in wanted:
                take = service.ports.reserve if service.up else service.ports.bind
                await take(ports[service.name], self._context.address)
        except EngineError as error:
            for service in wanted:
                if not service.up:
                    await service.ports.free()
            self._reporter.step("ports", "ports", StepState.FAILED, message=error.message)
            raise
        self._reporter.step("ports", "ports", StepState.DONE, message="free, and held from now on")

    def _enter(self, held: Held) -> None:
        """All services belong to this session; dependencies come first, as `Trace` wants it."""
        for rank, service in enumerate(self._services.values()):
            if service.held is not held:
                service.enter(held, rank)

    def _note_what_differs(self, service: DaggerService) -> None:
        shell = service.prepared is None or service.prepared.image.shell
        notes = refuse.notes(service.spec, shell=shell)
        self._ages.otherwise(service.name, notes)
        for note in notes:
            service.log().note(note)

    async def start(self, stack: Stack, services: Sequence[str]) -> None:
        self._stack = stack
        for name in services:
            service = self._service(stack, name)
            if not service.up and await service.renew():
                self._note_what_differs(service)
        with self._hurry.work():
            await Start(stack, services, self._services, self._flying, self._reporter, self._ending).run()

    def _service(self, stack: Stack, name: str) -> DaggerService:
        if name not in self._services:
            self._services[name] = DaggerService(stack, name, self._shared)
        return self._services[name]

    async def stop(self, services: Sequence[str] | None = None) -> None:
        names = [name for name in self._services if services is None or name in services]
        if services is None:
            await self._revival.cancel()
        self._ending |= set(names)
        try:
            with self._hurry.work(follows=True, leaves=services is None):  # a whole stop goes on as `close`
                await stop_in_order(self._services, names, self._flying)
        finally:
            self._ending -= set(names)
        if services is None:
            for service in self._services.values():
                await service.ports.free()

    def compare(self, stack: Stack | None = None) -> Sequence[str]:
        return self._ages.compare(stack)

    async def usage(self) -> dict[str, Usage]:
        found: dict[str, Usage] = {}
        for name, service in self._services.items():
            if service.up and service.held is not None:
                cpu, memory = service.held.feed.usage(service.trace.id)
                ports = {p.published: PortUse(p.connections, p.bytes_in, p.bytes_out) for p in service.ports}
                found[name] = Usage(cpu, memory, service.pulse.latency_ms, ports)
        return found

    @property
    def holding(self) -> bool:
        return bool(self._flying) or self._revival.at_work or any(s.holding for s in self._services.values())

    @property
    def lost(self) -> str:
        return f"the Dagger session was lost: {self._sessions.lost}" if self._sessions.lost else ""

    def insist(self) -> None:
        self._insisted.set()
        self._hurry.insist()

    async def close(self) -> None:
        await self._revival.cancel()
        with self._hurry.work(follows=True, leaves=False):
            await self._sessions.close()
        for service in self._services.values():
            await service.ports.free()

    @property
    def marker(self) -> str:
        """What every process of this run carries in its environment."""
        return self._context.marker

    async def let_go(self) -> None:
        """The session is lost: end what is left of it here."""
        await self._sessions.discard()

    async def again(self, names: Sequence[str]) -> None:
        """Start these services once more, as the stack was last told. Raises EngineError."""
        assert self._stack is not None
        try:
            await self.build(self._stack, names)
            await self.start(self._stack, names)
        finally:
            self._ages.compare()

    async def _hangs(self, service: DaggerService) -> None:
        """Only the end of the session ends a service that hangs. Nobody else must go with it unasked. Raises
        EngineError where there is nobody to ask."""
        others = self._who_else_ends(service)
        if others and not service.starting:
            said = f"{service.name} could not be ended: the engine does not do it"
            service.tell(message=said)
            raise EngineError(
                said,
                f"Stop the whole project: that ends its session, and with it {service.name}, {', '.join(others)}.",
                kind="stop_hangs",
                service=service.name,
            )
        if others and not await self._all_may_end(service, others):
            return
        why = f"it was closed because {service.name} could not be ended in another way"
        await self._sessions.close(force=True)
        if others:
            self._sessions.lost = why
            return self._session_lost(why, engine_died=False)
        self._reporter.note("session_closed", f"The Dagger session: {why}.")
        for one in self._services.values():
            one.lost(why)

    def _who_else_ends(self, service: DaggerService) -> list[str]:
        """Who runs, and is not to end, beside this service."""
        running = [s for s in self._services.values() if s.state is ServiceState.RUNNING and s is not service]
        return [s.name for s in running if s.name not in self._ending]

    async def _all_may_end(self, service: DaggerService, others: Sequence[str]) -> bool:
        """Say what a start that hangs needs to end, and wait for the word; False where it has returned meanwhile."""
        said = (
            f"{service.name} hangs in its start. It ends with the whole session alone, and so would"
            f" {', '.join(others)}: cancel once more to do that"
        )
        self._insisted.clear()  # a word that was given before it was known for what counts for nothing
        insisting = asyncio.create_task(self._insisted.wait())
        service.tell(message=said)
        try:
            returned = [service.starting] if service.starting else []
            await asyncio.wait([insisting, *returned], return_when=asyncio.FIRST_COMPLETED)
            return insisting.done()
        finally:
            insisting.cancel()

    def _session_lost(self, why: str, engine_died: bool) -> None:
        self._revival.begin(why, engine_died, self._coming_back())
        for service in self._services.values():
            service.lost(why)

    def _coming_back(self) -> list[DaggerService]:
        """What is up and has a restart policy, and is not being ended."""
        up = [s for s in self._services.values() if s.up or s.name in self._flying]
        return [s for s in up if s.spec.restart is not RestartPolicy.NO and s.name not in self._ending]
