"""Where a person wants to go in a log, from what was typed: a time, a line, a part."""

from __future__ import annotations

from hubtui.when import moment
from hubtui.workers.log.goals import Goal, ToFraction, ToNumber, ToTime


def goal_of(text: str) -> Goal | None:
    """`4711` a line, `50%` so far down, `12:04` or `10m ago` a time; None: nothing was typed. Raises UsageError."""
    text = text.strip()
    if not text:
        return None
    digits = text.replace(",", "").replace("_", "")
    if digits.isdigit() and digits.isascii() and len(digits) < 19:
        return ToNumber(int(digits))
    if text.endswith("%"):
        try:
            return ToFraction(min(max(float(text[:-1]) / 100, 0.0), 1.0))
        except ValueError:
            pass
    moment(text)
    return ToTime(text)
