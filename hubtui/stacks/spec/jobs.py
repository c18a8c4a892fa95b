"""`x-hubtui.jobs`: what of the settings' `jobs` is otherwise for this project."""

from __future__ import annotations

from typing import Any

from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.fields import integer, seconds


def _attempts(value: Any) -> int:
    if not (count := integer(value)):
        raise ValueError("must be at least 1")
    return count


_KEYS = {
    "soft_limit": seconds,
    "hard_limit": seconds,
    "still_building_after": seconds,
    "stuck_after": seconds,
    "retry_delay": seconds,
    "max_attempts": _attempts,
}


def read_jobs(place: Place) -> dict[str, float]:
    """Those that are there, by the settings' names: seconds, and `max_attempts` as a count. Raises StackError."""
    return place.known(_KEYS)
