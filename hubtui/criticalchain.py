"""The critical chain of an attempt: the steps that, one after the other, made it take as long as it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hubtui.models import Step, StepState

AT_ONCE = 0.05  # seconds: what is no further apart is taken for one moment


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a step was at work, in seconds since the epoch; never backwards, whatever clocks did."""

    begin: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.begin


def span(step: Step, now: datetime) -> Span | None:
    """A step's span; one under way grows to `now`. None where it never began."""
    if step.started_at is None or step.state is StepState.WAITING:
        return None
    begin = step.started_at.timestamp()
    found = Span(begin, max((step.finished_at or now).timestamp(), begin))
    if step.state is StepState.CANCELLED and found.seconds < AT_ONCE:
        return None  # ended before it had begun
    return found


def leaves(steps: Sequence[Step]) -> list[Step]:
    """The steps without steps below them: those that have some count by these."""
    parents = {step.parent for step in steps}
    return [step for step in steps if step.id not in parents]


def chain(steps: Sequence[Step], now: datetime) -> list[Step]:
    """The critical chain of one attempt, in the order of time.

    It ends with the step that failed, else with the one that ended last; before each stands the one that ended latest
    before it began. Of those that ended together it is the one that took longest, then the first by key.
    """
    spans = {step.id: its for step in leaves(steps) if (its := span(step, now)) is not None}
    begun = [step for step in steps if step.id in spans]
    ends = [step for step in begun if step.state is StepState.FAILED] or begun
    found: list[Step] = []
    while ends:
        found.append(latest(ends, spans))
        ends = [step for step in begun if _led_to(step, found[-1], spans)]
    return found[::-1]


def latest(steps: Sequence[Step], spans: Mapping[int, Span]) -> Step:
    """The step that ended last; of those that ended together the one that took longest, then the first by key."""
    end = max(spans[step.id].end for step in steps) - AT_ONCE
    together = [step for step in steps if spans[step.id].end >= end]
    return min(together, key=lambda step: (-spans[step.id].seconds, step.key, step.id))


def _led_to(step: Step, later: Step, spans: dict[int, Span]) -> bool:
    """Whether it ended before the later one began; what began no earlier cannot, so that a chain always ends."""
    first, second = spans[step.id], spans[later.id]
    if (first.begin, step.id) >= (second.begin, later.id):
        return False
    return first.end <= second.begin + AT_ONCE
