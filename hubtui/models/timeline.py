"""How an earlier job went, for those who learn from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PastStep:
    """A step that came to its end: `key` and `parent_key` are the engine's own names, times seconds since its job's
    last attempt began."""

    key: str
    name: str
    parent_key: str | None
    cached: bool
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """A job that went well: how many seconds its last attempt took, and the steps of that attempt."""

    job: int
    seconds: float
    steps: tuple[PastStep, ...]


@dataclass(frozen=True, slots=True)
class FirstAndLater:
    """What starts of a project's whole stack took, in seconds: the first, and the median of `count` later ones; None
    where there is none."""

    first: float | None
    later: float | None
    count: int
