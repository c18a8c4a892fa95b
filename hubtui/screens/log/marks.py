"""Marks in a log view: which lines have one, going from one to the next, and dropping those of lines that are gone."""

from __future__ import annotations

from collections.abc import Sequence

from hubtui.logs.lines import Line, Origin
from hubtui.logs.marks import Mark
from hubtui.messages import LogMarksGone
from hubtui.widgets.log.view import LogView

NONE = "No line is marked; m marks the one under the cursor."


class LogMarks:
    """The marks of one view. They live as long as its log is open: what a line is known by means nothing in another."""

    def __init__(self, view: LogView) -> None:
        self._view = view
        self._marks: dict[Origin, Mark] = {}
        self._opening = 0

    @property
    def all(self) -> tuple[Mark, ...]:
        """Every mark, in the order they were made."""
        return tuple(self._marks.values())

    def toggle(self) -> None:
        """Mark the line under the cursor, or take its mark away."""
        mark = self._here()
        if mark is None:
            return
        if self._marks.pop(mark.origin, None) is None:
            self._marks[mark.origin] = mark
            self._check([mark])
        self._show("")

    def next(self, *, back: bool) -> None:
        """Go to the next mark, or the one before."""
        from hubtui.workers.log.marks import ToMark

        here = self._here()
        if here is not None and self._marks:
            self._view.go(ToMark(self.all, here, back))
        else:
            self._show(f"{_marks(len(self._marks))}, not among what is shown." if self._marks else NONE)

    def clear(self) -> None:
        """Take all marks away."""
        n = len(self._marks)
        self._marks.clear()
        self._show(f"{_marks(n)} removed." if n else NONE)

    def begin(self) -> str:
        """Another log is opened; returns a sentence about the marks that were in the one before."""
        n = len(self._marks)
        self._opening += 1
        self._marks.clear()
        if n:
            self._view.look(marked=None)
        return f"{_marks(n)} removed: each belongs to the log that it was made in." if n else ""

    def check(self, why: str) -> None:
        """This happened to the files, so lines may be gone."""
        if self._marks:
            self._check(self.all, why)

    def _check(self, marks: Sequence[Mark], why: str = "") -> None:
        """Ask about these; one may still see lines that are gone."""
        from hubtui.workers.log.marks import tell_gone

        self._view.reading.run_errand(tell_gone(self._opening, marks, why))

    def hear(self, news: LogMarksGone) -> str:
        """Drop the marks of lines that are gone; returns what is to be said of it."""
        gone = news.gone & self._marks.keys() if news.opening == self._opening else frozenset()
        if not gone:
            return ""
        for origin in gone:
            del self._marks[origin]
        self._show("")
        return f"{len(gone):,} marked line{'s are' if len(gone) != 1 else ' is'} gone. {news.why}".rstrip()

    def _here(self) -> Mark | None:
        current = self._view.page.current
        return Mark(self._view.reading.origin(current), current.place) if current is not None else None

    def _show(self, told: str) -> None:
        self._view.told = told
        self._view.look(marked=self._has if self._marks else None)

    def _has(self, line: Line) -> bool:
        return self._view.reading.origin(line) in self._marks


def _marks(n: int) -> str:
    return f"{n:,} mark{'s' if n != 1 else ''}"
