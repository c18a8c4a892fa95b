"""Beyond start and stop: images renewed, services scaled, what a stack leaves on its engine taken away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence

from hubtui.models import StepState
from hubtui.stacks.engines.base import Reporter
from hubtui.stacks.engines.compose import leftovers
from hubtui.stacks.engines.compose.acts import Acts
from hubtui.stacks.engines.compose.api.client import Docker
from hubtui.stacks.engines.compose.api.http import Refused, Unreachable
from hubtui.stacks.engines.compose.cli import Compose
from hubtui.stacks.engines.compose.errors import explain, of_api
from hubtui.stacks.engines.compose.labels import ONEOFF, SERVICE
from hubtui.stacks.engines.compose.prepare import Preparation, image_of
from hubtui.stacks.engines.compose.service import ComposeService
from hubtui.stacks.spec.model import Stack

_MUCH = 100_000  # bytes
_WORDS = {"built": "image", "pulled": "image", "cache": "the"}


class ComposeUpkeep:
    """Implements `Upkeep`, for an engine that has found its daemon."""

    def __init__(
        self, compose: Compose, docker: Docker, reporter: Reporter, acts: Acts, service: Callable[[str], ComposeService]
    ) -> None:
        self._compose, self._docker, self._reporter = compose, docker, reporter
        self._acts, self._service = acts, service

    async def pull(self, stack: Stack, services: Sequence[str]) -> Sequence[str]:
        found = [self._service(name) for name in services if stack.services[name].build is None]
        if not found:
            return ()
        preparation = Preparation(self._compose, self._docker, self._reporter, stack)
        tickets = preparation.begin(found, "pull")
        await asyncio.gather(*(preparation.carry_out(service, tickets[service.name]) for service in found))
        with self._in_words():
            return await self._outdated(stack, [service.name for service in found])

    async def _outdated(self, stack: Stack, names: Sequence[str]) -> Sequence[str]:
        images = await asyncio.gather(*(self._docker.image(image_of(stack, stack.services[n])) for n in names))
        now = {name: str(image["Id"]) for name, image in zip(names, images, strict=True) if image}
        running = [
            (c["Labels"][SERVICE], c["ImageID"])
            for c in await self._docker.containers(stack.name)
            if c.get("State") == "running" and SERVICE in c["Labels"] and c["Labels"].get(ONEOFF) != "True"
        ]
        return [name for name in names if any(s == name and now.get(name, i) != i for s, i in running)]

    async def scale(self, stack: Stack, service: str, count: int) -> None:
        self._acts.scales[service] = count
        await self._acts.rescale(service)

    async def down(self, stack: Stack) -> str:
        await self._down(stack)
        return "all stopped; containers and networks are removed, images and volumes stay"

    async def _down(self, stack: Stack) -> None:
        step = ("down", "remove containers and networks")
        self._reporter.step(*step, StepState.RUNNING)
        ended = await self._compose.call(stack, "down", "--remove-orphans", every_profile=True)
        if ended.code:
            error = explain(ended.lines, f"{stack.name} could not be taken down")
            self._reporter.step(*step, StepState.FAILED, message=error.message)
            raise error
        self._reporter.step(*step, StepState.DONE)

    async def clean(self, stack: Stack, words: Sequence[str]) -> str:
        with self._in_words():
            plan = await leftovers.look(self._docker.http, stack.name, words)
        await self._down(stack)
        kept = 0
        with self._in_words():
            for one in plan.goes:
                kept += not await self._take_away(one)
        freed = f"{plan.bytes / 1e6:.1f} MB freed" if plan.bytes > _MUCH else "nothing of size was freed"
        return f"all of it is gone from the engine, {freed}" + (f"; {kept} could not be removed" if kept else "")

    async def _take_away(self, one: leftovers.Leftover) -> bool:
        ways: dict[str, Callable[[], Awaitable[None]]] = {
            "built": lambda: self._docker.remove_image(one.id),
            "pulled": lambda: self._docker.remove_image(one.id),
            "volume": lambda: self._docker.remove_volume(one.name),
            "cache": self._docker.prune_builds,
        }
        if one.kind not in ways:
            return True
        step = (f"remove:{one.kind}:{one.name}", f"remove {_WORDS.get(one.kind, one.kind)} {one.name}")
        self._reporter.step(*step, StepState.RUNNING)
        try:
            await ways[one.kind]()
        except Refused as error:
            self._reporter.step(*step, StepState.FAILED, message=error.message)
            return False
        self._reporter.step(*step, StepState.DONE)
        return True

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except (Refused, Unreachable) as error:
            raise of_api(error, self._docker.http.endpoint.url) from error
