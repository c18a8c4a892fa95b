"""The compose engine. The runner acts through `docker compose`, sees through the Engine API, and owns no container:
when it leaves, they stay."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from hubtui.errors import EngineError
from hubtui.models import ServiceState
from hubtui.stacks import health
from hubtui.stacks.engines.base import DEFAULT, BuildOptions, EngineContext, Reporter, Upkeep, Usage
from hubtui.stacks.engines.compose import program, refuse
from hubtui.stacks.engines.compose.acts import Acts
from hubtui.stacks.engines.compose.api import endpoint
from hubtui.stacks.engines.compose.api.client import Docker
from hubtui.stacks.engines.compose.api.http import Http, Refused, Unreachable
from hubtui.stacks.engines.compose.blame import with_dependents
from hubtui.stacks.engines.compose.cli import Compose
from hubtui.stacks.engines.compose.containers import Container
from hubtui.stacks.engines.compose.develop import Develop
from hubtui.stacks.engines.compose.errors import of_api
from hubtui.stacks.engines.compose.made_from import MadeFrom
from hubtui.stacks.engines.compose.meter import Meter
from hubtui.stacks.engines.compose.prepare import Preparation
from hubtui.stacks.engines.compose.reach import reach, tell_ended
from hubtui.stacks.engines.compose.service import ComposeService
from hubtui.stacks.engines.compose.shared import Shared
from hubtui.stacks.engines.compose.upkeep import ComposeUpkeep
from hubtui.stacks.engines.compose.watch import Watch
from hubtui.stacks.spec.model import Condition, Service, Stack
from hubtui.stacks.supervise.ages import Ages
from hubtui.stacks.supervise.builds import all_built
from hubtui.stacks.supervise.hurry import Hurry
from hubtui.stacks.supervise.order import stop_in_order
from hubtui.stacks.supervise.start import Start, fly

_QUIET = 3.0  # seconds after which most stacks are up


class ComposeEngine:
    """Implements `Engine`, and `Watcher` for what happens to the project's containers."""

    builds_apart = True
    outlives = True
    lost = ""

    def __init__(self, context: EngineContext, reporter: Reporter) -> None:
        self._context, self._reporter = context, reporter
        self._hurry = Hurry()
        self._compose = Compose(program.find(), self._hurry)
        self.endpoint = endpoint.find()
        self._docker = Docker(Http(self.endpoint, self._compose.program.docker or ("docker",)))
        self._services: dict[str, ComposeService] = {}
        self._ages = Ages(context.project, reporter, self._services, refuse.COUNTED)
        self._made_from = MadeFrom(self._compose, self._services, self._ages)
        self._flying: dict[str, asyncio.Task[None]] = {}
        self._meter = Meter(self._docker)
        self._stack: Stack | None = None
        self._watch: Watch | None = None
        self._acts: Acts | None = None
        self._telling: asyncio.Task[None] | None = None
        self._upkeep: ComposeUpkeep | None = None
        self._develop = Develop(self._compose, self)

    @property
    def upkeep(self) -> Upkeep | None:
        return self._upkeep

    def check(self, stack: Stack, services: Sequence[str]) -> None:
        refuse.check(stack, services)

    # Finding what runs

    async def adopt(self, stack: Stack, *, patient: bool = False) -> Sequence[str]:
        try:
            watch = await self._connect(stack, patient=patient)
        except (Unreachable, Refused) as error:
            raise of_api(error, self.endpoint.url) from error
        up = [name for name, service in self._services.items() if service.up]
        if patient:
            tell_ended(watch, stack, up, self._reporter.service)
            await self._follow_files()
        return up

    async def _connect(self, stack: Stack, *, patient: bool = False) -> Watch:
        """Watch the project from now on; what runs of it is taken over. Raises Unreachable, Refused."""
        self._stack = stack
        if self._watch is not None:
            assert self._acts is not None
            self._acts.stack = stack
            return self._watch
        watch = Watch(self._docker, stack.name, self)
        acts = Acts(stack, self._compose, watch, self._hurry, lambda name, text: self._of(name).log().note(text))
        self._shared = Shared(self._context, self._reporter, self._hurry, acts, watch, self._remade)
        await reach(watch, self.endpoint.url, self._reporter, patient=patient)
        self._watch, self._acts = watch, acts
        self._upkeep = ComposeUpkeep(self._compose, self._docker, self._reporter, acts, self._of)
        self._telling = asyncio.create_task(self._tell_versions(), name="docker versions")
        return watch

    async def _tell_versions(self) -> None:
        found = {"endpoint": f"{self.endpoint.url} ({self.endpoint.why})"}
        try:
            found = {"engine": await self._docker.version(), **found}
            self._reporter.versions(found)
            await asyncio.sleep(_QUIET)  # asking costs as much as starting a container: not while that is being done
            found["compose"] = await self._compose.version()
        except (Unreachable, Refused, EngineError):
            pass
        self._reporter.versions(found)

    def _of(self, name: str) -> ComposeService:
        assert self._stack is not None
        if name not in self._services:
            self._services[name] = ComposeService(self._stack, name, self._shared)
        return self._services[name]

    def _service(self, stack: Stack, name: str, *, anew: bool = False) -> ComposeService:
        service = self._of(name)
        if anew or not service.holding:
            service.adopt(stack)
        return service

    # What the watch tells

    def changed(self, service: str, containers: Mapping[str, Container]) -> None:
        known = self._services.get(service)
        if known is None and self._stack is not None and service in self._stack.services:
            if not any(c.lives for c in containers.values()):
                return
            known = self._of(service)
        if known is not None:
            known.see(containers)

    def told_to_end(self, service: str) -> None:
        if known := self._services.get(service):
            known.was_told_to_end()

    def gone(self, why: str) -> None:
        self._reporter.note("daemon_gone", f"The Docker daemon does not answer any more ({why}); it is waited for.")
        for service in self._services.values():
            service.daemon(answers=False)

    def back(self) -> None:
        self._reporter.note("daemon_back", "The Docker daemon answers again; all containers were looked at.")
        for service in self._services.values():
            service.daemon(answers=True)

    # What its own watch of files tells

    def develops(self, service: str, message: str) -> None:
        if known := self._services.get(service):
            known.develops(message)

    def developed(self, service: str, line: str) -> None:
        if known := self._services.get(service):
            known.developed(line)

    async def _follow_files(self, without: Collection[str] = ()) -> None:
        """Of what is up, or will be again, but for these."""
        if self._stack is not None:
            up = [name for name, service in self._services.items() if service.holding and name not in without]
            await self._develop.follow(self._stack, up)

    # Build and start

    async def build(self, stack: Stack, services: Sequence[str], options: BuildOptions = DEFAULT) -> None:
        await self.adopt(stack)
        found = [self._service(stack, name, anew=name in options.anew) for name in services]
        down = [s for s in found if s.name not in self._flying and (not s.up or s.name in options.anew)]
        for service in down:
            service.see(self._watch.of(service.name) if self._watch else {})
            self._ages.otherwise(service.name, refuse.notes(service.spec))
        preparation = Preparation(self._compose, self._docker, self._reporter, stack)
        try:
            wanted = await preparation.wanted(down, options.rebuild)
        except (Unreachable, Refused) as error:
            raise of_api(error, self.endpoint.url) from error
        tasks: dict[str, asyncio.Task[None]] = {}
        for what in ("pull", "build"):
            of_it = [s for s in down if wanted.get(s.name) == what]
            tickets = preparation.begin(of_it, what) if of_it else {}
            tasks |= {s.name: fly(self._flying, s, preparation.carry_out(s, tickets[s.name])) for s in of_it}
        with self._hurry.work():
            await all_built(tasks)

    async def start(self, stack: Stack, services: Sequence[str]) -> None:
        await self.adopt(stack)
        found = [self._service(stack, name) for name in services]
        for service in found:
            if self._watch is not None and not service.seen:
                service.see(self._watch.of(service.name))
        warm = None
        if any(s.spec.health and s.spec.health.url.startswith("http") for s in found):
            warm = asyncio.create_task(health.prepare())  # while the first containers come up
        assert self._acts is not None
        down = self._in_order(stack, [s for s in found if not s.up and s.name not in self._flying])
        ahead = self._acts.up_ahead(down) if down else None
        try:
            with self._hurry.work():
                await Start(stack, services, self._services, self._flying, self._reporter).run()
            await self._follow_files()
        except BaseException:
            if ahead:
                await ahead.end()
            raise
        finally:
            if warm:
                warm.cancel()

    def _in_order(self, stack: Stack, down: Sequence[ComposeService]) -> list[str]:
        """Those that Compose can start in the right order by itself: all but those that wait for a health which only
        hubtui looks at, those that depend on what is older than its entry (which Compose would make anew, unasked), and
        whoever depends on them."""
        ours = {
            service.name
            for service in down
            for d in service.spec.depends_on
            if d.condition is Condition.HEALTHY and _only_ours(stack.services.get(d.service))
        }
        held = with_dependents(stack, ours.union(self._ages.suspects(stack)))
        return [service.name for service in down if service.name not in held]

    # Ends

    async def stop(self, services: Sequence[str] | None = None) -> None:
        names = [name for name in self._services if services is None or name in services]
        await self._follow_files(without=names)
        with self._hurry.work(follows=True, leaves=False):
            if self._acts is not None and not self._flying:
                live = [n for n in names if any(c.lives for c in self._services[n].seen.values())]
                for name in live:
                    self._services[name].tell(ServiceState.STOPPING)
                self._acts.stop_ahead(live)
            await stop_in_order(self._services, names, self._flying)

    def insist(self) -> None:
        self._hurry.insist()

    async def close(self) -> None:
        """Let go of everything here. What runs in Docker goes on."""
        tasks = [*self._flying.values(), *([self._telling] if self._telling else [])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._develop.close()
        await self._made_from.close()
        if self._acts is not None:
            await self._acts.close()
        if self._watch is not None:
            await self._watch.close()
        await self._meter.close()
        await asyncio.gather(*(service.leave() for service in self._services.values()))
        await self._compose.close()
        self._docker.http.close()

    # Who is older than its entry

    def _remade(self, name: str) -> None:
        self._ages.forget(name)
        if self._stack is not None:
            self._made_from.ask(self._stack, self._ages.unknown)

    def compare(self, stack: Stack | None = None) -> Sequence[str]:
        unknown = self._ages.unknown
        for name in unknown:
            self._ages.otherwise(name, refuse.notes(self._services[name].spec))
        if stack is not None:
            self._made_from.ask(stack, unknown)
        return self._ages.compare(stack)

    # Figures

    async def usage(self) -> dict[str, Usage]:
        if self._watch is None or not self._watch.answers:
            return {}
        self._meter.ask(self._watch.containers.values())
        up = {name: s for name, s in self._services.items() if s.up}
        return {n: replace(self._meter.of(s.seen), latency_ms=s.pulse.latency_ms) for n, s in up.items()}

    @property
    def holding(self) -> bool:
        return bool(self._flying) or any(service.holding for service in self._services.values())


def _only_ours(dependency: Service | None) -> bool:
    """Whether hubtui alone looks at its health."""
    return dependency is not None and dependency.health_command is None and bool(dependency.health)
