"""What a runner knows of its run, and what follows from it: progress, the run's state, a few words. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hubtui.models import Health, JobState, JobType, RunState, ServiceState, StepState
from hubtui.workers.runner.watch import Doing

CLAIMED, BUILT, STARTED, DONE = 10, 30, 80, 100  # per cent: the plain scheme, until durations are learned
Usual = Callable[[str, str, str | None], tuple[float, float] | None]
_DONE = (StepState.DONE, StepState.CACHED)
_BEFORE_START = ("ports", "session", "build:")  # keys of the steps that count while a job builds


@dataclass(slots=True)
class _Service:
    state: ServiceState = ServiceState.STOPPED
    health: Health = Health.NONE

    @property
    def fine(self) -> bool:
        running = self.state is ServiceState.RUNNING and self.health in (Health.NONE, Health.HEALTHY)
        return running or self.state in (ServiceState.EXITED, ServiceState.STOPPED)


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    state: StepState
    message: str
    parent: str | None = None
    began: float = 0.0  # CLOCK_MONOTONIC, as far as it has begun
    ended: float = 0.0

    @property
    def words(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


_UNKNOWN = _Step("", StepState.WAITING, "")


@dataclass(slots=True)
class Picture:
    """Services by name, and the steps of the job under way."""

    services: dict[str, _Service] = field(default_factory=dict)
    steps: dict[str, _Step] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    def begin(self, names: Sequence[str]) -> None:
        """A new job on these services."""
        self.names = tuple(names) or tuple(n for n, s in self.services.items() if s.state is ServiceState.RUNNING)
        self.steps = {}

    def service(self, name: str, state: ServiceState | None, health: Health | None) -> None:
        """Take in a report."""
        known = self.services.setdefault(name, _Service())
        known.state = state or known.state
        known.health = health or (Health.NONE if state in (ServiceState.STOPPED, ServiceState.EXITED) else known.health)

    def step(self, key: str, name: str, state: StepState, message: str, parent: str | None = None) -> None:
        """Take in a report."""
        known, at = self.steps.get(key, _UNKNOWN), time.monotonic()
        began = known.began or (0.0 if state is StepState.WAITING else at)
        ended = 0.0 if state in (StepState.WAITING, StepState.RUNNING) else known.ended or at
        self.steps[key] = _Step(name, state, message, parent, began, ended)

    def progress(self, type: JobType, phase: JobState) -> tuple[int, str, str | None]:  # noqa: A002
        """(per cent, sentence, name of the step under way)."""
        message, step = self._now()
        if type.ends:
            ended = sum(self._of(n).state in (ServiceState.STOPPED, ServiceState.EXITED) for n in self.names)
            return round(CLAIMED + (99 - CLAIMED) * _part(ended, len(self.names))), message, step
        if phase is JobState.BUILDING:
            built = [step.state in _DONE for key, step in self.steps.items() if key.startswith(_BEFORE_START)]
            share = sum(built) / len(built) if built else 0.0  # none is known yet
            return round(CLAIMED + (BUILT - CLAIMED) * share), message, step
        up = sum(self._of(n).state in (ServiceState.RUNNING, ServiceState.EXITED) for n in self.names)
        ready = sum(self.steps.get(f"service:{n}", _UNKNOWN).state in _DONE for n in self.names)
        share = (STARTED - BUILT) * _part(up, len(self.names)) + (99 - STARTED) * _part(ready, len(self.names))
        return round(BUILT + share), message, step

    def _now(self) -> tuple[str, str | None]:
        for key, step in self.steps.items():
            if step.state is StepState.RUNNING and not key.startswith("stage:"):
                doing = f"starting {step.words}" if key.startswith("service:") else step.words
                below = (s for s in self.steps.values() if s.parent == key and s.state is StepState.RUNNING)
                inner = next(below, None)
                return (f"{step.name}: {inner.words}" if inner else doing), step.name
        return "", None

    def doing(self, usual: Usual = lambda key, name, parent: None) -> list[Doing]:
        """The steps under way, without those that only hold others which are; `usual` knows what a step takes."""
        live = {key: step for key, step in self.steps.items() if step.state is StepState.RUNNING}
        held = {step.parent for step in live.values()}
        return [
            Doing(
                _words(key, step.name),
                step.began,
                usual(key, step.name, step.parent),
                build=not key.startswith("service:"),
            )
            for key, step in live.items()
            if key not in held and not key.startswith("stage:")
        ]

    def working(self) -> list[str]:
        """The services that are being built or started."""
        keys = (key.partition(":") for key, step in self.steps.items() if step.state is StepState.RUNNING)
        return [name for kind, _, name in keys if kind in ("build", "service")]

    def up(self) -> frozenset[str]:
        """The services that run."""
        return frozenset(n for n, s in self.services.items() if s.state is ServiceState.RUNNING)

    def _of(self, name: str) -> _Service:
        return self.services.get(name, _Service())

    def run_state(self, starting: bool) -> RunState:
        """What the run is, seen from its services; `starting` while a start of the whole stack is under way."""
        if starting:
            return RunState.STARTING
        return RunState.UP if all(s.fine for s in self.services.values()) else RunState.DEGRADED

    def failed(self) -> list[str]:
        """Services that failed."""
        return [n for n, s in self.services.items() if s.state is ServiceState.FAILED]

    def summary(self) -> str:
        """For instance "4 of 4 services up"."""
        up = sum(s.state is ServiceState.RUNNING for s in self.services.values())
        done = sum(s.state is ServiceState.EXITED for s in self.services.values())
        if not up and not done:
            return "nothing is up"
        ended = f", {done} ended" if done else ""
        return f"{up} of {len(self.services) - done} services up{ended}"


def _words(key: str, name: str) -> str:
    return f"the start of {name}" if key.startswith("service:") else name


def _part(some: int, whole: int) -> float:
    return some / whole if whole else 1.0
