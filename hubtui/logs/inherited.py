"""The level of lines that name none: a stack trace is as grave as the error that it belongs to.

A line without a level has the level of the nearest line before it, of the same source, that names one; at most `SPREAD`
lines before it. Markers of hubtui's own have none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from hubtui.logs.block import Block, Judged
from hubtui.logs.grave import LevelOf, Look
from hubtui.logs.lines import Line, Lines, Place

SPREAD = 500  # lines; stack traces are shorter


class Graver:
    """A `Match` for lines that name a level of at least `least` themselves."""

    def __init__(self, least: int, level_of: LevelOf) -> None:
        self._least, self._level_of = least, level_of

    def __call__(self, line: Line) -> bool:
        """Whether the line names such a level."""
        level = own(line, self._level_of)
        return level is not None and level >= self._least

    def judged(self, block: Block) -> Judged:
        """Those that a quick look finds, to be asked."""
        look = Look(block, self._level_of)
        return {look.starts[n]: self for n in look.every(self._least)}


def own(line: Line, level_of: LevelOf) -> int | None:
    """The level that a line names itself."""
    return None if line.stream == "hub" else level_of(line.raw)


@dataclass
class _Going:
    """What goes on in a row of lines: of each source the level named last, and the number of that line, counted from
    the row's beginning."""

    begin: Place
    count: int = 0
    named: dict[int, tuple[int, int]] = field(default_factory=dict)
    complete: bool = False  # what was named before the row is in it too


class Levels:
    """The levels of rows of lines that follow each other; a row that begins where the last one ended costs no look
    back."""

    def __init__(self, base: Lines, level_of: LevelOf) -> None:
        self._base, self._level_of = base, level_of
        self._end: Place | None = None
        self._going = _Going(None)

    def of(self, lines: Sequence[Line]) -> list[int | None]:
        """The level of each, named or inherited."""
        if not lines:
            return []
        going = self._at(lines[0].place)
        found = [self._next(going, line) for line in lines]
        self._end, self._going = lines[-1].after, going
        return found

    def owed(self, place: Place, least: int) -> int:
        """How many lines from a place on may inherit a level of at least `least` from one before it."""
        going = self._at(place)
        if len(self._base.sources) > 1 or not going.named:
            self._complete(going)
        self._end, self._going = place, going
        last = max((at for level, at in going.named.values() if level >= least), default=-SPREAD * 2)
        return max(last + SPREAD + 1 - going.count, 0)

    def nothing_at(self, place: Place) -> None:
        """Tell that no line from this place on inherits a level that matters."""
        self._end, self._going = place, _Going(place, complete=True)

    def _at(self, place: Place) -> _Going:
        return self._going if self._end is not None and self._end == place else _Going(place)

    def _next(self, going: _Going, line: Line) -> int | None:
        level = own(line, self._level_of)
        if level is not None:
            going.named[line.source] = level, going.count
        elif line.stream != "hub":
            if line.source not in going.named:
                self._complete(going)
            level, at = going.named.get(line.source, (None, 0))
            level = None if going.count - at > SPREAD else level
        going.count += 1
        return level

    def _complete(self, going: _Going) -> None:
        """Look back from the row's beginning."""
        if going.complete:
            return
        going.complete = True
        before = self._base.read(going.begin, SPREAD, back=True, until=math.inf).lines
        missing = set(range(max(len(self._base.sources), 1))) - going.named.keys()
        for back, line in enumerate(reversed(before), 1):
            if line.source in missing:
                level = own(line, self._level_of)
                if level is not None:
                    going.named[line.source] = level, -back
                    missing.discard(line.source)
            if not missing:
                return
