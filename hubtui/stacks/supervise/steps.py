"""The rows of progress of one start: a step for every stage, below it one for every service."""

from __future__ import annotations

from collections.abc import Sequence

from hubtui.models import StepState
from hubtui.stacks.engines.base import Reporter
from hubtui.stacks.spec.model import Stage

_OVER = (StepState.DONE, StepState.CACHED, StepState.FAILED, StepState.CANCELLED)


class StartSteps:
    """Reports the services' steps and derives the stages' from them."""

    def __init__(self, reporter: Reporter, stages: Sequence[Stage]) -> None:
        self._reporter = reporter
        self._stages = {stage.name: stage.services for stage in stages}
        self._stage_of = {name: stage.name for stage in stages for name in stage.services}
        self._states: dict[str, StepState] = {}
        self._shown: dict[str, StepState] = {}
        self._said: dict[str, str] = {}
        for stage in stages:
            self._show(stage.name, StepState.WAITING)
            for name in stage.services:
                self.set(name, StepState.WAITING)

    def set(self, service: str, state: StepState, message: str = "") -> None:
        """This service's step is now so; one that is over stays as it is."""
        stage = self._stage_of.get(service)
        if stage is None or self._states.get(service) in _OVER:
            return
        self._states[service] = state
        self._reporter.step(f"service:{service}", service, state, parent=f"stage:{stage}", message=message)
        self._show(stage, self._derived(stage))

    def say(self, service: str, message: str) -> None:
        """What a service that is being started waits for."""
        if message and message != self._said.get(service):
            self._said[service] = message
            self.set(service, StepState.RUNNING, message)

    def close(self, message: str) -> None:
        """Nothing more will happen: what is not over is cancelled."""
        for service in list(self._states):
            self.set(service, StepState.CANCELLED, message)

    def _show(self, stage: str, state: StepState) -> None:
        if self._shown.get(stage) is not state:
            self._shown[stage] = state
            self._reporter.step(f"stage:{stage}", stage, state)

    def _derived(self, stage: str) -> StepState:
        states = [self._states.get(name, StepState.WAITING) for name in self._stages[stage]]
        if all(s in _OVER for s in states):
            bad = (s for s in (StepState.FAILED, StepState.CANCELLED) if s in states)
            return next(bad, StepState.DONE)
        return StepState.RUNNING if any(s is not StepState.WAITING for s in states) else StepState.WAITING
