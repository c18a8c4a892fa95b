"""Times in anybody's lines: which of the known ways a file writes them, learnt from its first lines.

A time without a zone is of this machine's zone, one without a year of the year in which it is last not ahead of the
file. Lines of one minute share what costs: only the first of them is put together from its parts.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

Clock = Callable[[bytes, int, int], float | None]
"""The time that the line data[start:end] names, in seconds since the epoch."""

_SPAN = 128  # bytes of a line in which its time must begin
_FIELD_SPAN = 4096  # the same for one that is a field
_KNOWN = 16  # minutes that are remembered
_MONTHS = {name: n for n, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_DAY = 86400.0
_EARLIEST, _LATEST = 315_532_800.0, 7_258_118_400.0  # 1980, 2200: other numbers are no times

_ISO = re.compile(
    rb"(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d)(?::(\d\d(?:[.,]\d{1,9})?))? ?(Z|UTC|[+-]\d\d:?\d\d)?(?![\d:])", re.ASCII
)
_CLF = re.compile(rb"\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d):(\d\d) ([+-]\d{4})\]")
_SYSLOG = re.compile(rb"(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d):(\d\d)")
_EPOCH = re.compile(rb"\[?(\d{10,19}(?:\.\d{1,9})?)(?=[\s\],:|]|$)")
_FIELD = re.compile(
    rb'"(?:@timestamp|timestamp|time|ts)"\s*:\s*(?:"([^"]{8,40})"|(\d{10,19}(?:\.\d+)?))'
    rb"|(?<!\S)(?:@timestamp|timestamp|time|ts)=(?:\"([^\"]{8,40})\"|([^\s\"]{8,40}))"
)


def learn(data: bytes, now: float) -> Clock | None:
    """The way in which most of the first lines of `data` write their times; None where none names one. `now`: when
    they were written at the latest, in seconds since the epoch."""
    lines = data.split(b"\n")[:200]
    ways: Sequence[Clock] = (_Field(), _epoch, _Dated(_CLF, _clf_minute), _Iso(), _Syslog(now))
    counts = [sum(way(line, 0, len(line)) is not None for line in lines) for way in ways]
    most = max(counts)
    return ways[counts.index(most)] if most else None


def copied(text: str, now: float) -> float | None:
    """The time in what somebody has copied out of a line, whichever way it is written; None where there is none."""
    data = text.strip().encode()
    ways: Sequence[Clock] = (_Dated(_CLF, _clf_minute), _Iso(), _Syslog(now), _epoch)
    found = (way(some, 0, len(some)) for way in ways for some in (data, b"[%s]" % data))
    return next((moment for moment in found if moment is not None), None)


class _Dated:
    """Times of a pattern with three groups: what names a minute, the seconds, the zone."""

    def __init__(self, pattern: re.Pattern[bytes], minute: Callable[[bytes, bytes | None], float]) -> None:
        self._pattern = pattern
        self._minute = minute
        self._known: dict[tuple[bytes, bytes | None], float | None] = {}  # several programs write their own ways

    def __call__(self, data: bytes, start: int, end: int) -> float | None:
        match = self._pattern.search(data, start, min(end, start + _SPAN))
        if not match:
            return None
        minute, seconds, zone = match.groups()
        if (minute, zone) not in self._known:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[minute, zone] = self._tried(minute, zone)
        moment = self._known[minute, zone]
        if moment is None:
            return None
        return moment + float(seconds.replace(b",", b".")) if seconds else moment

    def _tried(self, minute: bytes, zone: bytes | None) -> float | None:
        try:
            return self._minute(minute, zone)
        except (ValueError, OverflowError):
            return None


class _Iso(_Dated):
    """ISO 8601 and what looks like it: space for T, slashes, a comma, no zone, no seconds."""

    def __init__(self) -> None:
        super().__init__(_ISO, _iso_minute)


def _iso_minute(text: bytes, zone: bytes | None) -> float:
    year, month, day, hour, minute = int(text[:4]), int(text[5:7]), int(text[8:10]), int(text[11:13]), int(text[14:16])
    return _since_epoch(year, month, day, hour, minute, zone)


def _clf_minute(text: bytes, zone: bytes | None) -> float:
    day, month, rest = text.split(b"/")
    year, hour, minute = rest.split(b":")
    return _since_epoch(int(year), _MONTHS.get(month, 0), int(day), int(hour), int(minute), zone)


def _since_epoch(year: int, month: int, day: int, hour: int, minute: int, zone: bytes | None) -> float:
    """Raises ValueError where there is no such minute."""
    seconds = datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()
    if zone is None:
        return time.mktime((year, month, day, hour, minute, 0, -1, -1, -1))
    if zone[:1] in b"+-":
        digits = zone[1:].replace(b":", b"")
        ahead = int(digits[:2]) * 3600 + int(digits[2:]) * 60
        seconds -= ahead if zone[:1] == b"+" else -ahead
    return seconds


class _Syslog:
    """`Nov 26 03:04:05`: no year, no zone."""

    def __init__(self, now: float) -> None:
        self._now = now
        self._known = b""
        self._seconds: float | None = None

    def __call__(self, data: bytes, start: int, end: int) -> float | None:
        match = _SYSLOG.match(data, start, end)
        if not match:
            return None
        if match[1] != self._known:
            self._known = match[1]
            self._seconds = self._minute(match[1])
        return None if self._seconds is None else self._seconds + int(match[2])

    def _minute(self, text: bytes) -> float | None:
        this_year = time.localtime(self._now + _DAY).tm_year
        for year in range(this_year, this_year - 5, -1):  # 29 February has one of these
            try:
                moment = _since_epoch(
                    year, _MONTHS.get(text[:3], 0), int(text[4:6]), int(text[7:9]), int(text[10:12]), None
                )
            except (ValueError, OverflowError):
                continue
            if moment <= self._now + _DAY:
                return moment
        return None


def _epoch(data: bytes, start: int, end: int) -> float | None:
    """Seconds, milliseconds, microseconds or nanoseconds since the epoch at the beginning of a line."""
    match = _EPOCH.match(data, start, min(end, start + _SPAN))
    return _number(match[1]) if match else None


def _number(text: bytes) -> float | None:
    value = float(text)
    while value > 1e11:
        value /= 1000
    return value if _EARLIEST <= value <= _LATEST else None


class _Field:
    """The time field of a JSON object or of a logfmt line: a number or a date."""

    def __init__(self) -> None:
        self._dates = _Iso()

    def __call__(self, data: bytes, start: int, end: int) -> float | None:
        match = _FIELD.search(data, start, min(end, start + _FIELD_SPAN))
        if not match:
            return None
        text = match[1] or match[2] or match[3] or match[4]
        moment = self._dates(text, 0, len(text))
        if moment is None and text.replace(b".", b"", 1).isdigit() and len(text) >= 10:
            return _number(text)
        return moment
