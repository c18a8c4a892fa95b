"""A list above the dashboard that is read from a project's files, with a note on what is under the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from hubtui.errors import HubtuiError
from hubtui.models import Project
from hubtui.screens.desk import Desk
from hubtui.widgets.plain import DIM, Plain, joined, lines, plain, said
from hubtui.widgets.row_list import RowList

T = TypeVar("T")


class Chooser(ModalScreen[None], Generic[T]):
    """Subclasses say what there is and what a row, its note and enter mean."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "cancel", "cancel", show=False)]
    heading: ClassVar[str] = ""
    waiting: ClassVar[str] = "reading the project's files ..."
    nothing: ClassVar[str] = ""  # said where there is nothing to choose from
    key_words: ClassVar[Sequence[tuple[str, str]]] = ()

    def __init__(self, desk: Desk, project: Project) -> None:
        super().__init__()
        self.desk, self.project = desk, project
        self.rows: RowList[T] = RowList(self.row, self.key_of, id="choices")
        self._note = Plain(id="told", classes="wrapping")

    def read(self) -> Sequence[T]:
        """What there is, read in a thread. Raises HubtuiError."""
        raise NotImplementedError

    def key_of(self, item: T) -> str:
        """The name of an item within the list."""
        raise NotImplementedError

    def row(self, item: T, width: int) -> Content:
        """One line."""
        raise NotImplementedError

    def note(self, item: T, width: int) -> Content:
        """What is said below the list while the cursor is on it."""
        raise NotImplementedError

    def chosen(self, item: T) -> None:
        """Enter on it; the dialog closes afterwards."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        key = "bold $text-accent"
        words = [Content.assemble((name, key), f" {word}") for name, word in (*self.key_words, ("esc", "cancel"))]
        with Vertical(classes="dialog wide"):
            yield Plain(joined([said(self.heading, "bold"), plain(self.project.name)]))
            yield self.rows
            yield self._note
            yield Plain(joined(words))

    def on_mount(self) -> None:
        self.rows.focus()
        self._note.show(said(self.waiting, DIM))
        self._read()

    @work(exit_on_error=False)
    async def _read(self) -> None:
        try:
            found = await asyncio.to_thread(self.read)
        except HubtuiError as error:
            told = error.message.replace(f"{self.project.path}/", "")  # a long path would hide the line behind it
            self._note.show(lines([plain(told, "$text-error"), plain(error.hint, "$text-primary")]))
            return
        self.rows.show(found)
        self.begin(found)
        self.tell_again()
        if not found:
            self._note.show(said(self.nothing, DIM))

    def begin(self, found: Sequence[T]) -> None:
        """Put the cursor where it should be first."""

    @on(RowList.Moved)
    def tell_again(self) -> None:
        """Say what is to be known of what is under the cursor."""
        item = self.rows.current
        if item is not None:
            self._note.show(self.note(item, self._note.content_size.width))

    @on(RowList.Opened)
    def _opened(self) -> None:
        item = self.rows.current
        if item is not None:
            self.chosen(item)
            self.dismiss()

    def action_cancel(self) -> None:
        self.dismiss()
