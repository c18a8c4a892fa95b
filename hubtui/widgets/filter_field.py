"""The field below the list that a filter is typed in. Imported only when it is opened: an Input costs start time."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from hubtui.widgets.plain import Plain, said


class FilterField(Horizontal):
    """Filters while one types."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "drop", "drop the filter", show=False)]

    class Changed(Message):
        """Another filter was typed."""

        def __init__(self, needle: str) -> None:
            super().__init__()
            self.needle = needle

    class Closed(Message):
        """The field was left: with the filter kept, or dropped."""

        def __init__(self, kept: bool) -> None:
            super().__init__()
            self.kept = kept

    def __init__(self, needle: str) -> None:
        super().__init__(id="filter-field")
        self._needle = needle

    def compose(self) -> ComposeResult:
        yield Plain(said("/", "bold $text-accent"), id="filter-slash")
        field = Input(self._needle, compact=True, select_on_focus=False)
        field.cursor_blink = False
        yield field

    def focus_field(self) -> None:
        """Put the cursor in the field."""
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def _kept(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Closed(True))

    def action_drop(self) -> None:
        self.post_message(self.Closed(False))
