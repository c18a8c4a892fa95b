"""How many containers of a service there are to be."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from hubtui.widgets.plain import DIM, Plain, joined, plain, said

MOST = 3  # digits


def keyed(key: str, word: str) -> Content:
    """A key and what it does."""
    return Content.assemble((key, "bold $text-accent"), f" {word}")


class ScaleScreen(ModalScreen[int | None]):
    """Dismisses with the number that was typed, None where it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel", show=False)]

    def __init__(self, target: str) -> None:
        super().__init__()
        self._target = target
        self._field = Input(placeholder="how many", type="integer", max_length=MOST, compact=True, id="count")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Plain(joined([said("Scale", "bold"), plain(self._target)]))
            yield self._field
            yield Plain(said("So many containers, until told otherwise.", DIM))
            yield Plain(joined([keyed("enter", "have them"), keyed("esc", "cancel")]))

    def on_mount(self) -> None:
        self._field.focus()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if self._field.value.isdigit():
            self.dismiss(int(self._field.value))
