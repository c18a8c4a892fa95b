"""What filters leave of lines, with the lines around each: itself `Lines`, so that whatever reads lines reads these.

Its places are those of what it filters. Nothing is kept but the filters: a screen of it is found from any place in
either direction, and where nothing is found in time it says where to go on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from hubtui.logs.filters import Filters
from hubtui.logs.grave import LevelOf
from hubtui.logs.kept import Kept, entire
from hubtui.logs.lines import Chunk, Line, Lines, Match, Origin, Place, Source

_PENDING = 64  # looks that ended early and are remembered
_AT_ONCE = 256  # lines asked about at once where the context is searched too


@dataclass(frozen=True, slots=True)
class Gap:
    """Lines left out between two that are shown next to each other; `lines` is None while nobody has counted them."""

    lines: int | None


@dataclass(frozen=True, slots=True)
class _Owing:
    """Where a look stands: what lies between `at` and the place it has looked up to is not shown yet, and may have to
    be as context; `left` lines of it are context of the hit before."""

    at: Place
    left: int


def gap(lines: Lines, before: Line, behind: Line) -> Gap | None:
    """What is left out between two lines shown one after the other; None: nothing."""
    if before.after == behind.place:
        return None
    first, last = lines.number(before.after), lines.number(behind.place)
    return Gap(None if first is None or last is None else last - first)


class Filtered:
    """The `Lines` that `filters` leave of `base`, with `context` lines before and behind each."""

    def __init__(self, base: Lines, filters: Filters, level_of: LevelOf, context: int = 0) -> None:
        self.base, self.filters, self.context = base, filters, context
        self._level_of = level_of
        self._kept = Kept(base, filters, level_of)
        self._pending: dict[tuple[Place, bool], _Owing] = {}

    @property
    def sources(self) -> tuple[Source, ...]:
        """As `Lines.sources`, hidden ones too."""
        return self.base.sources

    @property
    def start(self) -> Place:
        """As `Lines.start`."""
        return self.base.start

    @property
    def end(self) -> Place:
        """As `Lines.end`."""
        return self.base.end

    def asked(self, match: Match) -> Match | None:
        """What to ask `base` instead for the lines here that match; None where that is not the same."""
        return None if self.context or not self._kept.is_asked_of_lines else self._kept.question(match)

    def read(self, place: Place, n: int, *, back: bool = False, match: Match | None = None, until: float) -> Chunk:
        """As `Lines.read`; context lines have `hit` False. A look that goes on at `reached` may begin with context
        that lies before it, which no look has given yet."""
        if not self.context:
            return self._kept.read(place, n, back=back, match=match, until=until)
        if match is not None:
            return self._matching(place, n, back, match, until)
        return self._around(place, n, back, until)

    def refresh(self) -> tuple[str, ...]:
        """As `Lines.refresh`."""
        told = self.base.refresh()
        if told:
            self._pending.clear()
            self._kept = Kept(self.base, self.filters, self._level_of)
        return told

    def shows(self, place: Place) -> bool:
        """Whether the line behind a place is shown, if only as the context of another. That reads the lines near it."""
        near = [*self.base.read(place, self.context, back=True, until=_soon()).lines] if self.context else []
        near += self.base.read(place, self.context + 1, until=_soon()).lines
        return any(self._kept.flags(near))

    def origin(self, line: Line) -> Origin:
        """As `Lines.origin`."""
        return self.base.origin(line)

    def has(self, origin: Origin) -> bool:
        """As `Lines.has`: a line that is hidden is there."""
        return self.base.has(origin)

    def fraction(self, place: Place) -> float:
        """As `Lines.fraction`: of everything."""
        return self.base.fraction(place)

    def at_fraction(self, fraction: float) -> Place:
        """As `Lines.at_fraction`."""
        return self.base.at_fraction(fraction)

    def at_time(self, seconds: float, until: float) -> Place | None:
        """As `Lines.at_time`."""
        return self.base.at_time(seconds, until)

    def number(self, place: Place) -> int | None:
        """As `Lines.number`: the number that the line has in its file, not among those that are shown."""
        return self.base.number(place)

    def at_number(self, number: int) -> Place | None:
        """As `Lines.at_number`."""
        return self.base.at_number(number)

    def count(self, until: float) -> float:
        """As `Lines.count`."""
        return self.base.count(until)

    def whole(self, line: Line, limit: int) -> bytes:
        """As `Lines.whole`."""
        return self.base.whole(line, limit)

    def close(self) -> None:
        """Close what is filtered."""
        self.base.close()

    def _matching(self, place: Place, n: int, back: bool, match: Match, until: float) -> Chunk:
        """Of the lines shown, context too, those that match."""
        found: list[Line] = []
        while True:
            chunk = self._around(place, _AT_ONCE, back, until)
            for line in _walked(chunk.lines, back):
                if match(entire(self.base, line)):
                    found.append(line)
                    if len(found) == n:
                        return Chunk(_walked(found, back), _far(line, back), False)
            place = chunk.reached
            if chunk.done or time.monotonic() >= until:
                return Chunk(_walked(found, back), place, chunk.done)

    def _around(self, place: Place, n: int, back: bool, until: float) -> Chunk:
        """From hit to hit, with what lies near each. Lines are gathered in the order they are walked."""
        self._pending.pop((place, not back), None)
        owing = self._pending.pop((place, back), None) or _Owing(place, self._left(place, back))
        found: list[Line] = []
        seek = place
        met, lines = 1, 2 * self.context + 1  # hits, and lines shown for them: as many are looked for as will do
        while True:
            hits = self._kept.read(seek, -(-(n - len(found)) * met // lines), back=back, until=until)
            for hit in _walked(hits.lines, back):
                found += self._between(owing, _near(hit, back), back)
                found.append(hit)
                owing = _Owing(_far(hit, back), self.context)
                if len(found) >= n:
                    return Chunk(_walked(found[:n], back), _far(found[n - 1], back), False)
            seek, met, lines = hits.reached, met + len(hits.lines), max(len(found), 1)
            if hits.done or time.monotonic() >= until:
                break
        # A search that found the last hit may say that it is done at that hit, and not at the end behind it.
        tail = self._trail(owing, None if hits.done else seek, back)
        found += tail
        if len(found) > n:
            return Chunk(_walked(found[:n], back), _far(found[n - 1], back), False)
        if tail:
            owing = _Owing(_far(tail[-1], back), owing.left - len(tail))
        self._pending[seek, back] = owing
        while len(self._pending) > _PENDING:
            del self._pending[next(iter(self._pending))]
        return Chunk(_walked(found, back), seek, hits.done)

    def _left(self, place: Place, back: bool) -> int:
        """How many lines from a place on are context of a hit that lies the other way."""
        passed = self.base.read(place, self.context, back=not back, until=time.monotonic() + 1).lines
        flags = self._kept.flags(passed)
        if not back:
            flags.reverse()
        return self.context - flags.index(True) if True in flags else 0

    def _between(self, owing: _Owing, stop: Place, back: bool) -> list[Line]:
        """The context of the hit before, then that of the hit at `stop`."""
        trail = self._trail(owing, stop, back)
        at = _far(trail[-1], back) if trail else owing.at
        lead: list[Line] = []
        if at != stop:
            for line in _walked(self.base.read(stop, self.context, back=not back, until=_soon()).lines, not back):
                lead.append(_aside(line))
                if _near(line, back) == at:
                    break
        return trail + lead[::-1]

    def _trail(self, owing: _Owing, stop: Place | None, back: bool) -> list[Line]:
        """The context of the hit before, up to `stop`, or to the end where that is None."""
        lines: list[Line] = []
        if owing.left and owing.at != stop:
            for line in _walked(self.base.read(owing.at, owing.left, back=back, until=_soon()).lines, back):
                if _near(line, back) == stop:
                    break
                lines.append(_aside(line))
        return lines


def _soon() -> float:
    """A few lines are always read."""
    return time.monotonic() + 1


def _aside(line: Line) -> Line:
    """A line as the context of another; `replace` would take five times as long."""
    return Line(line.place, line.after, line.raw, line.size, line.source, line.time, line.stream, line.run, hit=False)


def _walked(lines: Sequence[Line], back: bool) -> tuple[Line, ...]:
    """Lines in file order in the order they are met, or the other way round."""
    return tuple(reversed(lines)) if back else tuple(lines)


def _near(line: Line, back: bool) -> Place:
    return line.after if back else line.place


def _far(line: Line, back: bool) -> Place:
    return line.place if back else line.after
