"""The end of a log: at most LIMIT lines in memory, only visible ones rendered, following until the user scrolls.

The file on disk is the truth and has every line; this is a window on its end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from hubtui.models import LogLine, local
from hubtui.widgets.log.source import hue
from hubtui.widgets.plain import DIM, fit, plain

LIMIT = 5000
CHUNK = 500  # lines trimmed at a time


def log_line(line: LogLine, names: Sequence[str], *, clock: bool) -> Content:
    """A line as it is shown: its time, its service where several are merged, and what was printed."""
    parts: list[Content | tuple[str, str]] = []
    if clock:
        parts.append((f"{local(line.time):%H:%M:%S} ", DIM))
    if len(names) > 1:
        width = min(max(map(len, names)), 12)
        colour = hue(names.index(line.service)) if line.service in names else DIM
        parts += [fit(plain(line.service, colour), width), (" │ ", DIM)]
    if line.stream == "hub":
        parts.append(plain(f"── {line.line}", f"italic {DIM}"))
    else:
        parts.append(plain(line.line))
    return Content.assemble(*parts)


class LogTail(ScrollView, can_focus=True):
    """Shows lines given by `begin` and `append`. Following ends when the user scrolls up, and says so by Followed."""

    DEFAULT_CSS = """
    LogTail { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "by(-1)", "up", show=False),
        Binding("down,j", "by(1)", "down", show=False),
        Binding("pageup,ctrl+b,b", "page(-1)", "page up", show=False),
        Binding("pagedown,ctrl+f,space", "page(1)", "page down", show=False),
        Binding("home,g", "top", "top", show=False),
        Binding("end,G", "follow", "bottom", show=False),
    ]
    wraps: var[bool] = var(False)
    clock: var[bool] = var(False)
    following: var[bool] = var(True)

    class Followed(Message):
        """Following began or ended, or lines came that the user has not seen."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: list[LogLine] = []
        self._names: tuple[str, ...] = ()
        self._first = 0  # number of the oldest line kept
        self._rows: list[int] = []  # while wrapping: the row on which each line begins
        self._cache: LRUCache[tuple[int, int], Strip] = LRUCache(512)
        self._moving = False
        self.unseen = 0

    @property
    def lines(self) -> Sequence[LogLine]:
        """The lines that are kept."""
        return self._lines

    def begin(self, names: tuple[str, ...], lines: Sequence[LogLine]) -> None:
        """Show another log: these services, these lines, from their end."""
        self._names = names
        self._lines = list(lines[-LIMIT:])
        self._first = 0
        self.following = True
        self.unseen = 0
        self._lay_out()

    def append(self, lines: Sequence[LogLine]) -> None:
        """Add lines that came. Where the user reads something, it stays where it is."""
        if not lines:
            return
        self._lines += lines
        self._count(lines)
        gone = 0
        if len(self._lines) > LIMIT:
            gone = self._trim()
        self._measure()
        if self.following:
            self._go(self.max_scroll_y)
            self.refresh()
        else:
            self.unseen += len(lines)
            if gone:
                self._go(self.scroll_offset.y - gone)
                self.refresh()
            self.post_message(self.Followed().set_sender(self))

    def _trim(self) -> int:
        """Drop the oldest; returns how many rows they took."""
        drop = max(len(self._lines) - LIMIT, CHUNK)
        rows = self._rows[drop] if self.wraps and drop < len(self._rows) else drop
        del self._lines[:drop]
        self._first += drop
        if self.wraps:
            self._rows = [row - rows for row in self._rows[drop:]]
        return rows

    def _lay_out(self) -> None:
        """Everything may have changed: rows, width, or how a line is shown."""
        self._cache.clear()
        self._rows = []
        if self.wraps:
            self._count(self._lines)
        self._measure()
        if self.following:
            self._go(self.max_scroll_y)
        self.refresh()

    def _count(self, lines: Sequence[LogLine]) -> None:
        if not self.wraps:
            return
        width = max(self._width, 1)
        row = self._total_rows
        for line in lines:
            self._rows.append(row)
            row += max(1, -(-self._content(line).cell_length // width))
        self._end_row = row

    _end_row = 0

    @property
    def _total_rows(self) -> int:
        if not self.wraps:
            return len(self._lines)
        return self._end_row if self._rows else 0

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def _measure(self) -> None:
        if self.wraps and self._rows:
            last = self._content(self._lines[-1]).cell_length
            self._end_row = self._rows[-1] + max(1, -(-last // max(self._width, 1)))
        self.virtual_size = Size(self.size.width, self._total_rows)

    def _content(self, line: LogLine) -> Content:
        return log_line(line, self._names, clock=self.clock)

    def render_line(self, y: int) -> Strip:
        row = y + self.scroll_offset.y
        if row >= self._total_rows:
            return Strip.blank(self.size.width, self.rich_style)
        index, part = row, 0
        if self.wraps:
            index = bisect_right(self._rows, row) - 1
            part = row - self._rows[index]
        key = self._first + index, part
        strip = self._cache.get(key)
        if strip is None:
            strip = self._cache[key] = self._draw(self._content(self._lines[index]), part)
        return strip

    def _draw(self, content: Content, part: int) -> Strip:
        width = self._width
        if self.wraps:
            strips = Visual.to_strips(self, content, max(content.cell_length, 1), 1, self.visual_style)
            strip = strips[0].crop(part * width, (part + 1) * width)
            return strip.extend_cell_length(self.size.width, self.rich_style)
        shown = content.truncate(width, ellipsis=True)
        return Visual.to_strips(self, shown, self.size.width, 1, self.visual_style, pad=True, apply_selection=False)[0]

    # Moving

    def _go(self, y: float) -> None:
        self._moving = True
        self.scroll_to(y=max(y, 0), animate=False, immediate=True, force=True)
        self._moving = False

    def _user_goes(self, y: float) -> None:
        self._go(min(max(y, 0), self.max_scroll_y))
        self.following = self.scroll_offset.y >= self.max_scroll_y

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if not self._moving and round(old_value) != round(new_value):
            self.following = new_value >= self.max_scroll_y

    def watch_following(self, following: bool) -> None:
        if following:
            self.unseen = 0
        self.post_message(self.Followed().set_sender(self))

    def watch_wraps(self) -> None:
        self._lay_out()

    def watch_clock(self) -> None:
        self._lay_out()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._cache.clear()

    def on_resize(self) -> None:
        self._lay_out()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self._user_goes(self.scroll_offset.y - 3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self._user_goes(self.scroll_offset.y + 3)

    def action_by(self, rows: int) -> None:
        self._user_goes(self.scroll_offset.y + rows)

    def action_page(self, direction: int) -> None:
        self._user_goes(self.scroll_offset.y + direction * max(self.size.height - 1, 1))

    def action_top(self) -> None:
        self._user_goes(0)
        self.following = self.max_scroll_y == 0

    def action_follow(self) -> None:
        """Go to the end and stay there."""
        self.following = True
        self._go(self.max_scroll_y)
        self.refresh()
