"""When a service that ended by itself comes back, and when it has failed often enough."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field

from hubtui.stacks.causes import endings
from hubtui.stacks.spec.model import RestartPolicy, Service


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between restarts, and how many ends within `window` seconds are too many."""

    first: float = 1.0
    longest: float = 60.0
    good: float = 60.0  # so long up and healthy, and all is forgotten
    ends: int = 5
    window: float = 600.0


@dataclass(slots=True)
class Restarts:
    """The memory of one service's ends. Times are monotonic seconds."""

    service: Service
    pace: Pace = Pace()
    tries: int = 0  # restarts since all was well
    _ends: deque[float] = field(default_factory=deque)

    def after(self, code: int | None, good_for: float, now: float) -> float | str | None:
        """It ended with `code` (None: unknown) after being well for `good_for` seconds. Returns the seconds until its
        restart; None where its policy lets it be; a clause for people where it has failed for good."""
        policy = self.service.restart
        if policy is RestartPolicy.NO or (policy is RestartPolicy.ON_FAILURE and code == 0):
            return None
        if good_for >= self.pace.good:
            self.tries = 0
            self._ends.clear()
        self._ends.append(now)
        while self._ends[0] < now - self.pace.window:
            self._ends.popleft()
        allowed = self.service.restart_attempts
        if policy is RestartPolicy.ON_FAILURE and allowed is not None and self.tries >= allowed:
            return f"given up after {allowed} restart{'s' * (allowed != 1)}"
        if len(self._ends) >= self.pace.ends:
            return f"given up: ended {len(self._ends)} times within {self.pace.window / 60:g} min"
        self.tries += 1
        return backoff(self.pace.first, self.pace.longest, self.tries)


def backoff(first: float, longest: float, tries: int) -> float:
    """Seconds to wait after so many tries: `first`, twice as much each time up to `longest`, give or take a fifth."""
    delay = min(first * 2.0 ** min(tries - 1, 64), longest)  # a service may end thousands of times
    return delay * random.uniform(0.8, 1.2)  # noqa: S311  spreads, hides nothing


def how_it_ended(code: int | None, seconds: float, out_of_memory: bool = False) -> str:
    """ "exited with code 2 after 0.4 s", "was ended by SIGSEGV after 3 min"."""
    return f"{endings.ended(code, out_of_memory)} after {duration(seconds)}"


def duration(seconds: float) -> str:
    """For people: 0.4 s, 48 s, 12 min, 3 h."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def kernel_kills() -> int:
    """How many processes this host's kernel has killed for memory since boot (0 where it does not say)."""
    try:
        with open("/proc/vmstat") as counters:
            return next((int(line.split()[1]) for line in counters if line.startswith("oom_kill ")), 0)
    except OSError:
        return 0
