"""Where a log view can be asked to go. Each goal looks for its place in slices, so that a newer wish need not wait."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hubtui.logs.asked_time import moment
from hubtui.logs.lines import Lines, Place
from hubtui.logs.search import Search

NOWHERE = "Nothing like it anywhere."
FROM_START, FROM_END = "Went on from the top.", "Went on from the end."
SLICE = 0.03  # seconds of one look at the files
LAST = 50  # lines at the end in which a time is looked for
TIME_LOOK = 2.0  # seconds that looking for a time may take: it halves its way, so it reads little


@dataclass(frozen=True, slots=True)
class Found:
    """A place, and what is to be known of it. `hit`: what was looked for is the line behind it."""

    place: Place
    note: str = ""
    hit: bool = False


Seeking = Generator[float, None, Found | None]
"""Gives after each slice how far it is (0 to 1), and in the end the place, or None: there is none."""


class Goal(Protocol):
    """What to go to."""

    @property
    def missing(self) -> str:
        """The sentence for where there is no such place."""

    def seek(self, lines: Lines, search: Search | None) -> Seeking:
        """Find the place; `search` is what is searched now. Raises OSError."""


def soon() -> float:
    """The end of a slice that begins now."""
    return time.monotonic() + SLICE


@dataclass(frozen=True, slots=True)
class ToEdge:
    """The beginning, or the end."""

    end: bool
    missing: str = ""

    def seek(self, lines: Lines, search: Search | None) -> Seeking:
        return Found(lines.end if self.end else lines.start)
        yield 0.0


@dataclass(frozen=True, slots=True)
class ToPlace:
    """A place that a line of the view named."""

    place: Place
    missing: str = ""

    def seek(self, lines: Lines, search: Search | None) -> Seeking:
        return Found(self.place)
        yield 0.0


@dataclass(frozen=True, slots=True)
class ToFraction:
    """So far down, 0 to 1."""

    fraction: float
    missing: str = ""

    def seek(self, lines: Lines, search: Search | None) -> Seeking:
        return Found(lines.at_fraction(self.fraction))
        yield 0.0


@dataclass(frozen=True, slots=True)
class ToTime:
    """The first line at or after a time as `asked_time` reads it; one without a date is the last before the end."""

    text: str
    missing: str = "No line here names a time."

    def seek(self, lines: Lines, search: Search | None) -> Seeking:
        last = lines.read(lines.end, LAST, back=True, until=soon()).lines
        end = next((line.time for line in reversed(last) if line.time is not None), None)
        wanted = moment(self.text, end=end)
        place = lines.at_time(wanted, time.monotonic() + TIME_LOOK)
        return Found(place, _beside(lines, place, wanted)) if place is not None else None
        yield 0.0


def _beside(lines: Lines, place: Place, wanted: float) -> str:
    """Which time that was and on which side of the log it is, where that is not in it."""
    clock = datetime.fromtimestamp(wanted).strftime("%Y-%m-%d %H:%M:%S")
    if place == lines.end:
        return f"{clock} is after the last line."
    first = lines.read(place, 1, until=soon()).lines if place == lines.start else ()
    before = bool(first) and first[0].time is not None and first[0].time > wanted
    return f"{clock} is before the first line." if before else ""


@dataclass(frozen=True, slots=True)
class ToNumber:
    """The line of this number, the first being 1. Lines are counted as far as that needs."""

    number: int
    missing: str = "There are not so many lines."

    def seek(self, lines: Lines, search: Search | None) -> Seeking:
        while True:
            place = lines.at_number(max(self.number - 1, 0))
            if place is not None:
                return Found(place, self._beyond(lines, place))
            counted = lines.count(soon())
            if counted >= 1.0:
                place = lines.at_number(max(self.number - 1, 0))
                return Found(place, self._beyond(lines, place)) if place is not None else None
            yield counted

    def _beyond(self, lines: Lines, place: Place) -> str:
        """Where there are fewer lines, or the one that is meant is not there any more: which lines there are."""
        first, total = lines.number(lines.start), lines.number(lines.end)
        if total is not None and self.number > total:
            return f"There are only {total:,} lines." if total != 1 else "There is only one line."
        if first and place == lines.start and self.number <= first:
            return f"The first line that is still there is {first + 1:,}."
        return ""


@dataclass(frozen=True, slots=True)
class ToHit:
    """The next hit of the search from a place on, or the one before it; over the end of the log, if need be."""

    place: Place
    back: bool = False
    missing: str = NOWHERE

    def seek(self, lines: Lines, search: Search | None) -> Seeking:
        if search is None:
            return None
        hunt = search.hunt(self.place, back=self.back)
        while not hunt.go(soon()):
            yield hunt.part
        if hunt.found is None:
            return None
        return Found(hunt.found.place, (FROM_END if self.back else FROM_START) if hunt.wrapped else "", hit=True)


@dataclass(frozen=True, slots=True)
class ToNearest:
    """The first hit from a place on; where there is none, the last before it."""

    place: Place
    missing: str = NOWHERE

    def seek(self, lines: Lines, search: Search | None) -> Seeking:
        if search is None:
            return None
        hunt = search.hunt(self.place)
        while not hunt.go(soon()) and not hunt.wrapped:
            yield hunt.part
        behind = 1.0 - lines.fraction(self.place)
        if hunt.found is not None and not hunt.wrapped:
            return Found(hunt.found.place, hit=True)
        hunt = search.hunt(self.place, back=True)
        while not hunt.go(soon()) and not hunt.wrapped:
            yield behind + hunt.part
        return Found(hunt.found.place, hit=True) if hunt.found is not None and not hunt.wrapped else None
