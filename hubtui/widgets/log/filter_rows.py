"""Filters of a log in words: as rows of a list, and all of them in one line."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from hubtui.logs.filters import Filters
from hubtui.logs.levels import Level
from hubtui.widgets.plain import DIM, EMPTY, fit, joined, plain, said


@dataclass(frozen=True, slots=True)
class FilterRow:
    """One filter: `kind` is text, level, services or run; `n` counts the texts."""

    kind: str
    n: int
    verb: str
    words: str
    note: str
    on: bool

    @property
    def key(self) -> str:
        """Its name within the list."""
        return f"{self.kind}{self.n}"


def filter_rows(filters: Filters) -> list[FilterRow]:
    """Every filter there is, switched on or not."""
    rows = []
    for n, one in enumerate(filters.texts):
        case = {None: "", True: "exact case", False: "any case"}[one.pattern.case]
        note = ", ".join(word for word in ("regex" if one.pattern.regex else "", case) if word)
        rows.append(FilterRow("text", n, "hide" if one.hides else "show", one.pattern.typed, note, one.on))
    if filters.level is not None:
        rows.append(FilterRow("level", 0, "level", f"{Level(filters.level).word} and above", "", filters.level_on))
    if filters.hidden:
        rows.append(FilterRow("services", 0, "hide", ", ".join(sorted(filters.hidden)), "services", filters.hidden_on))
    if filters.run is not None:
        rows.append(FilterRow("run", 0, "run", f"{filters.run}", "", filters.run_on))
    return rows


def filter_row(row: FilterRow, width: int) -> Content:
    """`[x] show  timeout  regex`."""
    mark = said("[x] " if row.on else "[ ] ", "$text-success" if row.on else DIM)
    verb = fit(said(row.verb, "$text-warning" if row.on else DIM), 6)
    return fit(
        joined([Content.assemble(mark, verb, plain(row.words, "bold" if row.on else "")), said(row.note, DIM)]), width
    )


def filter_line(filters: Filters, context: int) -> Content:
    """`FILTER  show timeout | hide health | warning and above | 2 lines around`; nothing where there is none."""
    rows = filter_rows(filters)
    if not rows:
        return EMPTY
    shown = []
    for row in rows:
        words = plain(row.words, "bold" if row.on else f"strike {DIM}")
        shown.append(words if row.kind == "level" else joined([said(row.verb, DIM), words], " "))
    if context and filters.active:
        shown.append(said(f"{context} line{'s' if context > 1 else ''} around", DIM))
    head = said("FILTER", "bold $text-warning") if filters.active else said("FILTER OFF", DIM)
    return joined([head, joined(shown, " | ")])
