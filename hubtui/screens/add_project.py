"""Registering a project: a folder, or a template to fill a new folder with, and a name if another is wanted."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input

from hubtui.errors import MISSING_VARIABLE
from hubtui.messages import OperationDone, OperationRefused
from hubtui.paths import expanded
from hubtui.screens.desk import Desk
from hubtui.screens.env_form import EnvFormScreen
from hubtui.stacks import templates
from hubtui.stacks.spec.find import NAMES
from hubtui.widgets.plain import DIM, EMPTY, Plain, fit, lines, plain, said
from hubtui.widgets.row_list import RowList

SCANNED = 2000
NO_TEMPLATE = ""


def complete(typed: str) -> str | None:
    """The first folder whose name goes on from what is typed; None where there is none."""
    head, _, start = typed.rpartition("/")
    folder = expanded(f"{head}/" if "/" in typed else ".")
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                entry.name
                for entry, _ in zip(entries, range(SCANNED), strict=False)
                if entry.name.startswith(start) and entry.is_dir() and (start or not entry.name.startswith("."))
            )
    except (OSError, ValueError):
        return None
    return f"{typed[: len(typed) - len(start)]}{names[0]}/" if names and names[0].isprintable() else None


def folder_note(typed: str, template: str) -> tuple[str, bool]:
    """(what is at this path, whether it will do)."""
    if not typed.strip():
        return ("a new folder to make" if template else "the folder of the project"), False
    folder = expanded(typed)
    if template:
        taken = os.path.lexists(folder) and not _is_empty(folder)
        return ("not an empty folder: a template overwrites nothing" if taken else "a new folder", not taken)
    if not os.path.isdir(folder):
        return "there is no such folder", False
    found = next((name for name in NAMES if os.path.isfile(folder / name)), None)
    return (f"{found} found", True) if found else ("no compose.yaml in it: choose a template below", False)


def _is_empty(folder: Path) -> bool:
    """Whether it is a folder with nothing in it, as far as one may look."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return False


class _Folders(Suggester):
    """Completes paths, off the event loop."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(complete, value)


class AddProjectScreen(ModalScreen[str | None]):
    """Stays open until the project is registered, and says what is wrong where it cannot be."""

    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-tall")]  # noqa: RUF012 - as Screen declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False),
        Binding("ctrl+s,f2", "submit", "add", show=False),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._folder = Input(placeholder="/path/to/the/project", id="path", suggester=_Folders(), compact=True)
        self._called = Input(placeholder="as the compose file or the folder says", id="name", compact=True)
        self._folder.cursor_blink = self._called.cursor_blink = False
        self._templates: RowList[str] = RowList(self._line, lambda name: name, id="templates")
        self._note, self._told = Plain(id="note"), Plain(id="told", classes="wrapping")
        self._token = 0

    @staticmethod
    def _line(name: str, width: int) -> Content:
        if not name:
            return fit(said("none: the folder has a compose file of its own"), width)
        return fit(Content.assemble(fit(plain(name, "bold"), 15), plain(templates.describe(name), DIM)), width)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide"):
            yield Plain(said("Add a project", "bold"))
            yield Plain(said("FOLDER", DIM), classes="label")
            yield self._folder
            yield self._note
            yield Plain(said("NAME", DIM), classes="label")
            yield self._called
            yield Plain(said("TEMPLATE", DIM), classes="label")
            yield self._templates
            yield self._told
            key = "bold $text-accent"
            yield Plain(
                Content.assemble(
                    ("enter", key),
                    " add  ",
                    ("tab", key),
                    " next field  ",
                    ("→", key),
                    " complete  ",
                    ("esc", key),
                    " cancel",
                )
            )

    def on_mount(self) -> None:
        self._templates.show([NO_TEMPLATE, *templates.names()])
        self.desk.outcome.subscribe(self, self._on_outcome)
        self._folder.focus()
        self._look()

    @property
    def template(self) -> str:
        """The chosen template, "" for none."""
        return self._templates.current_key or NO_TEMPLATE

    @on(Input.Changed)
    @on(RowList.Moved)
    def _look(self) -> None:
        told, good = folder_note(self._folder.value, self.template)
        self._note.show(said(told, "$text-success" if good else DIM))
        self._told.show(EMPTY)

    @on(Input.Submitted)
    @on(RowList.Opened)
    def action_submit(self) -> None:
        path = self._folder.value.strip()
        if not path:
            self._say("Which folder?", "Type its path; → completes it.")
            self._folder.focus()
            return
        self._say("adding ...", "")
        name = self._called.value.strip() or None
        self._token = self.desk.orchestrator.add(Path(path), name, self.template or None)

    def _on_outcome(self, outcome: OperationDone | OperationRefused) -> None:
        if outcome.token != self._token:
            return
        if isinstance(outcome, OperationDone):
            self.dismiss(outcome.message)
            return
        self._say(outcome.message, outcome.hint)
        if outcome.kind == MISSING_VARIABLE and not self.template:
            folder = expanded(self._folder.value.strip()).absolute()
            self.app.push_screen(EnvFormScreen(self.desk, folder), self._completed)

    def _completed(self, complete: bool | None) -> None:
        """The variables that were missing are there: add it now."""
        if complete:
            self.action_submit()

    def _say(self, sentence: str, hint: str) -> None:
        self._told.show(lines([plain(sentence, "$text-error" if hint else DIM), plain(hint, "$text-primary")]))

    def action_cancel(self) -> None:
        self.dismiss(None)
