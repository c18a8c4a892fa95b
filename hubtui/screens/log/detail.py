"""One line of a log, whole: where it stands, its fields, what was printed; and copying it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from hubtui import models
from hubtui.messages import LogWhole
from hubtui.screens.log.copy import copy
from hubtui.widgets.log.detail import Standing, copied, detail, fields_copied
from hubtui.widgets.log.ink import Palette
from hubtui.widgets.plain import Plain, joined, said

_KEY = "bold $text-accent"
_KEYS = (("y", "copy"), ("c", "copy fields"), ("J", "as printed"), ("↑ ↓", "scroll"), ("esc", "back"))


class LogDetail(ModalScreen[None]):
    """The page of one line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy", show=False),
        Binding("c", "copy_fields", "copy fields", show=False),
        Binding("J,r", "raw", "as printed", show=False),
        Binding("j", "scroll(1)", "down", show=False),
        Binding("k", "scroll(-1)", "up", show=False),
        Binding("escape,q,enter", "done", "back", show=False),
    ]

    def __init__(self, found: LogWhole, where: Standing) -> None:
        super().__init__()
        self._found, self._where = found, where
        self._readable = True
        self._page = Plain()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Plain(said("One line", "bold"))
            with VerticalScroll():
                yield self._page
            yield Plain(joined([Content.assemble((key, _KEY), f" {word}") for key, word in _KEYS]))

    def on_resize(self) -> None:
        self._draw()
        self.call_after_refresh(self._draw)  # once it is laid out: the scroll bar takes a column

    def _draw(self) -> None:
        width = self._page.content_size.width or self.size.width - 8
        found = self._found
        dark = self.app.current_theme.dark
        palette = Palette(self._page.visual_style, self.app.theme_variables, dark=dark)
        now, readable = models.now().timestamp(), self._readable
        told = detail(found.line, found.whole, self._where, now, width, readable=readable, palette=palette)
        self._page.show(told)
        rows, room = told.plain.count("\n") + 1, self.size.height * 9 // 10 - 4  # the border, the title, the keys
        self.query_one(VerticalScroll).styles.height = max(min(rows, room), 1)

    def action_raw(self) -> None:
        self._readable = not self._readable
        self._draw()

    def action_scroll(self, rows: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)

    async def action_copy(self) -> None:
        await copy(self, copied(self._found.whole))

    async def action_copy_fields(self) -> None:
        await copy(self, fields_copied(self._found.whole))

    def action_done(self) -> None:
        self.dismiss()
