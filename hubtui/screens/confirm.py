"""A question that names what it is about. No is the default: enter and escape both mean no harm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from hubtui.widgets.plain import DIM, EMPTY, Plain, joined, lines, plain


class ConfirmScreen(ModalScreen[bool]):
    """Dismisses with True only for y."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes", show=False),
        Binding("n,escape,enter,q", "answer(False)", "no", show=False),
    ]

    def __init__(self, question: str, notes: Sequence[str] = (), *, yes: str = "yes", no: str = "no") -> None:
        super().__init__()
        self._question, self._notes = question, notes
        self._yes, self._no = yes, no

    def compose(self) -> ComposeResult:
        key = "bold $text-accent"
        yes = Content.assemble(("y", key), " ", plain(self._yes))
        no = Content.assemble(("n", key), " ", plain(self._no), (" (enter)", DIM))
        with Vertical(classes="dialog"):
            yield Plain(plain(self._question, "bold"))
            yield Plain(lines([EMPTY, *(plain(note, DIM) for note in self._notes), EMPTY]))
            yield Plain(joined([yes, no], "    "))

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
