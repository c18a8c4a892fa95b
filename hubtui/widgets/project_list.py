"""The list of projects at the left, and the field that filters it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from hubtui import models
from hubtui.models import Project
from hubtui.widgets.plain import DIM, Plain, fit, plain, said, spread
from hubtui.widgets.presentation import project_row
from hubtui.widgets.row_list import RowList

if TYPE_CHECKING:
    from hubtui.widgets.filter_field import FilterField


def matching(projects: Sequence[Project], needle: str) -> list[Project]:
    """Those whose name holds every word of the filter."""
    words = needle.lower().split()
    return [p for p in projects if all(word in p.name.lower() for word in words)]


def list_head(shown: int, total: int, needle: str, width: int) -> Content:
    """The line above the list: how many, and which filter is on."""
    count = f"{shown} of {total}" if needle else str(total) if total else ""
    filtered = Content.assemble(("/", "bold $text-accent"), plain(needle)) if needle else said("PROJECTS", DIM)
    return spread(filtered, said(count, DIM), width) if width > 12 else fit(filtered, width)


class ProjectRows(RowList[Project]):
    """The rows; every one as it is now."""

    def __init__(self) -> None:
        super().__init__(lambda p, width: project_row(p, models.now(), width), lambda p: p.name, id="projects")


class ProjectList(Vertical):
    """Head, rows and filter. Tell it all projects with `show`; it keeps the filter."""

    def __init__(self, projects: Sequence[Project]) -> None:
        super().__init__(id="list")
        self._projects = list(projects)
        self._needle = ""
        self.rows = ProjectRows()
        self._head = Plain(id="list-head")

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.rows

    def on_mount(self) -> None:
        self._refill()

    def on_resize(self) -> None:
        self._show_head()

    def show(self, projects: Sequence[Project]) -> None:
        """List these, as far as the filter lets them through."""
        self._projects = list(projects)
        self._refill()

    def _refill(self) -> None:
        self.rows.show(matching(self._projects, self._needle))
        self._show_head()

    def _show_head(self) -> None:
        shown = len(self.rows.items)
        self._head.show(list_head(shown, len(self._projects), self._needle, self._head.content_size.width))

    @property
    def needle(self) -> str:
        """The filter that is on."""
        return self._needle

    def set_filter(self, needle: str) -> None:
        """Show only projects whose name holds this."""
        self._needle = needle.strip()
        self._refill()

    async def ask_filter(self) -> None:
        """Open the field to type a filter in; enter keeps it, escape drops it."""
        from hubtui.widgets.filter_field import FilterField

        if not self.query(FilterField):
            await self.mount(FilterField(self._needle))
        self.query_one(FilterField).focus_field()

    def on_filter_field_changed(self, event: FilterField.Changed) -> None:
        self.set_filter(event.needle)

    async def on_filter_field_closed(self, event: FilterField.Closed) -> None:
        if not event.kept:
            self.set_filter("")
        await self.query("FilterField").remove()
        self.rows.focus()
