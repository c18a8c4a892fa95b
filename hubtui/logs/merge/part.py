"""One of several merged orders of lines, and the time that each of its lines counts as.

A line that names no time counts as of the time of the line before it that names one, so that it stays behind it. What
stands before the first such line counts as of the time of that; where no line names a time, all come first.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from hubtui.logs.lines import Line, Lines, Place

NEVER = float("-inf")
Timed = tuple[float, Line]
"""A line and the time it counts as."""

_BACK = 256  # lines that are looked at at once for one that names a time
_LOOKS = 8
_A_MOMENT = 0.2  # seconds that a search for a place by time may take


class Part:
    """`lines` as part number `index`; their sources count from `first_source` on."""

    def __init__(self, index: int, lines: Lines, first_source: int) -> None:
        self.index = index
        self.lines = lines
        self.first_source = first_source
        self._lead: tuple[Place, float] | None = None

    @property
    def weight(self) -> int:
        """How much of all this part is: bytes, where it knows them."""
        return max(int(getattr(self.lines, "size", 1)), 1)

    def timed(self, lines: Sequence[Line], carried: float | None, until: float) -> list[Timed]:
        """These lines, which follow each other, with their times; `carried`: that of the line before them, if known."""
        found: list[Timed] = []
        for line in lines:
            if line.time is not None:
                carried = line.time
            elif carried is None:
                carried = self.time_before(line.place, until)
            found.append((carried, line))
        return found

    def time_before(self, place: Place, until: float) -> float:
        """The time that a line counts as which begins here and names none."""
        for _ in range(_LOOKS):
            chunk = self.lines.read(place, _BACK, back=True, until=until)
            for line in reversed(chunk.lines):
                if line.time is not None:
                    return line.time
            if chunk.done:
                break
            place = chunk.reached
        lead = self._first(until)
        return NEVER if lead is None else lead

    def next_time(self, place: Place, *, back: bool, until: float) -> float | None:
        """The time of the line behind a place, or before it; None where there is none."""
        found = self.lines.read(place, 1, back=back, until=until).lines
        return self.timed(found, None, until)[0][0] if found else None

    def cut(self, seconds: float, *, after: bool = False) -> Place:
        """Before the first line that counts as of this time or a later one; `after`: of a later one."""
        until = time.monotonic() + _A_MOMENT
        lead = self._first(until)
        if lead is None:
            return self.lines.end if after or seconds > NEVER else self.lines.start
        seconds = math.nextafter(seconds, math.inf) if after else seconds
        if seconds <= lead:
            return self.lines.start
        place = self.lines.at_time(seconds, until)
        return self.lines.end if place is None else place

    def is_later(self, place: Place, other: Place) -> bool:
        """Whether a place is further down than another."""
        return self.lines.fraction(place) > self.lines.fraction(other)

    def span(self, until: float) -> tuple[float, float] | None:
        """The times of the first and the last line; None where none names one."""
        lead = self._first(until)
        return None if lead is None else (lead, self.time_before(self.lines.end, until))

    def outer(self, line: Line, place: Place, after: Place) -> Line:
        """A line of this part as one of the merged."""
        return Line(
            place,
            after,
            line.raw,
            line.size,
            self.first_source + line.source,
            line.time,
            line.stream,
            line.run,
            line.hit,
        )

    def _first(self, until: float) -> float | None:
        """The first time that a line names."""
        start = self.lines.start
        if self._lead is None or self._lead[0] != start:
            self._lead = None
            place = self.lines.at_time(NEVER, until)
            found = self.lines.read(place, 1, until=until).lines if place is not None else ()
            if found and found[0].time is not None:
                self._lead = start, found[0].time
        return self._lead[1] if self._lead is not None else None
