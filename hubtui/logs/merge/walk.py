"""The next lines of several parts in the order of their times, or the ones before, from a cut through all of them.

Equal times come in the order of the parts. A part whose own times go back keeps its own order.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

from hubtui.logs.lines import Chunk, Line, Match, Place
from hubtui.logs.merge.part import Part, Timed

_SLICE = 0.02  # seconds for which one part is searched before the others are asked whether they are behind
Cut = tuple[Place, ...]
Key = tuple[float, int]


class _Cursor:
    """Where one part has been read to, and what was read there and is not given yet, the next to give first."""

    def __init__(self, part: Part, place: Place, back: bool, match: Match | None) -> None:
        self.part = part
        self.place = place
        self.given = place  # behind (before) what was given last
        self.held: deque[Timed] = deque()
        self.done = False
        self._back = back
        self._match = match
        self._carried: float | None = None

    def fill(self, n: int, until: float) -> None:
        """Read on for up to `n` lines."""
        chunk = self.part.lines.read(self.place, n, back=self._back, match=self._match, until=until)
        follow = not self._back and self._match is None
        timed = self.part.timed(chunk.lines, self._carried if follow else None, until)
        if self._match is not None:
            timed = [pair for line in chunk.lines for pair in self.part.timed((line,), None, until)]
        if timed:
            self._carried = timed[-1][0]
        self.held.extend(reversed(timed) if self._back else timed)
        self.place, self.done = chunk.reached, chunk.done

    @property
    def key(self) -> Key:
        """What the next line to give is ordered by."""
        return self.held[0][0], self.part.index

    def within(self, place: Place) -> Place:
        """The nearest to a place that leaves out nothing that is to be given, and brings back nothing that was; that
        matters where the times of this part do not grow."""
        left = self.place
        if self.held:
            left = self.held[0][1].after if self._back else self.held[0][1].place
        upper, lower = (self.given, left) if self._back else (left, self.given)
        place = lower if self.part.is_later(lower, place) else place
        return upper if self.part.is_later(place, upper) else place

    def frontier(self, until: float) -> Key | None:
        """The same of the next line to be looked at; None where there is none any more."""
        if self.held:
            return self.key
        if self.done:
            return None
        moment = self.part.next_time(self.place, back=self._back, until=until)
        return None if moment is None else (moment, self.part.index)


def walk(parts: Sequence[Part], cut: Cut, n: int, *, back: bool, until: float) -> Chunk:
    """All lines from a cut on, or before it, `n` at most."""
    cursors = [_Cursor(part, place, back, None) for part, place in zip(parts, cut, strict=True)]
    now = list(cut)
    found: list[Line] = []
    batch = max(2 * n // max(len(parts), 1), 8)
    while len(found) < n:
        for cursor in cursors:
            if not cursor.held and not cursor.done:
                if found and time.monotonic() >= until:
                    return _chunk(found, tuple(now), back, False)
                cursor.fill(batch, until)
        waiting = [cursor for cursor in cursors if cursor.held]
        if not waiting:
            break
        one = (max if back else min)(waiting, key=_key)
        line = one.held.popleft()[1]
        before = tuple(now)
        now[one.part.index] = line.place if back else line.after
        there = tuple(now)
        found.append(one.part.outer(line, there, before) if back else one.part.outer(line, before, there))
    return _chunk(found, tuple(now), back, all(cursor.done and not cursor.held for cursor in cursors))


def search(parts: Sequence[Part], cut: Cut, n: int, match: Match, *, back: bool, until: float) -> Chunk:
    """The lines that match, from a cut on, or before it. Each part is searched on its own, the one that is behind
    first; the cut at a line that was found is where the others are at its time."""
    cursors = [_Cursor(part, place, back, match) for part, place in zip(parts, cut, strict=True)]
    order = max if back else min
    found: list[Line] = []
    frontiers = {cursor.part.index: cursor.frontier(until) for cursor in cursors}
    while True:
        waiting = [key for key in frontiers.values() if key is not None]
        if not waiting:
            return _chunk(found, tuple(part.lines.start if back else part.lines.end for part in parts), back, True)
        key = order(waiting)
        one = cursors[key[1]]
        if len(found) == n:
            return _chunk(found, _within(cursors, found[-1].place if back else found[-1].after), back, False)
        if one.held:
            line = one.held.popleft()[1]
            one.given = line.place if back else line.after
            place = _cut_before(parts, key, line.place)
            after = (*place[: key[1]], line.after, *place[key[1] + 1 :])
            found.append(one.part.outer(line, place, after))
        elif time.monotonic() >= until and one.place != cut[key[1]]:
            return _chunk(found, _within(cursors, _cut_before(parts, key, one.place)), back, False)
        else:
            one.fill(n - len(found), min(until, time.monotonic() + _SLICE))
        frontiers[key[1]] = one.frontier(until)


def _cut_before(parts: Sequence[Part], key: Key, place: Place) -> Cut:
    """The cut at which one part is at a place and all others at the time of the line there."""
    moment, index = key
    return tuple(place if part.index == index else part.cut(moment, after=part.index < index) for part in parts)


def _within(cursors: Sequence[_Cursor], cut: Place) -> Cut:
    assert isinstance(cut, tuple)
    return tuple(cursor.within(place) for cursor, place in zip(cursors, cut, strict=True))


def _key(cursor: _Cursor) -> Key:
    return cursor.key


def _chunk(found: list[Line], reached: Cut | Place, back: bool, done: bool) -> Chunk:
    return Chunk(tuple(reversed(found) if back else found), reached, done)
