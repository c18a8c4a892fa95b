"""The lines of a log on the screen: place-based, so that ten million lines cost what a screen of them costs.

The widget holds a stretch of lines and says what it wants; a reader in a thread reads (workers/log/reading.py). It
never touches a file, so a key is answered at once, whatever the disk does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual

from hubtui.messages import LogWindow
from hubtui.widgets.log.asking import LogAsking
from hubtui.widgets.log.bar import fraction_at, thumb
from hubtui.widgets.log.ink import Palette
from hubtui.widgets.log.line import Manner, left_for_hit
from hubtui.widgets.log.rows import Rows
from hubtui.widgets.plain import EMPTY
from hubtui.workers.log.goals import ToEdge, ToFraction
from hubtui.workers.log.reading import LogReading

SIDEWAYS = 16  # cells of one step to the right or left
_RULED = RichStyle(underline=True)
STEP = 3  # rows of a turn of the mouse wheel


class LogView(LogAsking, can_focus=True):
    """Shows what its reader finds. Following ends when the user moves away from the end, and begins there again."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"log-view--cursor", "log-view--bar"}
    DEFAULT_CSS = """
    LogView {
        height: 1fr; background: $background;
        & > .log-view--cursor { background: $foreground 10%; }
        & > .log-view--bar { background: $background; color: $foreground 20%; }
        &:focus > .log-view--cursor { background: $primary 30%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k,ctrl+y", "by(-1)", "up", show=False),
        Binding("down,j,ctrl+e", "by(1)", "down", show=False),
        Binding("pageup,ctrl+b,b", "page(-1)", "page up", show=False),
        Binding("pagedown,ctrl+f,space", "page(1)", "page down", show=False),
        Binding("ctrl+u,u", "half(-1)", "half a page up", show=False),
        Binding("ctrl+d,d", "half(1)", "half a page down", show=False),
        Binding("home,g,less_than_sign,ctrl+home", "top", "top", show=False),
        Binding("end,G,F,greater_than_sign,ctrl+end", "follow", "end", show=False),
        Binding("left,h", "aside(-1)", "left", show=False),
        Binding("right,l", "aside(1)", "right", show=False),
    ]

    def __init__(self, reading: LogReading, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(reading, Rows(self._palette), id=id)
        self.nothing = EMPTY  # what is said where there is no line
        self.gaps = False  # whether a line is drawn where lines are left out: below each group of lines
        self._grabbed = False

    # Painting

    @property
    def _width(self) -> int:
        return max(self.size.width - 1, 1)  # the last column is the scroll bar's

    @property
    def manner(self) -> Manner:
        """How lines are shown."""
        return self.rows.manner

    def look(self, **changes: Any) -> None:
        """Show lines in another manner (the fields of Manner), where they are."""
        self.rows.look(**changes)
        if self.is_mounted:
            self.page.resize(self.size.height, end=self.following)
            self.settle()

    def _palette(self, cursor: bool) -> Palette:
        style = self.get_visual_style("log-view--cursor") if cursor else self.visual_style
        return Palette(style, self.app.theme_variables, dark=self.app.current_theme.dark)

    def render_lines(self, crop: Region) -> list[Strip]:
        self._drawn = list(self.page.shown())
        self._thumb = thumb(self.stands, self.size.height)
        return super().render_lines(crop)

    _drawn: Sequence[tuple[int, int]] = ()
    _thumb: range = range(0)

    def render_line(self, y: int) -> Strip:
        bar = self.get_component_rich_style("log-view--bar")
        end = Strip([Segment(" ", bar + RichStyle(reverse=True) if y in self._thumb else bar)], 1)
        if y < len(self._drawn):
            index, part = self._drawn[y]
            rows = self.rows.of(self.page.lines[index], cursor=index == self.page.cursor)
            ruled = self.gaps and part == len(rows) - 1 and self.page.gap_below(index)
            return Strip.join([rows[part].apply_style(_RULED) if ruled else rows[part], end])
        if y == 1 and not self.page.lines and self.nothing:
            content = Content.assemble(" ", self.nothing)
            return Strip.join([*Visual.to_strips(self, content, self._width, 1, self.visual_style, pad=True)[:1], end])
        return Strip.join([Strip.blank(self._width, self.rich_style), end])

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._recolour()

    def on_resize(self) -> None:
        self.look(width=self._width)

    def on_focus(self) -> None:
        self._recolour()

    def on_blur(self) -> None:
        self._recolour()

    def _recolour(self) -> None:
        self.rows.forget()
        self.refresh()

    # Moving

    def _moved(self, way: int) -> None:
        """The user moved: at the end following begins, anywhere else it ends."""
        self.told = ""
        at_end = self.page.shows_end and self.page.cursor == len(self.page.lines) - 1
        if way > 0 and at_end and not self.following:
            self.go_end()
            return
        if way < 0 or not at_end:
            self.stop_following()
        self.settle()

    def action_by(self, lines: int) -> None:
        self.page.move(lines)
        self._moved(lines)

    def action_page(self, way: int) -> None:
        self.page.page(way * max(self.size.height - 1, 1))
        self._moved(way)

    def action_half(self, way: int) -> None:
        self.page.page(way * max(self.size.height // 2, 1))
        self._moved(way)

    def action_top(self) -> None:
        self.go(ToEdge(end=False))

    def action_follow(self) -> None:
        self.go_end()

    def action_aside(self, way: int) -> None:
        """Lines that are longer than the screen is wide: look further right, or back."""
        left = max(self.manner.left + way * SIDEWAYS, 0)
        if self.manner.wrap or left == self.manner.left or (way > 0 and not self._cut_right()):
            return
        self.look(left=left)

    def _cut_right(self) -> bool:
        """Whether a line on the screen goes on to the right of it."""
        return any(self.rows.of(self.page.lines[i])[0].text.endswith("…") for i, _ in self._drawn)

    def _take(self, window: LogWindow) -> None:
        super()._take(window)
        hit = self.page.current if window.hit and not self.manner.wrap else None
        left = left_for_hit(hit, self.manner, SIDEWAYS) if hit is not None else self.manner.left
        if left != self.manner.left:
            self.look(left=left)

    # The mouse

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self.page.wheel(-STEP)
        self._moved(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self.page.wheel(STEP)
        if self.page.shows_end:
            self.page.to_end()
        self._moved(1)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.x >= self._width:
            self._grabbed = True
            self.capture_mouse()
            self._drag(event.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._grabbed:
            self._drag(event.y)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._grabbed:
            self._grabbed = False
            self.release_mouse()

    def _drag(self, y: int) -> None:
        """The scroll bar is held at a row."""
        fraction = fraction_at(y, self.size.height)
        if fraction == 1.0:
            self.go_end()
        else:
            self.go(ToFraction(fraction))

    def on_click(self, event: events.Click) -> None:
        if event.x < self._width:
            self.page.place_cursor(event.y)
            if self.page.cursor != len(self.page.lines) - 1:
                self.stop_following()
            self.settle()
