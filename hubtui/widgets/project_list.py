"""The list of projects at the left, and the filter that is typed above it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from hubtui import models
from hubtui.models import Project
from hubtui.widgets.plain import DIM, Plain, fit, plain, said, spread
from hubtui.widgets.presentation import KEY, project_row
from hubtui.widgets.row_list import RowList

LONGEST = 60


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


class ProjectRows(RowList[Project]):
    """The rows; every one as it is now.

    The filter is typed into this very widget: keys that come in one burst (`/api` and enter, pasted or sent by tmux)
    would still reach the list while a field of its own is being made, and act as commands.
    """

    class Typed(Message):
        """The filter that is being typed, or has been: `going_on` says which."""

        def __init__(self, needle: str, going_on: bool) -> None:
            super().__init__()
            self.needle = needle
            self.going_on = going_on

    def __init__(self) -> None:
        super().__init__(lambda p, width: project_row(p, models.now(), width), lambda p: p.name, id="projects")
        self.needle = ""
        self.typing = False

    def type_filter(self) -> None:
        """From now on keys are letters of the filter, until enter keeps it or escape drops it."""
        self.screen.set_focus(self)  # at once: `focus()` would come after the keys that are on their way
        self._typed(self.needle, True)

    def drop_filter(self) -> None:
        """Show all again."""
        self._typed("", False)

    def _typed(self, needle: str, going_on: bool) -> None:
        self.needle, self.typing = needle[:LONGEST], going_on
        self.post_message(self.Typed(self.needle, going_on).set_sender(self))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return self.typing and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        if not self.typing:
            return
        if event.key in ("enter", "tab", "down", "up"):
            self._typed(self.needle.strip(), False)
            if event.key != "enter":
                return  # and does what it does in the list
        elif event.key == "escape":
            self._typed("", False)
        elif event.key in ("backspace", "ctrl+h"):
            self._typed(self.needle[:-1], bool(self.needle))
        elif event.key == "ctrl+u":
            self._typed("", True)
        elif event.is_printable and event.character is not None:
            self._typed(self.needle + event.character, True)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        if self.typing:
            event.stop()
            self._typed(self.needle + "".join(c for c in event.text if c.isprintable()), True)

    def on_blur(self) -> None:
        if self.typing:
            self._typed(self.needle, False)
        super().on_blur()


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

    def on_project_rows_typed(self) -> None:
        self._refill()
