"""The lines that filters keep, without context, in both directions.

Lines of one source are judged in whole blocks (`block`, `lasting`). With a least level among several sources, what is
looked for is lines that name such a level themselves; the lines behind such a line are then read one by one as long as
they may belong to it (`inherited`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hubtui.logs.filters import Filters, both
from hubtui.logs.grave import LevelOf
from hubtui.logs.inherited import Graver, Levels
from hubtui.logs.lasting import Lasting
from hubtui.logs.lines import Chunk, Line, Lines, Match, Place

_FEW, _MANY = 4, 64  # lines read at once behind a grave one: most are followed by nothing of their own


def entire(base: Lines, line: Line) -> Line:
    """A line with all its bytes, as a match wants it."""
    return line if line.size <= len(line.raw) else replace(line, raw=base.whole(line, line.size))


class Kept:
    """What `filters` leave of some lines. `level_of` reads the level that a line names."""

    def __init__(self, base: Lines, filters: Filters, level_of: LevelOf) -> None:
        self._base, self._filters = base, filters
        self._least = filters.least
        self._grave = Graver(self._least or 0, level_of)
        self._known = Levels(base, level_of)
        self._lasting = Lasting(self._least or 0, level_of, Levels(base, level_of))

    def read(self, place: Place, n: int, *, back: bool = False, match: Match | None = None, until: float) -> Chunk:
        """As `Lines.read`: the next `n` lines that are kept, of those that match."""
        if self.is_asked_of_lines:
            return self._base.read(place, n, back=back, match=self.question(match), until=until)
        wanted = both(match, self._filters.match(self._base.sources))
        return (self._backwards if back else self._forwards)(place, n, wanted, until)

    @property
    def is_asked_of_lines(self) -> bool:
        """Whether what is kept are those of all lines that one `question` means; not where several sources inherit
        levels, each its own."""
        return self._least is None or len(self._base.sources) == 1

    def question(self, match: Match | None) -> Match | None:
        """What to ask all lines for those that are kept and match; None: nothing."""
        wanted = both(match, self._filters.match(self._base.sources))
        return wanted if self._least is None else both(wanted, self._lasting)

    def flags(self, lines: Sequence[Line]) -> list[bool]:
        """Which of these lines, which follow each other, are kept."""
        return self._flags(lines, self._filters.match(self._base.sources))

    def _flags(self, lines: Sequence[Line], wanted: Match | None) -> list[bool]:
        if self._least is None:
            return [wanted is None or wanted(entire(self._base, line)) for line in lines]
        return [
            level is not None and level >= self._least and (wanted is None or wanted(entire(self._base, line)))
            for line, level in zip(lines, self._known.of(lines), strict=True)
        ]

    def _forwards(self, place: Place, n: int, wanted: Match | None, until: float) -> Chunk:
        found: list[Line] = []
        at, size = place, _FEW
        while True:
            owed = self._owed(at)
            if not owed:
                chunk = self._base.read(at, 1, match=self._seek(), until=until)
                if not chunk.lines:
                    return Chunk(tuple(found), chunk.reached, chunk.done)
                at, owed, size = chunk.lines[0].place, 1, _FEW
                self._known.nothing_at(at)
            chunk = self._base.read(at, min(owed, size), until=until)
            for line, kept in zip(chunk.lines, self._flags(chunk.lines, wanted), strict=True):
                if kept:
                    found.append(line)
                    if len(found) == n:
                        return Chunk(tuple(found), line.after, False)
            at, size = chunk.reached, min(size * 2, _MANY)
            if chunk.done or time.monotonic() >= until:
                return Chunk(tuple(found), at, chunk.done)

    def _backwards(self, place: Place, n: int, wanted: Match | None, until: float) -> Chunk:
        found: list[Line] = []  # the last one first
        at = place
        while True:
            chunk = self._base.read(at, 1, back=True, match=self._seek(), until=until)
            low = chunk.lines[0].place if chunk.lines else chunk.reached
            for line in reversed(list(self._behind(low, at, 1 if chunk.lines else 0, wanted))):
                found.append(line)
                if len(found) == n:
                    return Chunk(tuple(reversed(found)), line.place, False)
            at = low
            if chunk.done or time.monotonic() >= until:
                return Chunk(tuple(reversed(found)), at, chunk.done)

    def _behind(self, low: Place, high: Place, owed: int, wanted: Match | None) -> Iterator[Line]:
        """The kept lines from `low` to `high`, between which no line names such a level but the first, if `owed`."""
        at, size = low, _FEW
        while at != high and (owed := owed or self._owed(at)):
            chunk = self._base.read(at, min(owed, size), until=time.monotonic() + 1)
            lines = list(chunk.lines)
            for n, line in enumerate(lines):
                if line.place == high:
                    del lines[n:]
                    break
            yield from (line for line, kept in zip(lines, self._flags(lines, wanted), strict=True) if kept)
            if chunk.done or len(lines) < len(chunk.lines):
                return
            at, owed, size = chunk.reached, 0, min(size * 2, _MANY)

    def _seek(self) -> Match | None:
        """Lines that are grave themselves, of the services that are shown."""
        return both(self._grave, self._filters.of_sources(self._base.sources))

    def _owed(self, place: Place) -> int:
        return self._known.owed(place, self._least or 0)
