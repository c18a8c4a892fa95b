"""What an estimate is asked with, and what it answers. Times are seconds since the attempt began, by one clock that
never goes back; durations are seconds."""

from __future__ import annotations

from dataclasses import dataclass

from hubtui.models import StepState


@dataclass(frozen=True, slots=True)
class Seen:
    """A step of the job under way, as it is now. `key` and `parent` are the engine's own names."""

    key: str
    name: str
    parent: str | None
    state: StepState
    began: float | None = None
    ended: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """`left` is the median of what is left; `late` what nine in ten need at most, None where too few are known to say.
    `percent` is 0..99. Without any earlier job `percent` and `left` are None. `basis` says what it rests on."""

    percent: int | None
    left: float | None
    late: float | None
    basis: str


@dataclass(frozen=True, slots=True)
class Usual:
    """What a step took in earlier jobs when it was not cached, `count` times in all."""

    median: float
    p90: float
    count: int
