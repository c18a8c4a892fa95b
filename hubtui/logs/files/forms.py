"""What stands in a line besides its text: in hubtui's own logs a time, a run and a stream; in others perhaps a time."""

from __future__ import annotations

import re
from calendar import timegm
from typing import NamedTuple, Protocol

from hubtui.logs.files.times import Clock, learn

_HEAD = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d\.\d{3})Z (\d{1,20}) ([oeh]) ")
_STREAMS = {b"o": "out", b"e": "err", b"h": "hub"}
HEAD = 64  # no head is longer


class Said(NamedTuple):
    """What one line says: bytes before its text, its time, its stream, its run."""

    head: int
    time: float | None
    stream: str
    run: int | None


_NOTHING = Said(0, None, "", None)


class Form(Protocol):
    """How the lines of a file are written."""

    @property
    def any(self) -> bool:
        """Whether anything stands before the text of lines."""

    @property
    def timed(self) -> bool:
        """Whether lines are known to name times."""

    def learn(self, sample: bytes, now: float) -> None:
        """See how, from whole lines; `now` is when they were written at the latest, in seconds since the epoch."""

    def say(self, data: bytes, start: int, end: int) -> Said:
        """What the line `data[start:end]` says."""

    def head(self, data: bytes, start: int) -> tuple[int, str]:
        """How many bytes stand before the text of the line that begins there, and its stream."""


class Stored:
    """hubtui's own form (stacks.logfiles.format). What is not in it is output of the service, at no known time."""

    timed = True
    any = True

    def __init__(self) -> None:
        self._minute = b""
        self._seconds = 0.0
        self._head, self._said = b"\n", _NOTHING  # what stood before the last line; many have the same

    def learn(self, sample: bytes, now: float) -> None:
        """There is nothing to learn."""

    def say(self, data: bytes, start: int, end: int) -> Said:
        if data.startswith(self._head, start, end):
            return self._said
        match = _HEAD.match(data, start, end)
        if not match:
            return Said(0, None, "out", None)
        minute, second, run, kind = match.groups()
        if minute != self._minute:
            digits = minute.decode()
            day = (int(digits[:4]), int(digits[5:7]), int(digits[8:10]), int(digits[11:13]), int(digits[14:16]), 0)
            self._minute, self._seconds = minute, float(timegm(day))
        self._head = match[0]
        self._said = Said(match.end() - start, self._seconds + float(second), _STREAMS[kind], int(run))
        return self._said

    def head(self, data: bytes, start: int) -> tuple[int, str]:
        match = _HEAD.match(
            data, start
        )  # a line of its own each millisecond: what it says in numbers is not wanted here
        return (match.end() - start, _STREAMS[match[4]]) if match else (0, "out")


class Anybodys:
    """Any other file: the way it writes times is learnt from its first lines, and only that one is tried then."""

    any = False

    def __init__(self) -> None:
        self._clock: Clock | None = None

    @property
    def timed(self) -> bool:
        return self._clock is not None

    def learn(self, sample: bytes, now: float) -> None:
        if self._clock is None:
            self._clock = learn(sample, now)

    def say(self, data: bytes, start: int, end: int) -> Said:
        moment = self._clock(data, start, end) if self._clock else None
        return _NOTHING if moment is None else Said(0, moment, "", None)

    def head(self, data: bytes, start: int) -> tuple[int, str]:
        return 0, ""
