"""One stage within one start: what it waited for, how long it took, and how long it has."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence

from hubtui.errors import EngineError
from hubtui.models import ServiceState
from hubtui.stacks.spec.model import Condition, Dependency, Stage
from hubtui.stacks.supervise.restart import duration
from hubtui.stacks.supervise.service import Supervised

_AIM = {Condition.HEALTHY: " to be healthy", Condition.COMPLETED: " to complete", Condition.STARTED: ""}
_AT_ONCE = 0.05  # seconds of waiting that are not worth a word


def waits_for(dependencies: Sequence[Dependency]) -> str:
    """ "waits for store to be healthy, migrate to complete"; "" for none."""
    aims = dict.fromkeys(d.service + _AIM[d.condition] for d in dependencies)
    return f"waits for {', '.join(aims)}" if aims else ""


class StageRun:
    """Its clock runs from when the first of its services begins, whatever the others still wait for."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._called = time.monotonic()
        self._began: float | None = None
        self._behind: dict[str, Sequence[Dependency]] = {}  # what each of its services waited for last, of other stages
        self._first = ""  # the service that began first
        self._deadline: float | None = None  # the loop's time
        self._limits: set[asyncio.Timeout] = set()
        self._too_late: EngineError | None = None

    def waits(self, service: str, dependencies: Sequence[Dependency]) -> None:
        """One of its services waits for these now."""
        self._behind[service] = [d for d in dependencies if d.service not in self.stage.services]

    def begin(self, service: str) -> None:
        """One of its services begins."""
        if self._began is not None:
            return
        self._began, self._first = time.monotonic(), service
        if self.stage.timeout is not None:
            self._deadline = asyncio.get_running_loop().time() + self.stage.timeout
            for limit in self._limits:
                limit.reschedule(self._deadline)

    @property
    def waiting(self) -> str:
        """What all of it waits for; "" once it has begun."""
        return "" if self._began is not None else waits_for([d for each in self._behind.values() for d in each])

    def story(self, ready: int) -> str:
        """How it went, when it is over with so many ready: "2 of 2 ready after 3.1 s, waited 2.0 s for postgres"."""
        count = f"{ready} of {len(self.stage.services)}"
        if self._began is None and not self._behind:
            return f"{count} already up" if ready else ""
        after = f" after {duration(time.monotonic() - self._began)}" if self._began is not None else ""
        return f"{count} ready{after}{self._waited()}"

    def _waited(self) -> str:
        behind = [self._behind.get(self._first, ())] if self._began is not None else self._behind.values()
        names = dict.fromkeys(d.service for each in behind for d in each)
        seconds = (self._began or time.monotonic()) - self._called
        return f", waited {duration(seconds)} for {', '.join(names)}" if names and seconds >= _AT_ONCE else ""

    @contextlib.asynccontextmanager
    async def limit(self) -> AsyncIterator[None]:
        """Raises TimeoutError once its time is over."""
        async with asyncio.timeout_at(self._deadline) as limit:
            self._limits.add(limit)
            try:
                yield
            finally:
                self._limits.discard(limit)

    def too_late(self, services: Mapping[str, Supervised]) -> EngineError:
        """Its time is over, and this is what it still waits for: as it was when that was asked first."""
        if self._too_late is None:
            late = [services[name] for name in self.stage.services if not services[name].ready]
            self._too_late = EngineError(
                f"stage {self.stage.name} was not ready within {self.time}: it still waits for"
                f" {', '.join(map(_lacks, late))}",
                f"Read the log, or give it more time: x-hubtui.stages.{self.stage.name}.timeout.",
                kind="stage_timeout",
                service=next((s.name for s in late if s.state is not ServiceState.WAITING), ""),
            )
        return self._too_late

    @property
    def time(self) -> str:
        """How long it has."""
        return duration(self.stage.timeout or 0)


def _lacks(service: Supervised) -> str:
    """What is missing for it to be ready: "api to be healthy (HTTP 503)"."""
    if service.state in (ServiceState.WAITING, ServiceState.RESTARTING):
        return f"{service.name} ({service.message})"
    if service.one_shot:
        return f"{service.name} to complete"
    if service.checked:
        said = f" ({service.pulse.said})" if service.pulse.said else ""
        return f"{service.name} to be healthy{said}"
    return f"{service.name} to run"
