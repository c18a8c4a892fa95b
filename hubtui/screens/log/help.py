"""The keys of a log view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from hubtui.commands import log_keys
from hubtui.widgets.plain import Plain, fit, lines, said

_KEY = "bold $text-accent"


def log_key_rows(width: int, more: Sequence[tuple[str, str]] = ()) -> list[Content]:
    """Every key and what it does, in lines of `width` cells; `more` are keys of the screen around the log."""
    rows = []
    for key, sentence in (*log_keys(), *more):
        head = Content.assemble(fit(said(key, _KEY), 10))
        for i, part in enumerate(said(sentence).wrap(max(width - 10, 20))):
            rows.append(Content.assemble(head if i == 0 else " " * 10, part))
    return rows


class LogHelp(ModalScreen[None]):
    """One page; any of its keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter", "done", "back", show=False)]

    def __init__(self, more: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self._more = more
        self._page = Plain()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide"):
            yield Plain(said("Keys of a log", "bold"))
            with VerticalScroll():
                yield self._page
            yield Plain(Content.assemble(said("esc", _KEY), " back"))

    def on_resize(self) -> None:
        rows = log_key_rows(min(self.size.width, 74) - 6, self._more)
        self._page.show(lines(rows))
        self.query_one(VerticalScroll).styles.height = max(min(len(rows), self.size.height * 9 // 10 - 4), 1)

    def action_done(self) -> None:
        self.dismiss()
