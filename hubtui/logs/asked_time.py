"""A time as people type it, or as they have copied it out of a log."""

from __future__ import annotations

import time

from hubtui import when
from hubtui.errors import UsageError
from hubtui.logs.files.times import copied


def moment(text: str, end: float | None = None) -> float:
    """As `when.moment`; also what a line says in any of the ways that are known of logs. Raises UsageError."""
    try:
        return when.moment(text, end=end)
    except UsageError:
        found = copied(text, time.time())
        if found is None:
            raise
        return found
