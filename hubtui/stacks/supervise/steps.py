"""The rows of progress of one start: a step for every stage, below it one for every service."""

from __future__ import annotations

from collections.abc import Sequence

from hubtui.models import StepState
from hubtui.stacks.engines.base import Reporter
from hubtui.stacks.spec.model import Dependency
from hubtui.stacks.supervise.stage import StageRun, waits_for

_OVER = (StepState.DONE, StepState.CACHED, StepState.FAILED, StepState.CANCELLED)


class StartSteps:
    """Reports the services' steps and derives the stages' from them."""

    def __init__(self, reporter: Reporter, stages: Sequence[StageRun]) -> None:
        self._reporter = reporter
        self._stage_of = {name: run for run in stages for name in run.stage.services}
        self._states: dict[str, StepState] = {}
        self._shown: dict[str, tuple[StepState, str]] = {}
        self._said: dict[str, str] = {}
        for run in stages:
            self._show(run)
            for name in run.stage.services:
                self.set(name, StepState.WAITING)

    def set(self, service: str, state: StepState, message: str = "") -> None:
        """This service's step is now so; one that is over stays as it is."""
        run = self._stage_of.get(service)
        if run is None or self._states.get(service) in _OVER:
            return
        self._states[service] = state
        self._reporter.step(f"service:{service}", service, state, parent=f"stage:{run.stage.name}", message=message)
        self._show(run)

    def waits(self, service: str, dependencies: Sequence[Dependency]) -> None:
        """What a service that has not begun waits for."""
        if run := self._stage_of.get(service):
            run.waits(service, dependencies)
        self.set(service, StepState.WAITING, waits_for(dependencies))

    def say(self, service: str, message: str) -> None:
        """What a service that is being started waits for."""
        if message and message != self._said.get(service):
            self._said[service] = message
            self.set(service, StepState.RUNNING, message)

    def close(self, message: str) -> None:
        """Nothing more will happen: what is not over is cancelled."""
        for service in list(self._states):
            self.set(service, StepState.CANCELLED, message)

    def _show(self, run: StageRun) -> None:
        states = [self._states.get(name, StepState.WAITING) for name in run.stage.services]
        state = _derived(states)
        shown = state, run.story(states.count(StepState.DONE)) if state in _OVER else run.waiting
        if self._shown.get(run.stage.name) != shown:
            self._shown[run.stage.name] = shown
            self._reporter.step(f"stage:{run.stage.name}", run.stage.name, state, message=shown[1])


def _derived(states: Sequence[StepState]) -> StepState:
    if all(s in _OVER for s in states):
        bad = (s for s in (StepState.FAILED, StepState.CANCELLED) if s in states)
        return next(bad, StepState.DONE)
    return StepState.RUNNING if any(s is not StepState.WAITING for s in states) else StepState.WAITING
