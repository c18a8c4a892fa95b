"""A search through a whole history: the first hit near the view at once, then the next and the one before, while all
lines that match are counted in the background.

What was counted is kept as stretches: how many hits there are in each, where its first and its last one are. Stretches
grow as hits do, so that ten million hits take no more memory than a thousand; they tell a hunt what to leap over.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from dataclasses import dataclass

from hubtui.logs.counting import Counter, Sum, by_file
from hubtui.logs.lines import Chunk, Line, Lines, Match, Place

STRETCHES = 2048  # kept at most
_HITS = 1000  # in one stretch, to begin with
_PASSES = 8  # of hunts that are remembered
_DENSE = 0.01  # seconds for a stretch where there are more


@dataclass(frozen=True, slots=True)
class Tally:
    """Lines counted so far. `part`: of all there are, 0 to 1. `exact`: every line there is now has been looked at."""

    hits: int
    part: float
    exact: bool


@dataclass(slots=True)
class _Stretch:
    begin: Place
    end: Place
    hits: int
    first: Place  # before the first hit, or farther from it
    last: Place  # behind the last one, or farther from it

    def join(self, other: _Stretch) -> None:
        """Take in the stretch behind this one."""
        if not self.hits:
            self.first = other.first
        if other.hits:
            self.last = other.last
        self.end, self.hits = other.end, self.hits + other.hits


class Search:
    """One question put to lines. Where `lines.refresh()` says that something else than growth happened, begin anew with
    `forget`."""

    def __init__(self, lines: Lines, match: Match) -> None:
        self.lines, self.match = lines, match
        self.forget()

    def forget(self) -> None:
        """Count from the beginning again."""
        self._stretches: list[_Stretch] = []
        self._barren: list[tuple[Place, Place]] = []  # where hunts have looked and found nothing
        self._counted = self.lines.start
        self._hits = 0
        self._all = self._dense = False
        asked = by_file(self.lines, self.match) or []
        self._sum = Sum(asked) if len(asked) > 1 else None
        self._asked = asked[0] if len(asked) == 1 else None

    def count(self, until: float) -> Tally:
        """Go on counting until then, or until every line is counted; again later for what was added since."""
        if self._sum is not None:
            self._all = self._sum.more(until)
            return self.tally
        while True:
            done = self._count_only(*self._asked, until) if self._dense and self._asked else self._find(until)
            if done or time.monotonic() >= until:
                return self.tally

    def _find(self, until: float) -> bool:
        """Count some hits with their places; whether that was all."""
        barren = self._barren_end()
        if barren is not None:
            return self._looked(Chunk((), barren, False), 0, barren, barren)
        chunk = self.lines.read(self._counted, _HITS, match=self.match, until=until)
        first = chunk.lines[0].place if chunk.lines else chunk.reached
        last = chunk.lines[-1].after if chunk.lines else chunk.reached
        return self._looked(chunk, len(chunk.lines), first, last)

    def _count_only(self, file: Lines, match: Match, until: float) -> bool:
        """Count hits where there are many, of which the places matter little."""
        counter = Counter(match)
        until = min(until, time.monotonic() + _DENSE)
        chunk = file.read(self._counted, 1, match=counter, until=until)
        return self._looked(chunk, counter.hits, self._counted, chunk.reached)

    def _looked(self, chunk: Chunk, hits: int, first: Place, last: Place) -> bool:
        if chunk.reached != self._counted:
            self._keep(_Stretch(self._counted, chunk.reached, hits, first, last))
        self._counted, self._all, self._dense = chunk.reached, chunk.done, hits >= _HITS
        return chunk.done

    def looked(self, begin: Place, end: Place) -> None:
        """A hunt has found nothing between these places: nobody needs to count there."""
        kept = self._barren
        if begin == end:
            return
        if kept and kept[-1][1] == begin:
            kept[-1] = kept[-1][0], end
        elif kept and kept[-1][0] == end:
            kept[-1] = begin, kept[-1][1]
        else:
            kept.append((begin, end))
            del kept[:-_PASSES]

    def _barren_end(self) -> Place | None:
        """How far there is surely nothing more to count, if a hunt was there."""
        at = self.lines.fraction(self._counted)
        for begin, end in self._barren:
            if self.lines.fraction(begin) <= at < self.lines.fraction(end):
                return end
        return None

    @property
    def tally(self) -> Tally:
        """What is counted so far."""
        if self._sum is not None:
            return Tally(self._sum.hits, 1.0 if self._all else min(self._sum.part, 0.999), self._all)
        exact = self._all and self._counted == self.lines.end
        return Tally(self._hits, 1.0 if exact else self.lines.fraction(self._counted), exact)

    def ordinal(self, line: Line, until: float) -> int | None:
        """Which one of the hits a line is, from 1; None while nobody has counted that far, where there was no time to
        find out, and among several files, which are counted one after the other."""
        at = self.lines.fraction(line.place)
        n = self._stretch_at(line.place)
        if n is None or (self.lines.fraction(self._counted) <= at and self._counted != line.after):
            return None
        number = sum(stretch.hits for stretch in self._stretches[:n])
        place, end = self._stretches[n].first, self.lines.fraction(self._stretches[n].last)
        while True:
            chunk = self.lines.read(place, _HITS, match=self.match, until=until)
            for hit in chunk.lines:
                number += 1
                if hit.place == line.place:
                    return number
            place = chunk.reached
            if chunk.done or time.monotonic() >= until or self.lines.fraction(place) >= end:
                return None

    def hunt(self, place: Place, *, back: bool = False) -> Hunt:
        """Look for the first hit from a place on, or before it; at the end it goes on at the other one."""
        return Hunt(self, place, back)

    def leap(self, place: Place, back: bool) -> Place:
        """The farthest place from here between which and here there is surely no hit."""
        n = self._stretch_at(place, back)
        while n is not None and 0 <= n < len(self._stretches):
            stretch = self._stretches[n]
            if stretch.hits:
                here = self.lines.fraction(place)
                first, last = self.lines.fraction(stretch.first), self.lines.fraction(stretch.last)
                if not (here <= first if back else here >= last):
                    return place if first <= here <= last else stretch.last if back else stretch.first
            place = stretch.begin if back else stretch.end
            n += -1 if back else 1
        return place

    def _stretch_at(self, place: Place, back: bool = False) -> int | None:
        """The stretch that the line behind a place is in (`back`: the line before it)."""
        if not self._stretches:
            return None
        at = self.lines.fraction(place)
        if at > self.lines.fraction(self._counted):
            return None
        n = bisect_right(self._stretches, at, key=lambda stretch: self.lines.fraction(stretch.begin)) - 1
        if back and n >= 0 and self._stretches[n].begin == place:
            n -= 1
        return n if n >= 0 else None

    def _keep(self, stretch: _Stretch) -> None:
        self._hits += stretch.hits
        kept = self._stretches
        if kept and not (kept[-1].hits and stretch.hits) and kept[-1].hits + stretch.hits < _HITS:
            kept[-1].join(stretch)
            return
        kept.append(stretch)
        if len(kept) > STRETCHES:
            for one, other in zip(kept[::2], kept[1::2], strict=False):
                one.join(other)
            self._stretches = kept[::2]


class Hunt:
    """On the way to one hit. Call `go` until it says True; then `found` is the hit, or None where there is none at all.
    `wrapped`: it went over the end of the lines, on to where it began."""

    def __init__(self, search: Search, place: Place, back: bool) -> None:
        self._search, self._back = search, back
        self._origin = self._at = place
        self.found: Line | None = None
        self.wrapped = False

    @property
    def part(self) -> float:
        """How much of its round it has behind it, 0 to 1."""
        here, origin = self._search.lines.fraction(self._at), self._search.lines.fraction(self._origin)
        return (origin - here if self._back else here - origin) + self.wrapped

    def go(self, until: float) -> bool:
        """Look on until then; whether the hunt is over."""
        lines, back = self._search.lines, self._back
        while True:
            self._at = self._search.leap(self._at, back)
            chunk = lines.read(self._at, 1, back=back, match=self._search.match, until=until)
            if not chunk.lines:
                self._search.looked(*((chunk.reached, self._at) if back else (self._at, chunk.reached)))
            self._at = chunk.reached
            if chunk.lines:
                self.found = chunk.lines[0]
                return True
            if self.wrapped and (chunk.done or self._is_round()):
                return True
            if chunk.done:
                self.wrapped, self._at = True, lines.end if back else lines.start
            if time.monotonic() >= until:
                return False

    def _is_round(self) -> bool:
        here, origin = self._search.lines.fraction(self._at), self._search.lines.fraction(self._origin)
        return here < origin if self._back else here > origin
