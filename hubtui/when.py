"""A point in time as people type it: 12:04, yesterday 12:04, 2026-11-26 12:04, 10m ago.

Times without a zone are those of the wall clock here. One without a date is the last such moment before the end of what
is looked at: in a log that ended last week, 12:04 is last week's.
"""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta
from datetime import time as clock

from hubtui.errors import UsageError

FORMS = "10m, 2h, 1d ago, 12:04, 12:04:30, yesterday 12:04, 2026-11-26, 2026-11-26 12:04, 2026-11-26T11:04:30Z or now"

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PART = r"\d{1,9}(?:\.\d{1,3})?\s*(?:w(?:eeks?)?|d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:utes?|s)?)?|s(?:ec(?:onds?|s)?)?)"
_AGO = re.compile(rf"-?\s*({_PART}(?:\s*{_PART})*)(?:\s+ago)?")
_CLOCK = re.compile(r"(?:(today|yesterday)\s+)?(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,6}))?)?")
_DAYS = {"today": 0, "yesterday": 1}


def moment(text: str, now: float | None = None, end: float | None = None) -> float:
    """Seconds since the epoch. `now` is the wall clock's, unless given; `end` is the time of the last line or event,
    where a time without a date is meant to lie before it. Raises UsageError, which names the forms."""
    now = time.time() if now is None else now
    told = " ".join(text.lower().split())
    try:
        found = _of_words(told, now, now if end is None else end)
        return datetime.fromisoformat(text.strip()).timestamp() if found is None else found
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"{text[:80]!r} is no time.", f"Say {FORMS}.") from None


def to_the_millisecond(seconds: float) -> tuple[int, int]:
    """Whole seconds and milliseconds of a time, as it was written: cut as the number is, .123 would often be .122."""
    whole, millionths = divmod(round(seconds * 1e6), 1_000_000)
    return whole, millionths // 1000


def _of_words(told: str, now: float, end: float) -> float | None:
    if told == "now":
        return now
    if match := _AGO.fullmatch(told):
        return datetime.fromtimestamp(now - _length(match[1])).timestamp()  # refuses what no calendar has
    if told in _DAYS:
        return _on(_day(now, _DAYS[told]), clock())
    if match := _CLOCK.fullmatch(told):
        at = clock(int(match[2]), int(match[3]), int(match[4] or 0), int((match[5] or "0").ljust(6, "0")))
        if match[1]:
            return _on(_day(now, _DAYS[match[1]]), at)
        last = _on(_day(end, 0), at)
        return last if last <= end else _on(_day(end, 1), at)
    return None


def _length(parts: str) -> float:
    """Of `1h 30m`, in seconds."""
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)\s*([a-z])[a-z]*", parts))


def _day(seconds: float, before: int) -> date:
    return datetime.fromtimestamp(seconds).date() - timedelta(days=before)


def _on(day: date, at: clock) -> float:
    return datetime.combine(day, at).timestamp()
