"""Which services a log view merges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from hubtui.widgets.log.picker import KEY, choice_row
from hubtui.widgets.plain import DIM, Plain, fit, joined, said
from hubtui.widgets.row_list import RowList

_KEYS = (("space", "on or off"), ("a", "all or none"), ("enter", "merge them"), ("esc", "cancel"))


class LogServices(ModalScreen[tuple[str, ...] | None]):
    """Answers with the chosen names in the order of the services, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "switch", "on or off", show=False),
        Binding("a", "all", "all or none", show=False),
        Binding("escape,q", "cancel", "cancel", show=False),
    ]

    def __init__(self, services: Sequence[str], chosen: Sequence[str]) -> None:
        super().__init__()
        self._services = services
        self._on = set(chosen)
        self._rows: RowList[str] = RowList(self._row, str, id="choices")
        self._note = Plain()

    def _row(self, name: str, width: int) -> Content:
        return fit(choice_row(name, name in self._on), width)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Plain(said("Services of this log", "bold"))
            yield self._rows
            yield self._note
            yield Plain(joined([Content.assemble((key, KEY), f" {word}") for key, word in _KEYS]))

    def on_mount(self) -> None:
        self._rows.show(self._services)
        self._rows.focus()
        self._draw()

    def _draw(self) -> None:
        self._rows.repaint()
        self._note.show(said(f"{len(self._on)} of {len(self._services)} chosen", DIM))

    def action_switch(self) -> None:
        if self._rows.current is not None:
            self._on ^= {self._rows.current}
            self._draw()

    def action_all(self) -> None:
        self._on = set() if len(self._on) == len(self._services) else set(self._services)
        self._draw()

    @on(RowList.Opened)
    def _opened(self) -> None:
        if self._on:
            self.dismiss(tuple(name for name in self._services if name in self._on))
        else:
            self._note.show(said("Choose one at least.", "$text-warning"))

    def action_cancel(self) -> None:
        self.dismiss(None)
