"""The first line at or after a time, by halving the bytes of files whose times grow."""

from __future__ import annotations

import time

from hubtui.logs.files.forms import Form
from hubtui.logs.files.scan import forwards
from hubtui.logs.files.segment import Segment

_FIRST = 8 * 1024
_MOST = 64 * 1024

Found = tuple[int, float]
"""Where a line that names a time begins, and its time."""


def first_timed(
    segment: Segment, form: Form, at: int, stop: int, until: float, *, after: float = float("-inf")
) -> Found | None:
    """The first line from the boundary `at` on, and before `stop`, that names a time not before `after`."""
    want = _FIRST
    while at < stop:
        data = segment.forward(at, want)
        for start, end, _ in forwards(data, at, segment.piece):
            if at + start >= stop:
                return None
            moment = form.say(data, start, end).time
            if moment is not None and moment >= after:
                return at + start, moment
        if not data or time.monotonic() >= until:
            return None
        at += len(data)
        want = min(want * 2, _MOST)
    return None


def halve(segment: Segment, form: Form, low: Found, seconds: float, until: float) -> int:
    """The first line at or after a time in a file of which `low` is one before it; its end if there is none."""
    at, high = low[0], segment.end
    while high - at > _FIRST and time.monotonic() < until:
        middle = segment.snap((at + high) // 2)
        if middle <= at:
            break  # one line covers half of what is left
        found = first_timed(segment, form, middle, high, until)
        if found is None or found[1] >= seconds:
            high = middle
        else:
            at = found[0]
    there = first_timed(segment, form, at, segment.end, until, after=seconds)
    return segment.end if there is None else there[0]
