"""One generic list with a cursor: what a row looks like is a pure function, and only rows that changed are painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

T = TypeVar("T")
Draw = Callable[[T, int], Content]


class RowList(ScrollView, Generic[T], can_focus=True):
    """Rows of one line each. `key` names an item, so that the cursor stays on it whatever comes and goes around it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-list--cursor"}
    DEFAULT_CSS = """
    RowList { overflow-x: hidden; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "page up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "page down", show=False),
        Binding("home,g", "edge(0)", "first", show=False),
        Binding("end,G", "edge(1)", "last", show=False),
        Binding("enter", "open", "open", show=False),
    ]
    cursor: var[int] = var(0)
    always_marked = True  # whether the cursor is shown while another part has the focus

    class Moved(Message):
        """The cursor is on another item (or on none: the list is empty)."""

        def __init__(self, rows: RowList[Any], key: str | None) -> None:
            super().__init__()
            self.rows = rows
            self.key = key

        @property
        def control(self) -> RowList[Any]:
            return self.rows

    class Opened(Moved):
        """Enter, or a click on the item under the cursor."""

    def __init__(self, draw: Draw[T], key: Callable[[T], str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._draw = draw
        self._key = key
        self._items: list[T] = []
        self._strips: dict[int, tuple[Content, Strip]] = {}

    @property
    def items(self) -> Sequence[T]:
        """What is listed now."""
        return self._items

    @property
    def current(self) -> T | None:
        """The item under the cursor."""
        return self._items[self.cursor] if 0 <= self.cursor < len(self._items) else None

    @property
    def current_key(self) -> str | None:
        """Its name."""
        item = self.current
        return self._key(item) if item is not None else None

    def show(self, items: Sequence[T]) -> None:
        """List these. The cursor stays on its item, and that where it is on the screen; or it takes the place of one
        that is gone."""
        before, seen = self.current_key, self._in_sight
        self._items = list(items)
        keys = [self._key(item) for item in self._items]
        at = keys.index(before) if before in keys else min(self.cursor, max(len(keys) - 1, 0))
        if Size(self.size.width, len(keys)) != self.virtual_size:
            self.virtual_size = Size(self.size.width, len(keys))
            self.refresh()
        if at != self.cursor:
            by = at - self.cursor
            self.set_reactive(RowList.cursor, at)
            self._strips.clear()
            if self.scroll_offset.y:
                self.scroll_to(y=self.scroll_offset.y + by, animate=False, immediate=True, force=True)
            self.refresh()
        if seen:  # else somebody has scrolled away from it
            self.keep_in_sight()
        if self.current_key != before:
            self._tell_moved()
        self.repaint()

    def repaint(self) -> None:
        """Draw the visible rows anew and paint those that differ."""
        top = self.scroll_offset.y
        for index in list(self._strips):
            if not top <= index < top + self.size.height or index >= len(self._items):
                del self._strips[index]
            elif not self._content(index).is_same(self._strips[index][0]):
                del self._strips[index]
                self.refresh_line(index)

    def select(self, key: str) -> None:
        """Put the cursor on the item of this name, if it is listed."""
        index = next((i for i, item in enumerate(self._items) if self._key(item) == key), None)
        if index is not None:
            self.cursor = index

    def _tell_moved(self) -> None:
        # In its own name: a message whose sender is the parent, who may have called, would stop at the parent.
        self.post_message(self.Moved(self, self.current_key).set_sender(self))

    def _content(self, index: int) -> Content:
        return self._draw(self._items[index], self.scrollable_content_region.width - 1)

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        if index >= len(self._items):
            return Strip.blank(self.size.width, self.rich_style)
        known = self._strips.get(index)
        if known is None:
            content = self._content(index)
            known = self._strips[index] = content, self._strip(index, content)
        return known[1]

    def _strip(self, index: int, content: Content) -> Strip:
        style = self.visual_style
        if index == self.cursor and (self.always_marked or self.has_focus):
            style = self.get_visual_style("row-list--cursor")
            content = Content.assemble("▌", content)
        else:
            content = Content.assemble(" ", content)
        return Visual.to_strips(self, content, self.size.width, 1, style, pad=True, apply_selection=False)[0]

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def on_resize(self) -> None:
        self._strips.clear()
        self.refresh()  # what was painted before this message is forgotten: it would never be compared again
        self.virtual_size = Size(self.size.width, len(self._items))
        self.keep_in_sight()

    def on_focus(self) -> None:
        self._look_changed()

    def on_blur(self) -> None:
        self._look_changed()

    def _look_changed(self) -> None:
        self._strips.pop(self.cursor, None)
        self.refresh_line(self.cursor)

    def validate_cursor(self, cursor: int) -> int:
        return min(max(cursor, 0), max(len(self._items) - 1, 0))

    def watch_cursor(self, old: int, new: int) -> None:
        for index in (old, new):
            self._strips.pop(index, None)
            self.refresh_line(index)
        self.keep_in_sight()
        if old != new:
            self._tell_moved()

    @property
    def _in_sight(self) -> bool:
        return 0 <= self.cursor - self.scroll_offset.y < self.size.height

    def keep_in_sight(self) -> None:
        """Scroll so that the cursor can be seen."""
        top, height = self.scroll_offset.y, self.size.height
        if height and not self._in_sight:
            self.scroll_to(
                y=self.cursor if self.cursor < top else self.cursor - height + 1,
                animate=False,
                immediate=True,
                force=True,
            )

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_page(self, direction: int) -> None:
        self.cursor += direction * max(self.size.height - 1, 1)

    def action_edge(self, end: int) -> None:
        self.cursor = len(self._items) - 1 if end else 0

    def action_open(self) -> None:
        if self.current is not None:
            self.post_message(self.Opened(self, self.current_key))

    def on_click(self, event: events.Click) -> None:
        index = event.y + self.scroll_offset.y
        if index >= len(self._items):
            return
        already = index == self.cursor
        self.cursor = index
        if already and event.chain > 1:
            self.action_open()
