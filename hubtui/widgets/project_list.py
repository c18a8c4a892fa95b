"""The list of projects at the left, and the filter that is typed above it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from hubtui import models
from hubtui.models import Project
from hubtui.widgets.plain import DIM, Plain, fit, plain, said, spread
from hubtui.widgets.presentation import project_row
from hubtui.widgets.typed_rows import TypedRows
from hubtui.widgets.words import KEY


def matching(projects: Sequence[Project], needle: str) -> list[Project]:
    """Those whose name holds every word of the filter."""
    words = needle.lower().split()
    return [p for p in projects if all(word in p.name.lower() for word in words)]


def list_head(shown: int, total: int, needle: str, width: int, *, typing: bool = False) -> Content:
    """The line above the list: how many, and which filter is on or being typed."""
    count = f"{shown} of {total}" if needle else str(total) if total else ""
    if needle or typing:
        left = Content.assemble(("/", KEY), plain(needle), (" ", "reverse") if typing else "")
    else:
        left = said("PROJECTS", DIM)
    return spread(left, said(count, DIM), width) if width > 12 else fit(left, width)


class ProjectRows(TypedRows[Project]):
    """The rows; every one as it is now."""

    def __init__(self) -> None:
        super().__init__(lambda p, width: project_row(p, models.now(), width), lambda p: p.name, id="projects")


class ProjectList(Vertical):
    """Head and rows. Tell it all projects with `show`; it keeps the filter."""

    def __init__(self, projects: Sequence[Project]) -> None:
        super().__init__(id="list")
        self._projects = list(projects)
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
        self.rows.show(matching(self._projects, self.rows.needle))
        self._show_head()

    def _show_head(self) -> None:
        shown, width = len(self.rows.items), self._head.content_size.width
        self._head.show(list_head(shown, len(self._projects), self.rows.needle, width, typing=self.rows.typing))

    def on_typed_rows_typed(self) -> None:
        self._refill()
