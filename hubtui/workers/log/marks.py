"""What the reader of a log view does with marks: going from one to the next, and finding out which are gone."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from hubtui.logs.lines import Lines
from hubtui.logs.marks import Mark, find, in_order
from hubtui.logs.search import Search
from hubtui.messages import LogMarksGone
from hubtui.workers.log.goals import FROM_END, FROM_START, Found, Seeking, soon
from hubtui.workers.log.wishes import Errand, Task


@dataclass(slots=True, eq=False)
class ToMark:
    """The next of these marks, or the one before, seen from a line; over the end of the log, if need be. One that a
    filter hides is passed over and said. `missing` is known when it has looked."""

    marks: Sequence[Mark]
    here: Mark  # the line under the cursor, marked or not
    back: bool = False
    missing: str = ""

    def seek(self, lines: Lines, search: Search | None) -> Seeking:
        from hubtui.logs.filtered import Filtered

        base = lines.base if isinstance(lines, Filtered) else lines
        marks = in_order(base, self.marks)
        ring = self._ring(base, marks)
        shown = [True] * len(marks)
        if isinstance(lines, Filtered):
            until = soon()
            for n, mark in enumerate(marks):
                shown[n] = lines.shows(mark.place)
                if time.monotonic() >= until:
                    yield n / len(marks)
                    until = soon()
        hidden = shown.count(False)
        for n, wrapped in ring:
            line = find(base, marks[n]) if shown[n] else None
            if line is not None:
                return Found(line.place, _words(n + 1, len(marks), hidden, self._round(wrapped)), hit=True)
        self.missing = _nowhere(len(marks), hidden)
        return None

    def _ring(self, base: Lines, marks: Sequence[Mark]) -> list[tuple[int, bool]]:
        """The marks, counted from 0, in the order in which they are come by; whether that is over the end."""
        origins = [mark.origin for mark in marks]
        if self.here.origin in origins:
            first, behind = (at := origins.index(self.here.origin)), at + 1
        else:
            fractions, at_here = [base.fraction(mark.place) for mark in marks], base.fraction(self.here.place)
            first, behind = bisect_left(fractions, at_here), bisect_right(fractions, at_here)
        every = range(len(marks))
        ahead, over = (every[:first][::-1], every[first:][::-1]) if self.back else (every[behind:], every[:behind])
        return [*((n, False) for n in ahead), *((n, True) for n in over)]

    def _round(self, wrapped: bool) -> str:
        return "" if not wrapped else FROM_END if self.back else FROM_START


def _words(number: int, of: int, hidden: int, how: str) -> str:
    """`mark 2 of 5, 1 hidden by the filters  Went on from the top.`"""
    behind = f", {hidden} hidden by the filters" if hidden else ""
    return f"mark {number:,} of {of:,}{behind}  {how}".rstrip()


def _nowhere(of: int, hidden: int) -> str:
    if not hidden:
        return "No marked line is there any more."
    return "1 mark, hidden by the filters." if of == 1 else f"{of:,} marks, all hidden by the filters."


def tell_gone(opening: int, marks: Sequence[Mark], why: str = "") -> Errand:
    """Tell which of these are of lines that are not there any more, if any (`LogMarksGone`)."""

    def errand(lines: Lines) -> Task:
        gone = frozenset(mark.origin for mark in marks if not lines.has(mark.origin))
        if gone:
            yield LogMarksGone(opening, gone, why)

    return errand
