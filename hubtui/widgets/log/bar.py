"""The scroll bar of a log view: where in a log of any length the screen is."""

from __future__ import annotations

from hubtui.messages import LogStands


def thumb(stands: LogStands | None, height: int) -> range:
    """The rows of the bar that stand for what is on the screen; none where that is all. It touches an end only where
    the screen does."""
    if stands is None or height <= 0 or (stands.top <= 0 and stands.bottom >= 1):
        return range(0)
    share = min(max(stands.bottom - stands.top, 0.0), 1.0)
    size = min(max(round(share * height), 1), max(height - 1, 1))
    at = round(stands.top / max(1 - share, 1e-9) * (height - size))
    if stands.top > 0:
        at = max(at, 1)
    if stands.bottom < 1:
        at = min(at, height - size - 1)
    at = min(max(at, 0), height - size)
    return range(at, at + size)


def fraction_at(row: int, height: int) -> float:
    """How far down the log a row of the bar is."""
    return min(max(row / max(height - 1, 1), 0.0), 1.0)
