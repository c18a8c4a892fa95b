"""Where a person wants to go in a log, from what was typed: a time, a line, a part."""

from __future__ import annotations

import re
import time

from hubtui.logs.asked_time import moment
from hubtui.logs.files.times import copied
from hubtui.workers.log.goals import Goal, ToFraction, ToNumber, ToTime

_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*%", re.ASCII)


def goal_of(text: str) -> Goal | None:
    """`4711` a line, `50%` so far down, `12:04`, `10m ago` or what a line says a time; None: nothing was typed. Raises
    UsageError."""
    text = text.strip()
    if not text:
        return None
    digits = text.replace(",", "").replace("_", "")
    if digits.isdigit() and digits.isascii() and len(digits) < 19 and copied(text, time.time()) is None:
        return ToNumber(int(digits))
    if part := _PART.fullmatch(text):
        return ToFraction(min(float(part[1]) / 100, 1.0))
    moment(text)
    return ToTime(text)
