"""The time of a line as a column of one width: of the day, with its date, or how long ago."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

from hubtui.when import to_the_millisecond
from hubtui.widgets.units import coarse

Times = Literal["off", "clock", "date", "relative"]

WIDTHS: dict[Times, int] = {"off": 0, "clock": 12, "date": 23, "relative": 10}
_FORMATS: dict[Times, str] = {"clock": "%H:%M:%S", "date": "%Y-%m-%d %H:%M:%S"}


def clock(time: float | None, times: Times, now: float) -> str:
    """`time` and `now` are seconds since the epoch, shown in the zone of who looks; blanks where there is no time."""
    width = WIDTHS[times]
    if time is None or not width:
        return " " * width
    if times == "relative":
        return ago(now - time).rjust(width)[:width]
    whole, milliseconds = to_the_millisecond(time)
    told = _told(whole, _FORMATS[times])
    return f"{told}.{milliseconds:03}" if told else " " * width


def ago(seconds: float) -> str:
    """12s ago, 5m ago, 2h10m ago, in 3s."""
    size = abs(seconds)
    told = f"{int(size)}s" if size < 60 else coarse(min(size, 1e9))
    return f"in {told}" if seconds <= -1 else f"{told} ago"


@lru_cache(maxsize=4096)
def _told(whole: int, form: str) -> str:
    from hubtui.models import local  # a view without times need not wait for it

    try:
        return local(datetime.fromtimestamp(whole, UTC)).strftime(form)
    except (ValueError, OverflowError, OSError):
        return ""
