"""Docker's time stamps: `2026-11-26T03:14:22.921635516Z`, always nine decimals in a log. As text they sort by time."""

from __future__ import annotations

import calendar
import time

LENGTH = 30  # characters of one


def since(stamp: str) -> str:
    """As the log's `since` takes it, seconds since the epoch, without loss. Raises ValueError."""
    whole = calendar.timegm(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S"))
    return f"{whole}.{_fraction(stamp):0<9}"


def _fraction(stamp: str) -> str:
    rest = stamp[20:].partition("Z")[0].partition("+")[0]
    return rest if rest.isdigit() else ""


class Clock:
    """Stamps to seconds, quickly: within one second only the fraction is read anew."""

    def __init__(self) -> None:
        self._second, self._whole = b"", 0

    def read(self, stamp: bytes) -> float:
        """Of the bytes of a stamp, to the millisecond. Raises ValueError."""
        if stamp[:19] != self._second:
            self._whole = calendar.timegm(time.strptime(stamp[:19].decode("ascii"), "%Y-%m-%dT%H:%M:%S"))
            self._second = stamp[:19]
        return self._whole + int(stamp[20:23]) / 1000 + 0.0002  # more than a float's error, less than would show
