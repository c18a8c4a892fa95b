"""How far one of several parts has been read, and what comes next of it.

Lines come in the order of their times, equal times in the order of the parts. A part whose own times go back keeps its
own order.
"""

from __future__ import annotations

from collections import deque

from hubtui.logs.lines import Chunk, Line, Match, Place
from hubtui.logs.merge.asked import asked
from hubtui.logs.merge.part import Part, Timed

Cut = tuple[Place, ...]
"""A place in each part."""

Key = tuple[float, int]
"""What lines are ordered by: the time one counts as, and which part it is of."""


class Cursor:
    """Where one part has been read to, and what was read there and is not given yet, the next to give first."""

    def __init__(self, part: Part, place: Place, back: bool, match: Match | None) -> None:
        self.part = part
        self.place = place
        self.given = place  # behind (before) what was given last
        self.held: deque[Timed] = deque()
        self.done = False
        self._back = back
        self._match = None if match is None else asked(match, part)
        self._carried: float | None = None
        self._frontier: tuple[Place, Key] | None = None

    def fill(self, n: int, until: float) -> None:
        """Read on for up to `n` lines."""
        chunk = self.part.lines.read(self.place, n, back=self._back, match=self._match, until=until)
        if self._match is None:
            timed = self.part.timed(chunk.lines, None if self._back else self._carried, until)
            self._carried = timed[-1][0] if timed else self._carried
        else:  # what is found need not follow each other
            timed = [pair for line in chunk.lines for pair in self.part.timed((line,), None, until)]
        self.held.extend(reversed(timed) if self._back else timed)
        self.place, self.done = chunk.reached, chunk.done

    @property
    def rank(self) -> Key:
        """Less for the cursor whose line is to be given first."""
        moment, index = self.key
        return (-moment, -index) if self._back else (moment, index)

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
        if self._frontier is None or self._frontier[0] != self.place:
            moment = self.part.next_time(self.place, back=self._back, until=until)
            if moment is None:
                return None
            self._frontier = self.place, (moment, self.part.index)
        return self._frontier[1]


def given(found: list[Line], reached: Place, back: bool, done: bool) -> Chunk:
    """A chunk of lines in the order in which they were found."""
    return Chunk(tuple(reversed(found) if back else found), reached, done)
