"""When the job under way should have ended: learned from the earlier ones like it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hubtui.models import Timeline, now
from hubtui.workers.runner.estimate import Estimator, Seen
from hubtui.workers.runner.picture import Picture

ENOUGH = 3  # times that a step was seen, below which nothing is called usual
STEADY = 2.0, 0.1  # seconds, and share of what is left, by which an end must move before it is told anew


@dataclass(frozen=True, slots=True)
class Told:
    """What is kept with the job. `percent` is None where nothing is known to learn from."""

    percent: int | None
    eta: tuple[datetime | None, datetime | None]
    basis: str


class Forecast:
    """`past` are the earlier jobs of its kind, `began` is when its attempt did (CLOCK_MONOTONIC)."""

    def __init__(self, past: Sequence[Timeline], what: str, began: float, clock: Callable[[], datetime] = now) -> None:
        self._estimator = Estimator(past, what)
        self._began, self._clock = began, clock
        self._eta: tuple[datetime | None, datetime | None] = (None, None)

    def at(self, picture: Picture, moment: float) -> Told:
        """As things stand at `moment` (CLOCK_MONOTONIC)."""
        found = self._estimator.at(self._seen(picture), moment - self._began)
        if found.left is not None:
            self._move(found.left, found.late)
        return Told(found.percent, self._eta, found.basis)

    def usual(self, key: str, name: str, parent: str | None) -> tuple[float, float] | None:
        """Median and p90 in seconds of what this step takes, where that is known well enough."""
        found = self._estimator.usual(key, name, parent)
        return (found.median, found.p90) if found is not None and found.count >= ENOUGH else None

    def _seen(self, picture: Picture) -> list[Seen]:
        return [
            Seen(key, step.name, step.parent, step.state, self._since(step.began), self._since(step.ended))
            for key, step in picture.steps.items()
        ]

    def _since(self, at: float) -> float | None:
        return at - self._began if at else None

    def _move(self, left: float, late: float | None) -> None:
        clock, before = self._clock(), self._eta[0]
        eta = clock + timedelta(seconds=left)
        if before is None or abs((eta - before).total_seconds()) > max(STEADY[0], STEADY[1] * left):
            self._eta = eta, clock + timedelta(seconds=late) if late is not None else None
