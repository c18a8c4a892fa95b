"""The lines of a log on the screen: place-based, so that ten million lines cost what a screen of them costs.

The widget holds a stretch of lines and says what it wants; a reader in a thread reads (workers/log_window.py). It never
touches a file, so a key is answered at once, whatever the disk does.
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
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from hubtui.logs.lines import Place
from hubtui.messages import LogGrew, LogLooking, LogMore, LogNothing, LogStands, LogWindow
from hubtui.widgets.log_bar import fraction_at, thumb
from hubtui.widgets.log_ink import Palette
from hubtui.widgets.log_line import Manner
from hubtui.widgets.log_page import Page
from hubtui.widgets.log_rows import Rows
from hubtui.widgets.plain import EMPTY
from hubtui.workers.log_goals import Goal, ToEdge, ToFraction, ToPlace
from hubtui.workers.log_window import LogReading

SIDEWAYS = 16  # cells of one step to the right or left
STEP = 3  # rows of a turn of the mouse wheel


class LogView(Widget, can_focus=True):
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
        Binding("up,k", "by(-1)", "up", show=False),
        Binding("down,j", "by(1)", "down", show=False),
        Binding("pageup,ctrl+b,b", "page(-1)", "page up", show=False),
        Binding("pagedown,ctrl+f,space", "page(1)", "page down", show=False),
        Binding("ctrl+u", "half(-1)", "half a page up", show=False),
        Binding("ctrl+d", "half(1)", "half a page down", show=False),
        Binding("home,g", "top", "top", show=False),
        Binding("end,G", "follow", "end", show=False),
        Binding("left,h", "aside(-1)", "left", show=False),
        Binding("right,l", "aside(1)", "right", show=False),
    ]
    following: var[bool] = var(True)

    class Changed(Message):
        """Where the view is, what it knows or what it waits for has changed."""

    def __init__(self, reading: LogReading, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.reading = reading
        self.rows = Rows(self._palette)
        self.page = Page(self.rows.tall)
        self.nothing = EMPTY  # what is said where there is no line
        self.unseen = 0
        self.looking: float | None = None  # how far the reader is, while it looks for what is wanted
        self.told = ""  # what the reader has not found
        self.stands: LogStands | None = None
        self.opened = False  # whether there was a first answer
        self._serial = 0
        self._asked = [False, False]
        self._seen: tuple[Place, Place] | None = None
        self._grabbed = False

    # Asking

    def begin(self) -> None:
        """Another log, or another filter of it, is shown from its end."""
        self.page = Page(self.rows.tall)
        self.page.rows = max(self.size.height, 1)
        self.opened = False
        self.stands = None
        self.go_end()

    def stay_here(self) -> None:
        """What is shown has another filter now: read it anew, around the line under the cursor."""
        current = self.page.current
        if self.following or current is None:
            self.go_end()
        else:
            self.go(ToPlace(current.place))

    def go_end(self) -> None:
        """To the end, and stay there."""
        self.go(ToEdge(end=True), follow=True)

    def go(self, goal: Goal, *, follow: bool = False) -> None:
        """Look for a place; the view moves when it is found."""
        rows = max(self.size.height, 24)
        self.following = follow
        self.unseen = 0
        self.told, self.looking = "", None
        self._asked = [False, False]
        self._serial = self.reading.go(goal, 2 * rows, 0 if follow else 3 * rows, follow=follow)
        self.post_message(self.Changed().set_sender(self))

    def _stop_following(self) -> None:
        """The user reads: from now on lines are counted."""
        if self.following:
            self.following = False
            self.unseen = 0
            self._asked = [False, False]
            self._serial = self.reading.stay(self.page.below)

    def _settle(self) -> None:
        """The page may have moved: ask for what comes near, follow where the end is on the screen, paint."""
        page = self.page
        for back, wanted in zip((True, False), page.wants(), strict=True):
            if wanted and not self._asked[not back] and not (self.following and not back):
                self._asked[not back] = True
                place = page.above if back else page.below
                self.reading.more(self._serial, place, 3 * max(page.rows, 8), back=back)
        if page.lines:
            seen = page.lines[page.top].place, page.lines[max(page.last, 0)].after
            if seen != self._seen:
                self._seen = seen
                self.reading.seen(*seen)
        self.refresh()
        self.post_message(self.Changed().set_sender(self))

    # Hearing

    def hear(self, message: Message) -> None:
        """What the reader tells; answers to older wishes are dropped."""
        serial = getattr(message, "serial", self._serial)
        if serial != self._serial:
            return
        if isinstance(message, LogWindow):
            self._take(message)
        elif isinstance(message, LogMore):
            self._add(message)
        elif isinstance(message, LogGrew):
            self.unseen = message.unseen
            self.page.at_end = False
            self._settle()
        elif isinstance(message, LogLooking):
            self.looking = message.fraction
            self.post_message(self.Changed().set_sender(self))
        elif isinstance(message, LogNothing):
            self.looking, self.told = None, message.sentence
            self.post_message(self.Changed().set_sender(self))
        elif isinstance(message, LogStands):
            self.stands = message
            self.refresh()
            self.post_message(self.Changed().set_sender(self))

    def _take(self, window: LogWindow) -> None:
        self.looking, self.told = None, window.note
        self.opened = True
        self._asked = [False, False]
        self.page.take(window, end=self.following)
        self.reading.taken()
        self._seen = None
        self._settle()

    def _add(self, more: LogMore) -> None:
        self.looking = None
        self._asked[not more.back] = more.goes_on
        self.reading.taken()
        if more.place == (self.page.above if more.back else self.page.below):
            self.page.add(more, end=self.following and not more.back)
            self._settle()
        elif self.following and not more.back:  # there would be a hole
            self.go_end()

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
            self._settle()

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
            return Strip.join([self.rows.of(self.page.lines[index], cursor=index == self.page.cursor)[part], end])
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
            self._stop_following()
        self._settle()

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
                self._stop_following()
            self._settle()
