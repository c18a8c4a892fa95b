"""Lines that somebody marked: which are still there, in which order they stand, and the lines themselves.

A mark is a position, no line is kept, and what lies between two marks is never read: those of ten gigabytes are found
as soon as those of ten lines.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hubtui.logs.lines import Chunk, Line, Lines, Origin, Place

_NEAR = 500  # lines in which one is looked for before which lines of another source have come


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked line: what it is known by, and the place before it."""

    origin: Origin
    place: Place


def in_order(lines: Lines, marks: Iterable[Mark]) -> list[Mark]:
    """Those of lines that are still there, as they stand in the log."""
    return sorted((mark for mark in marks if lines.has(mark.origin)), key=lambda mark: lines.fraction(mark.place))


def find(lines: Lines, mark: Mark) -> Line | None:
    """The line of a mark, from lines that no filter leaves out; None where it is gone."""
    if lines.has(mark.origin):
        for n in (1, _NEAR):
            for line in lines.read(mark.place, n, until=time.monotonic() + 1).lines:
                if lines.origin(line) == mark.origin:
                    return line
    return None


class Marked:
    """The marked lines of `lines` (no filter leaves them out), as something to write. Its places are numbers: how many
    marks are before them."""

    def __init__(self, lines: Lines, marks: Iterable[Mark]) -> None:
        self._lines, self._marks = lines, in_order(lines, marks)

    @property
    def start(self) -> Place:
        """Before the first one."""
        return 0

    @property
    def end(self) -> Place:
        """Behind the last one."""
        return len(self._marks)

    def read(self, place: Place, n: int, *, until: float) -> Chunk:
        """As `Lines.read`. A line that has gone meanwhile is left out."""
        assert isinstance(place, int)
        found: list[Line] = []
        while place < len(self._marks) and len(found) < n:
            line = find(self._lines, self._marks[place])
            if line is not None:
                found.append(replace(line, place=place, after=place + 1))
            place += 1
            if time.monotonic() >= until:
                break
        return Chunk(tuple(found), place, place == len(self._marks))

    def fraction(self, place: Place) -> float:
        """How many of all are before a place, 0 to 1."""
        assert isinstance(place, int)
        return place / max(len(self._marks), 1)

    def whole(self, line: Line, limit: int) -> bytes:
        """As `Lines.whole`."""
        if line.size <= len(line.raw):
            return line.raw[:limit]
        assert isinstance(line.place, int)
        found = find(self._lines, self._marks[line.place])
        return self._lines.whole(found, limit) if found is not None else line.raw[:limit]
