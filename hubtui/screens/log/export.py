"""Writing a log, or a part of it, to a file: what, how, and where to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from hubtui.widgets.line_field import LineField
from hubtui.widgets.plain import DIM, Plain, joined, said
from hubtui.workers.log.export import Wanted, What

_KEY = "bold $text-accent"
_WHAT: dict[What, str] = {
    "visible": "what is on the screen",
    "marked": "the marked lines, whatever is filtered",
    "filtered": "what the filters leave, of all there is",
    "whole": "everything, whatever is filtered",
}


class LogExport(ModalScreen[Wanted | None]):
    """Answers with what is wanted, or None. `filtered`: whether a filter is active now; `marked`: whether there are
    marks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "what", "what", show=False, priority=True),
        Binding("ctrl+r", "raw", "raw", show=False, priority=True),
        Binding("ctrl+o", "overwrite", "overwrite", show=False, priority=True),
        Binding("escape", "cancel", "cancel", show=False),
    ]

    def __init__(self, suggested: str, *, filtered: bool, marked: bool) -> None:
        super().__init__()
        self._choices: list[What] = ["filtered", "whole", "visible"] if filtered else ["whole", "visible"]
        if marked:
            self._choices.append("marked")
        self._raw = self._overwrite = False
        self._field = LineField(self._take)
        self._field.value = suggested
        self._words = [Plain(), Plain(), Plain()]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide"):
            yield Plain(said("Write to a file", "bold"))
            yield from self._words
            yield self._field
            yield Plain(
                joined([Content.assemble(("enter", _KEY), " write"), Content.assemble(("esc", _KEY), " cancel")])
            )

    def on_mount(self) -> None:
        self._field.focus()
        self._draw()

    def _draw(self) -> None:
        how = "raw, as it was printed: it may act on a terminal" if self._raw else "safe text for any terminal"
        over = "in place of a file that is there" if self._overwrite else "never over a file that is there"
        rows = (("^t", "WHAT", _WHAT[self._choices[0]]), ("^r", "AS", how), ("^o", "TO", over))
        for widget, (key, label, told) in zip(self._words, rows, strict=True):
            widget.show(Content.assemble((key, _KEY), " ", (f"{label:5}", DIM), told))

    def _take(self) -> None:
        text = os.path.expanduser(self._field.value.strip())
        if text:
            self.dismiss(Wanted(self._choices[0], Path(text), self._raw, self._overwrite))

    def action_what(self) -> None:
        self._choices.append(self._choices.pop(0))
        self._draw()

    def action_raw(self) -> None:
        self._raw = not self._raw
        self._draw()

    def action_overwrite(self) -> None:
        self._overwrite = not self._overwrite
        self._draw()

    def action_cancel(self) -> None:
        self.dismiss(None)
