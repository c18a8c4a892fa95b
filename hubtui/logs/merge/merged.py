"""Several orders of lines as one `Lines`, by time. A place is a cut: a tuple with a place in each part."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace

from hubtui.logs.lines import Chunk, Line, Lines, Match, Origin, Place, Source
from hubtui.logs.merge.asked import asked
from hubtui.logs.merge.cursor import Cut
from hubtui.logs.merge.part import NEVER, Part
from hubtui.logs.merge.search import Search
from hubtui.logs.merge.walk import walk

_HALVINGS = 40
_CLOSE = 0.001  # seconds between two cuts that are walked from one to the other
_A_MOMENT = 0.5  # seconds that going to a number may take


class MergedLines:
    """These, of which there is at least one."""

    def __init__(self, lines: Sequence[Lines]) -> None:
        self._parts: list[Part] = []
        sources: list[Source] = []
        for index, one in enumerate(lines):
            self._parts.append(Part(index, one, len(sources)))
            sources += one.sources
        self.sources = tuple(sources)
        self._search: Search | None = None  # the last one, which may go on

    def asked(self, match: Match) -> list[tuple[Lines, Match]]:
        """Each of what is merged, with what to ask its own lines."""
        return [(part.lines, asked(match, part)) for part in self._parts]

    @property
    def size(self) -> int:
        """Bytes there are."""
        return sum(part.weight for part in self._parts)

    @property
    def start(self) -> Place:
        return tuple(part.lines.start for part in self._parts)

    @property
    def end(self) -> Place:
        return tuple(part.lines.end for part in self._parts)

    def read(self, place: Place, n: int, *, back: bool = False, match: Match | None = None, until: float) -> Chunk:
        cut = self._cut(place)
        if n <= 0:
            return Chunk((), cut, False)
        if match is None:
            return walk(self._parts, cut, n, back=back, until=until)
        search = self._search
        if search is None or (search.reached, search.match, search.back) != (cut, match, back):
            search = self._search = Search(self._parts, cut, match, back)
        return search.more(n, until)

    def refresh(self) -> tuple[str, ...]:
        said = tuple(said for part in self._parts for said in part.lines.refresh())
        if said:  # places may not be what they were
            self._search = None
        return said

    def origin(self, line: Line) -> Origin:
        part, inner = self._inner(line)
        return part.index, part.lines.origin(inner)

    def has(self, origin: Origin) -> bool:
        assert isinstance(origin, tuple)
        index, inner = origin
        return self._parts[index].lines.has(inner)

    def fraction(self, place: Place) -> float:
        pairs = zip(self._parts, self._cut(place), strict=True)
        return sum(part.weight * part.lines.fraction(one) for part, one in pairs) / self.size

    def at_fraction(self, fraction: float) -> Place:
        if fraction <= 0:
            return self.start
        return self.end if fraction >= 1 else self._last_cut(lambda cut: self.fraction(cut) <= fraction)

    def at_time(self, seconds: float, until: float) -> Place | None:
        if all(part.lines.at_time(seconds, until) is None for part in self._parts):
            return None
        return self._cut_at(seconds)

    def number(self, place: Place) -> int | None:
        numbers = [part.lines.number(one) for part, one in zip(self._parts, self._cut(place), strict=True)]
        known = [number for number in numbers if number is not None]
        return sum(known) if len(known) == len(numbers) else None

    def at_number(self, number: int) -> Place | None:
        last = self.number(self.end)
        if last is None or number > last:
            return None if last is None else self.end
        cut: Place = self._last_cut(lambda cut: (self.number(cut) or 0) <= number)
        until = time.monotonic() + _A_MOMENT
        left = number - (self.number(cut) or 0)
        while left > 0 and time.monotonic() < until:
            chunk = self.read(cut, min(left, 1000), until=until)
            cut = chunk.reached
            left = number - (self.number(cut) or 0)
            if chunk.done:
                break
        return cut

    def count(self, until: float) -> float:
        return sum(part.weight * part.lines.count(until) for part in self._parts) / self.size

    def whole(self, line: Line, limit: int) -> bytes:
        part, inner = self._inner(line)
        return part.lines.whole(inner, limit)

    def close(self) -> None:
        for part in self._parts:
            part.lines.close()

    def _inner(self, line: Line) -> tuple[Part, Line]:
        """The part that a line is of, and the line as that part gave it."""
        index = bisect_right([part.first_source for part in self._parts], line.source) - 1
        part = self._parts[index]
        place, after = self._cut(line.place)[index], self._cut(line.after)[index]
        return part, replace(line, place=place, after=after, source=line.source - part.first_source)

    def _cut(self, place: Place) -> Cut:
        if isinstance(place, tuple) and len(place) == len(self._parts):
            return place
        return tuple(part.lines.start for part in self._parts)

    def _cut_at(self, seconds: float) -> Cut:
        return tuple(part.cut(seconds) for part in self._parts)

    def _last_cut(self, wanted: Callable[[Cut], bool]) -> Cut:
        """The last cut at a time, more or less, up to which this is so; the start where it is so of none."""
        until = time.monotonic() + _A_MOMENT
        spans = [span for part in self._parts if (span := part.span(until)) is not None]
        if not spans:
            return self._cut(self.start)
        low, high = NEVER, max(last for _, last in spans)
        first = min(first for first, _ in spans)
        best = self._cut(self.start)
        for _ in range(_HALVINGS):
            middle = first if low == NEVER else (low + high) / 2
            cut = self._cut_at(middle)
            if wanted(cut):
                low, best = middle, cut
            elif low == NEVER:
                break
            else:
                high = middle
            if high - low < _CLOSE:
                break
        return best
