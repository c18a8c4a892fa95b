"""What of a log is shown: texts to show or to hide, the least level, lines around; each switched on or off at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from hubtui.errors import UsageError
from hubtui.logs.filters import Filters
from hubtui.logs.levels import Level
from hubtui.logs.patterns import Pattern
from hubtui.widgets.line_field import LineField
from hubtui.widgets.log.filter_rows import FilterRow, filter_row, filter_rows
from hubtui.widgets.plain import DIM, Plain, joined, lines, plain, said
from hubtui.widgets.row_list import RowList

CONTEXTS = (0, 1, 2, 3, 5, 10)
_LEVELS: tuple[int | None, ...] = (None, Level.DEBUG, Level.INFO, Level.WARNING, Level.ERROR, Level.FATAL)
_KEYS = (
    (("+", "show a text"), ("-", "hide a text"), ("l", "least level"), ("c", "lines around")),
    (("space", "on or off"), ("d", "remove"), ("D", "remove all"), ("esc", "done")),
)


class LogFilters(ModalScreen[None]):
    """Each change is told to `changed` at once, so that the log below shows what it does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus,s", "add(False)", "show", show=False, priority=True),
        Binding("minus,h", "add(True)", "hide", show=False, priority=True),
        Binding("ctrl+r", "regex", "regular expression", show=False, priority=True),
        Binding("l", "level", "level", show=False),
        Binding("c", "context", "lines around", show=False),
        Binding("space", "switch", "on or off", show=False),
        Binding("d,delete", "remove", "remove", show=False),
        Binding("D", "clear", "remove all", show=False),
        Binding("escape,q,f", "done", "done", show=False),
    ]

    def __init__(self, filters: Filters, context: int, changed: Callable[[Filters, int], None]) -> None:
        super().__init__()
        self.filters, self.around = filters, context
        self._changed = changed
        self._rows: RowList[FilterRow] = RowList(filter_row, lambda row: row.key, id="filter-rows")
        self._field = LineField(self._take)
        self._note = Plain(classes="wrapping")
        self._hides = False
        self._regex = False

    def compose(self) -> ComposeResult:
        key = "bold $text-accent"
        with Vertical(classes="dialog wide"):
            yield Plain(said("Filters of this log", "bold"))
            yield self._rows
            yield self._note
            yield self._field
            yield Plain(
                lines([joined([Content.assemble((k, key), f" {word}") for k, word in row]) for row in _KEYS]),
                id="filter-keys",
            )

    def on_mount(self) -> None:
        self._rows.focus()
        self._draw()

    def _draw(self) -> None:
        self._rows.show(filter_rows(self.filters))
        around = f"{self.around} line{'' if self.around == 1 else 's'} around each line that is shown"
        nothing = "No filter: every line is shown. + shows only lines with a text, l only from a level on."
        self._note.show(said(around if self._rows.items else nothing, DIM))

    def _set(self, filters: Filters) -> None:
        self.filters = filters
        self._changed(filters, self.around)
        self._draw()

    # Texts

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a text is typed, its letters are letters."""
        typing = self._field.has_class("-open")
        return action != "add" or not typing

    def action_add(self, hides: bool) -> None:
        self._hides = hides
        self._field.value = ""
        self._field.add_class("-open")
        self._say()
        self.set_focus(self._field)

    def _say(self, fault: str = "") -> None:
        what = "Hide lines with this" if self._hides else "Show only lines with this"
        kind = "regular expression" if self._regex else "text"
        self._note.show(plain(fault, "$text-error") if fault else said(f"{what} {kind}; ^r changes that"))

    def action_regex(self) -> None:
        if self._field.has_class("-open"):
            self._regex = not self._regex
            self._say()

    def _take(self) -> None:
        text = self._field.value
        if text:
            try:
                pattern = Pattern(text, regex=self._regex)
            except UsageError as error:
                self._say(error.message)
                return
            self.filters = self.filters.add(pattern, hides=self._hides)
            self._changed(self.filters, self.around)
        self._end_typing()

    def _end_typing(self) -> None:
        self._field.remove_class("-open")
        self.set_focus(self._rows)
        self._draw()

    # The others

    def action_level(self) -> None:
        at = _LEVELS.index(self.filters.level) if self.filters.level in _LEVELS else 0
        self._set(replace(self.filters, level=_LEVELS[(at + 1) % len(_LEVELS)], level_on=True))

    def action_context(self) -> None:
        at = CONTEXTS.index(self.around) if self.around in CONTEXTS else 0
        self.around = CONTEXTS[(at + 1) % len(CONTEXTS)]
        self._set(self.filters)

    def action_switch(self) -> None:
        row = self._rows.current
        if row is None:
            return
        if row.kind == "text":
            self._set(self.filters.switch(row.n))
        elif row.kind == "level":
            self._set(replace(self.filters, level_on=not row.on))
        elif row.kind == "services":
            self._set(replace(self.filters, hidden_on=not row.on))
        else:
            self._set(replace(self.filters, run_on=not row.on))

    def action_remove(self) -> None:
        row = self._rows.current
        if row is None:
            return
        if row.kind == "text":
            self._set(self.filters.remove(row.n))
        elif row.kind == "level":
            self._set(replace(self.filters, level=None))
        elif row.kind == "services":
            self._set(replace(self.filters, hidden=frozenset()))
        else:
            self._set(replace(self.filters, run=None))

    def action_clear(self) -> None:
        self.around = 0
        self._set(Filters())

    def action_done(self) -> None:
        if self._field.has_class("-open"):
            self._end_typing()
        else:
            self.dismiss()
