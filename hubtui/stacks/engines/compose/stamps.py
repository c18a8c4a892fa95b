"""Docker's time stamps: `2026-11-26T03:14:22.921635516Z`, always nine decimals in a log. As text they sort by time.

Podman's are any of RFC 3339: whole seconds (before 4.4, at least), and with an offset where its host has one.
"""

from __future__ import annotations

import calendar
import re
import time
from datetime import UTC, datetime

LENGTH = 30  # characters of one

_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")


def as_dockers(stamp: bytes, number: int) -> bytes:
    """A stamp as Docker would print it. `number` counts the lines of one second, for one without decimals: so those
    keep their order, and each is another. What is no stamp stays as it is."""
    found = _STAMP.fullmatch(stamp)
    if found is None:
        return stamp
    second, fraction, offset = found.groups()
    if offset != b"Z":
        moment = datetime.fromisoformat((second + offset).decode()).astimezone(UTC)
        second = moment.strftime("%Y-%m-%dT%H:%M:%S").encode()
    return second + b"." + (fraction.ljust(9, b"0") if fraction else b"%09d" % min(number, 999_999_999)) + b"Z"


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
