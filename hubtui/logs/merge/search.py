"""Those lines of several parts that match, in the order of their times."""

from __future__ import annotations

import time
from collections.abc import Sequence

from hubtui.logs.lines import Chunk, Line, Match, Place
from hubtui.logs.merge.cursor import Cursor, Cut, Key, given
from hubtui.logs.merge.part import Part

_SHORTEST, _LONGEST = 0.001, 0.02  # seconds that one part is searched before others are asked whether they are behind


class Search:
    """The lines that match, from a cut on, or before it. Each part is searched on its own, the one that is behind
    first; the cut at a line that was found is where the others are at its time. One that goes on where it ended looks
    at nothing twice."""

    def __init__(self, parts: Sequence[Part], cut: Cut, match: Match, back: bool) -> None:
        self.reached = cut
        self.match = match
        self.back = back
        self._parts = parts
        self._cursors = [Cursor(part, place, back, match) for part, place in zip(parts, cut, strict=True)]

    def more(self, n: int, until: float) -> Chunk:
        """The next `n`."""
        began = [cursor.place for cursor in self._cursors]
        for cursor in self._cursors:
            cursor.done = False  # more may have come
        slice_ = min(max((until - time.monotonic()) / (2 * len(self._parts)), _SHORTEST), _LONGEST)
        order = max if self.back else min
        found: list[Line] = []
        while True:
            keys = [key for cursor in self._cursors if (key := cursor.frontier(until)) is not None]
            if not keys:
                ends = (part.lines.start if self.back else part.lines.end for part in self._parts)
                return self._chunk(found, tuple(ends), True)
            key = order(keys)
            one = self._cursors[key[1]]
            if len(found) == n:
                return self._chunk(found, found[-1].place if self.back else found[-1].after, False)
            if one.held:
                found.append(self._line(one, key))
            elif time.monotonic() >= until and one.place != began[key[1]]:
                return self._chunk(found, _cut_before(self._parts, key, one.place), False)
            else:
                one.fill(n - len(found), min(until, time.monotonic() + slice_))

    def _line(self, one: Cursor, key: Key) -> Line:
        line = one.held.popleft()[1]
        one.given = line.place if self.back else line.after
        place = _cut_before(self._parts, key, line.place)
        return one.part.outer(line, place, (*place[: key[1]], line.after, *place[key[1] + 1 :]))

    def _chunk(self, found: list[Line], reached: Place, done: bool) -> Chunk:
        assert isinstance(reached, tuple)
        if not done:
            reached = tuple(cursor.within(place) for cursor, place in zip(self._cursors, reached, strict=True))
        self.reached = reached
        return given(found, reached, self.back, done)


def _cut_before(parts: Sequence[Part], key: Key, place: Place) -> Cut:
    """The cut at which one part is at a place and all others at the time of the line there."""
    moment, index = key
    return tuple(place if part.index == index else part.cut(moment, after=part.index < index) for part in parts)
