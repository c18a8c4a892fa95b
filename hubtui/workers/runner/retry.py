"""Whether a job that failed is tried again, and when. Pure."""

from __future__ import annotations

import random

SPREAD = 0.1  # part of the delay, either way: jobs that failed together do not come back together
LONGEST = 3600.0  # seconds


def delay(first: float, attempt: int, spread: float | None = None) -> float:
    """Seconds before the next attempt: `first` after attempt 1, then twice as long each time, an hour at most, spread a
    little (exponential backoff with jitter)."""
    drawn = random.uniform(-SPREAD, SPREAD) if spread is None else spread  # noqa: S311  spreads, hides nothing
    return min(first * 2.0 ** (attempt - 1), LONGEST) * (1 + drawn)
