"""What comes before the first container starts: images that are missing are pulled, what is to be built is built."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from hubtui.models import StepState
from hubtui.safetext import safe_text
from hubtui.stacks.engines.base import Reporter
from hubtui.stacks.engines.compose.api.client import Docker
from hubtui.stacks.engines.compose.cli import Compose
from hubtui.stacks.engines.compose.command import Ended
from hubtui.stacks.engines.compose.errors import explain, of_text
from hubtui.stacks.engines.compose.progress.jsonlines import JsonProgress
from hubtui.stacks.engines.compose.progress.plain import PlainProgress
from hubtui.stacks.engines.compose.progress.rows import Rows
from hubtui.stacks.engines.compose.service import ComposeService
from hubtui.stacks.engines.compose.together import SharedCall, Ticket
from hubtui.stacks.spec.model import Service, Stack
from hubtui.stacks.supervise.builds import NotBuilt, being_built
from hubtui.stacks.supervise.restart import duration

_ANEW = ("always", "refresh", "daily", "weekly")  # policies by which Compose itself says whether it pulls


class Preparation:
    """Of the services of one job that are not up."""

    def __init__(self, compose: Compose, docker: Docker, reporter: Reporter, stack: Stack) -> None:
        self._compose, self._docker, self._reporter, self._stack = compose, docker, reporter, stack

    async def wanted(self, services: Sequence[ComposeService], rebuild: frozenset[str]) -> dict[str, str]:
        """Which of them need "build" or "pull", by name. Raises Unreachable, Refused."""
        here = await asyncio.gather(*(self._docker.image(image_of(self._stack, s.spec)) for s in services))
        found = {}
        for service, image in zip(services, here, strict=True):
            if what := need(service.spec, image is not None, service.name in rebuild):
                found[service.name] = what
        return found

    def begin(self, services: Sequence[ComposeService], what: str) -> dict[str, Ticket]:
        """One call for all of these, and a place in it for each."""
        known = {service.name: service for service in services}

        async def call(names: Sequence[str]) -> dict[str, Exception]:
            return await self._call([known[name] for name in names], what)

        shared = SharedCall(call, known, opened=True)
        return {name: shared.ticket(name) for name in known}

    async def carry_out(self, service: ComposeService, ticket: Ticket) -> None:
        """Wait for the call on behalf of this service, which says what becomes of it. Raises EngineError."""
        with being_built(service):
            await ticket.wait()

    async def _call(self, services: Sequence[ComposeService], what: str) -> dict[str, Exception]:
        names = [service.name for service in services]
        known = {service.name: service for service in services}
        rows = Rows(self._reporter, names, what, lambda name, line: _print(known[name], line))
        progress = await self._compose.progress()
        images: dict[str, list[str]] = {}
        for service in services:
            images.setdefault(service.spec.image, []).append(service.name)
        reading = JsonProgress(names, images) if progress else PlainProgress(names)
        failed: dict[str, str] = {}

        def hear(line: str) -> None:
            for update in reading.hear(line):
                if update.state is StepState.FAILED and update.service:
                    failed.setdefault(update.service, update.message)
                rows.take(update)

        for service in services:
            service.log().note(f"{what} begins")
        try:
            ended = await self._compose.call(self._stack, what, *names, hear=hear, progress=progress)
        except asyncio.CancelledError:
            rows.end(StepState.CANCELLED, message="stopped")
            raise
        if ended.code == 0:
            rows.end(StepState.DONE, message=f"after {duration(ended.seconds)}")
            return {}
        return self._failures(services, what, failed, ended, rows)

    def _failures(
        self, services: Sequence[ComposeService], what: str, failed: Mapping[str, str], ended: Ended, rows: Rows
    ) -> dict[str, Exception]:
        """Whose own it was, and who was only given up with them."""
        done = "built" if what == "build" else "pulled"
        guilty = [s for s in services if s.name in failed] or list(services)
        errors: dict[str, Exception] = {}
        for service in guilty:
            image = "" if what == "build" else f"'s image {safe_text(service.spec.image, 200)}"
            doing, own = f"{service.name}{image} could not be {done}", failed.get(service.name, "")
            pulled = what == "pull" and own
            error = of_text(own, doing, service.name) if pulled else explain(ended.lines, doing, service.name)
            errors[service.name] = error
            for line in ended.lines[-20:]:
                service.log().note(line)
            rows.end(StepState.FAILED, [service.name], error.message)
        for service in services:
            if service.name not in errors:
                errors[service.name] = NotBuilt(
                    f"{service.name} was not {done}", kind="dependency", service=service.name
                )
        rows.end(StepState.CANCELLED)
        return errors


def need(spec: Service, here: bool, rebuild: bool) -> str:
    """What a service needs before it can start: "build", "pull", or "" for nothing."""
    if spec.build is not None:
        return "build" if rebuild or not here or spec.pull_policy == "build" else ""
    if spec.pull_policy == "never":
        return ""
    policy = spec.pull_policy
    return "pull" if not here or policy in _ANEW or policy.startswith("every_") else ""


def image_of(stack: Stack, spec: Service) -> str:
    """What its image is called."""
    return spec.image or f"{stack.name}-{spec.name}"


def _print(service: ComposeService, line: str) -> None:
    service.log().write("out", f"{line}\n".encode("utf-8", "replace"))
