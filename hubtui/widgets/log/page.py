"""Which lines a log view has at hand, which of their rows it shows, where its cursor is: moving about, without files.

A line takes one row, or several where long ones are wrapped; `tall` says how many. The lines are a stretch of the log
without holes; what is above and below it is read when the view comes near.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hubtui.logs.lines import Line, Place
from hubtui.messages import LogMore, LogWindow


class Page:
    """`top` is the line in the first row, `skip` how many of its rows are above that; `cursor` a line."""

    def __init__(self, tall: Callable[[Line], int] = lambda line: 1) -> None:
        self.tall = tall
        self.rows = 1
        self.lines: list[Line] = []
        self.above: Place = None
        self.below: Place = None
        self.at_start = self.at_end = True  # until something is taken
        self.top = self.skip = self.cursor = 0
        self.owed = 0  # rows that the user has scrolled beyond what is at hand

    # What is at hand

    def take(self, window: LogWindow, *, end: bool = False) -> None:
        """Another stretch: the line behind its place comes first, or with `end` the last line comes last."""
        same = self._index_of(window.lines[window.at]) if window.hit and window.at < len(window.lines) else None
        if same is not None and self._shows(same):
            self.cursor = same  # a hit that is on the screen: nothing needs to move
            return
        self.lines = list(window.lines)
        self.above, self.below = window.above, window.below
        self.at_start, self.at_end = window.at_start, window.at_end
        self.owed = self.skip = 0
        if end:
            self.cursor = self.top = max(len(self.lines) - 1, 0)
            self.to_end()
            return
        self.cursor = self.top = min(window.at, max(len(self.lines) - 1, 0))
        if window.hit:
            self.scroll(-(self.rows // 3))
        self._fill()

    def add(self, more: LogMore, *, end: bool = False, keep: int = 300) -> None:
        """Lines above or below those at hand. What is more than `keep` lines off is dropped at the other end."""
        new = list(more.lines)
        if more.back:
            self.lines[:0] = new
            self.above, self.at_start = more.reached, more.done
            self.top += len(new)
            self.cursor += len(new)
        else:
            self.lines += new
            self.below, self.at_end = more.reached, more.done
        if end:
            self.to_end()
        self._pay()
        self._trim(keep, back=more.back)
        self._fill()

    def _pay(self) -> None:
        owed, self.owed = self.owed, 0
        if owed:
            self.page(owed)

    def _trim(self, keep: int, *, back: bool) -> None:
        if back:
            last = max(self.top + keep, self.cursor + 1)
            if last < len(self.lines):
                self.below, self.at_end = self.lines[last].place, False
                del self.lines[last:]
            return
        drop = min(self.top - keep, self.cursor)
        if drop > 0:
            self.above, self.at_start = self.lines[drop].place, False
            del self.lines[:drop]
            self.top -= drop
            self.cursor -= drop

    def _index_of(self, one: Line) -> int | None:
        """Where that line is at hand; the one of a file that was written anew since is another."""
        same = (i for i, line in enumerate(self.lines) if (line.place, line.after) == (one.place, one.after))
        return next(same, None)

    # What is shown

    def shown(self) -> Iterator[tuple[int, int]]:
        """(line, row of it) for every row of the screen that there is something for."""
        index, part = self.top, self.skip
        for _ in range(self.rows):
            if index >= len(self.lines):
                return
            yield index, part
            part += 1
            if part >= self.tall(self.lines[index]):
                index, part = index + 1, 0

    @property
    def last(self) -> int:
        """The last line that is on the screen, if only in part; -1 where there is none."""
        return max((index for index, _ in self.shown()), default=-1)

    @property
    def current(self) -> Line | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if 0 <= self.cursor < len(self.lines) else None

    @property
    def shows_end(self) -> bool:
        """Whether the last row of the last line is on the screen, and nothing comes after it."""
        return self.at_end and self._room() >= 0

    def gap_below(self, index: int) -> bool:
        """Whether lines are left out between this one and the next."""
        return index + 1 < len(self.lines) and self.lines[index].after != self.lines[index + 1].place

    def _shows(self, index: int) -> bool:
        return any(i == index for i, _ in self.shown())

    def _room(self) -> int:
        """Rows of the screen that are left below the last line, negative: rows that are below the screen. Bounded."""
        left = self.rows + self.skip
        for line in self.lines[self.top :]:
            left -= self.tall(line)
            if left < 0:
                break
        return left

    # Moving

    def scroll(self, rows: int) -> None:
        """Move what is shown by so many rows, as far as there are lines at hand; the rest is owed."""
        while rows < 0 and (self.skip or self.top):
            if self.skip == 0:
                self.top -= 1
                self.skip = self.tall(self.lines[self.top])
            step = min(self.skip, -rows)
            self.skip -= step
            rows += step
        while rows > 0 and self._room() < 0:
            step = min(rows, self.tall(self.lines[self.top]) - self.skip, -self._missing(rows))
            self.skip += step
            rows -= step
            if self.skip >= self.tall(self.lines[self.top]):
                self.top, self.skip = self.top + 1, 0
        if (rows < 0 and not self.at_start) or (rows > 0 and not self.at_end):
            self.owed += rows

    def _missing(self, enough: int) -> int:
        """As `_room`, but negative ones are counted up to `enough`."""
        left = self.rows + self.skip
        for line in self.lines[self.top :]:
            left -= self.tall(line)
            if left <= -enough:
                break
        return left

    def page(self, rows: int) -> None:
        """Scroll, and the cursor goes along; at either end it goes to the edge."""
        before = self.top, self.skip
        at = self.cursor - self.top
        self.scroll(rows)
        if (self.top, self.skip) == before and not self.owed:
            self.cursor = 0 if rows < 0 else max(len(self.lines) - 1, 0)
        else:
            self.cursor = self.top + at
        self._hold_cursor()

    def move(self, by: int) -> None:
        """Move the cursor by lines; a line that is higher than the screen is first read to its end."""
        for _ in range(abs(by)):
            self._step(1 if by > 0 else -1)

    def _step(self, way: int) -> None:
        shown = list(self.shown())
        if way > 0 and shown and shown[-1][0] == self.cursor and shown[-1][1] + 1 < self.tall(self.lines[self.cursor]):
            self.scroll(1)
        elif way < 0 and shown and shown[0][0] == self.cursor and shown[0][1] > 0:
            self.scroll(-1)
        elif 0 <= self.cursor + way < len(self.lines):
            self.cursor += way
            self.show_cursor()

    def show_cursor(self) -> None:
        """Scroll as little as brings the cursor's line on the screen."""
        if self.cursor < self.top or (self.cursor == self.top and self.skip):
            self.top, self.skip = self.cursor, 0
        else:
            self._show_bottom()
        self._fill()

    def _show_bottom(self) -> None:
        """Have the cursor's line end on the screen; where it is higher than that, it begins there."""
        for _ in range(len(self.lines)):
            end = sum(self.tall(line) for line in self.lines[self.top : self.cursor + 1]) - self.skip
            if end <= self.rows or (self.cursor == self.top and self.skip == 0):
                return
            if end - self.rows < self.tall(self.lines[self.top]) - self.skip:
                self.skip += end - self.rows
                return
            self.top, self.skip = min(self.top + 1, self.cursor), 0

    def _hold_cursor(self) -> None:
        self.cursor = min(max(self.cursor, self.top), max(self.last, 0))

    def wheel(self, rows: int) -> None:
        """Scroll; the cursor stays on its line as long as that is on the screen."""
        self.scroll(rows)
        self._hold_cursor()

    def to_end(self) -> None:
        """Show the last lines, the cursor on the last."""
        self.cursor = self.top = max(len(self.lines) - 1, 0)
        self.skip = self.owed = 0
        if self.lines:
            self.skip = max(self.tall(self.lines[self.top]) - self.rows, 0)
            self._fill()

    def _fill(self) -> None:
        """Leave no room below the last line while there is something above the first row."""
        if self.at_end and (room := self._room()) > 0 and (self.top or self.skip):
            owed, self.owed = self.owed, 0
            self.scroll(-room)
            self.owed = owed

    def resize(self, rows: int, *, end: bool) -> None:
        """The screen has so many rows now, or lines are of other heights."""
        self.rows = max(rows, 1)
        if not self.lines:
            return
        if end:
            self.to_end()
            return
        self.skip = min(self.skip, self.tall(self.lines[self.top]) - 1)
        self.show_cursor()

    def place_cursor(self, row: int) -> None:
        """Put the cursor on the line that is in this row of the screen."""
        for at, (index, _) in enumerate(self.shown()):
            if at == row:
                self.cursor = index

    def wants(self) -> tuple[bool, bool]:
        """Whether more lines are needed above, and below: less than a screen is at hand there."""
        above = not self.at_start and (self.top < self.rows or self.owed < 0)
        below = not self.at_end and (len(self.lines) - self.top < 2 * self.rows or self.owed > 0)
        return above, below
