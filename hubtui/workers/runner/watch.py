"""Watching over one attempt at a job: its time limits, and whether it still moves. Pure: every time is passed in, in
seconds of CLOCK_MONOTONIC, so that neither a clock step nor a host that slept makes a job late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hubtui.models import JobState, Notice

FLOOR = 30.0  # seconds: below it nothing is called unusual, however quick it was before


@dataclass(frozen=True, slots=True)
class Limits:
    """`jobs.*` of the settings with what the project says itself: seconds, but for the number of attempts."""

    soft_limit: float = 3600.0
    hard_limit: float = 7200.0
    still_building_after: float = 600.0
    stuck_after: float = 300.0
    max_attempts: int = 3
    retry_delay: float = 60.0


@dataclass(frozen=True, slots=True)
class Doing:
    """A step under way since `began`; what it takes usually (median and p90 in seconds), where history knows."""

    name: str
    began: float
    usual: tuple[float, float] | None = None
    build: bool = False


@dataclass(slots=True)
class Watch:
    """`began` is when the attempt did, `before` how long earlier attempts were at work."""

    limits: Limits
    began: float
    before: float = 0.0
    _since: dict[str, datetime] = field(default_factory=dict)
    _patient: float = 0.0

    def spent(self, now: float) -> float:
        """How long the job has been at work, all attempts together; waiting for the next one does not count."""
        return self.before + now - self.began

    def too_long(self, now: float) -> bool:
        """Whether the hard limit is over."""
        return self.spent(now) > self.limits.hard_limit

    def be_patient(self, now: float) -> None:
        """A person wants to wait on: the silence counts from now."""
        self._patient = now

    def notices(
        self, now: float, clock: datetime, phase: JobState, sign: float, doing: Sequence[Doing]
    ) -> tuple[Notice, ...]:
        """What is to be said at `clock` of a job that gave its last sign of progress at `sign`."""
        silent = now - max(sign, self._patient)
        told = {
            "soft_limit": self._over_soft(now),
            "still_building": self._building(now, phase, doing),
            "stuck": self._stuck(now, silent, doing),
        }
        self._since = {kind: self._since.get(kind, clock) for kind, message in told.items() if message}
        return tuple(Notice(kind, told[kind], since) for kind, since in self._since.items())

    def _over_soft(self, now: float) -> str:
        if self.spent(now) <= self.limits.soft_limit:
            return ""
        soft, hard = span(self.limits.soft_limit), span(self.limits.hard_limit)
        return f"over its soft limit of {soft}; it goes on, until {hard} at most"

    def _building(self, now: float, phase: JobState, doing: Sequence[Doing]) -> str:
        if phase is not JobState.BUILDING:
            return ""
        slow = next((d for d in doing if d.build and d.usual and now - d.began > max(2 * d.usual[1], FLOOR)), None)
        if slow is not None and slow.usual:
            return f"{slow.name} takes {_minutes(now - slow.began)} by now, usually {span(slow.usual[0])}"
        if now - self.began > self.limits.still_building_after:
            return f"still building after {_minutes(now - self.began)}" + (f": {doing[0].name}" if doing else "")
        return ""

    def _stuck(self, now: float, silent: float, doing: Sequence[Doing]) -> str:
        """The step that has been at it the longest is named; what it takes usually decides how long silence is fine."""
        slowest = min(doing, key=lambda d: d.began, default=None)
        usual = slowest.usual if slowest else None
        allowed = max(3 * usual[1], FLOOR) if usual else self.limits.stuck_after
        if silent <= allowed:
            return ""
        if slowest is None:
            return f"possibly stuck: no sign of progress for {_minutes(silent)}"
        known = f", usually {span(usual[0])}" if usual else f", silent for {_minutes(silent)}"
        return f"possibly stuck in {slowest.name} {_minutes(now - slowest.began)}{known}"


def span(seconds: float) -> str:
    """For people: 8 s, 3 min, 2 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.3g} h"


def _minutes(seconds: float) -> str:
    """A duration that grows, in whole minutes once it has any: a sentence that changes each second would be an event
    each second."""
    if seconds >= 60:
        return f"{seconds // 60:.0f} min"
    return f"{seconds // 10 * 10:.0f} s" if seconds >= 10 else "some seconds"
