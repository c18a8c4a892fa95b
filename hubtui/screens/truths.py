"""What record, process table and engine say of one project, looked at again and again, and keys to mend differences."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from hubtui.errors import HubtuiError
from hubtui.screens.base import SubScreen
from hubtui.screens.confirm import ConfirmScreen
from hubtui.screens.desk import Desk
from hubtui.store import connect
from hubtui.widgets.key_bar import Hint
from hubtui.widgets.plain import DIM, Plain, joined, plain, said
from hubtui.widgets.truths import KEYS, truths_page
from hubtui.workers.truths import Action, Truths, look

EVERY = 3.0  # seconds between two looks
_QUESTIONS = {
    Action.TAKE_OVER: (
        "Take over {}?",
        ("A runner that was stopped goes on; where there is", "none, a new one settles what the record has open."),
    ),
    Action.STOP: (
        "End every process of {}?",
        ("A runner that does not answer is killed (kill -9);", "its guard ends what it held. No job is left waiting."),
    ),
    Action.MARK_FAILED: (
        "Mark what is open of {} as failed?",
        ("Run and job end in the record; nobody is signalled.", "What still lives is ended by the next start."),
    ),
}


class TruthsScreen(SubScreen):
    """Keys are offered as the differences allow."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(KEYS[action], f"mend('{action.value}')", action.label, show=False) for action in Action),
        Binding("question_mark", "help", "help", show=False),
    ]

    def __init__(self, desk: Desk, project: str) -> None:
        super().__init__(desk)
        self.project = project
        self.found: Truths | None = None
        self._looking = False
        self._told = ""
        self._title, self._page = Plain(classes="screen-title"), Plain()

    def body(self) -> ComposeResult:
        yield self._title
        with VerticalScroll(id="page"):
            yield self._page

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#page").focus()
        self.desk.changed.subscribe(self, lambda name: self._reload() if name in (None, self.project) else None)
        self.desk.outcome.subscribe(self, lambda _: self._reload())
        self.set_interval(EVERY, self._reload)
        self._reload()
        self._draw()

    def redraw(self) -> None:
        self._draw()

    def _reload(self) -> None:
        """Look once more, unless it is just being looked: a look may take seconds where something differs."""
        if not self._looking:
            self._looking = True
            self.run_worker(self._load(), name="truths", group="truths", exit_on_error=False)

    async def _load(self) -> None:
        try:
            self.found = await asyncio.to_thread(self._look)
        except HubtuiError as error:
            if error.message != self._told:  # it is looked again every few seconds
                self._told = error.message
                self.tell(error.message, error.hint, severity="error")
            return
        finally:
            self._looking = False
        self.keys.set_hints(self.hints())
        self._draw()

    def _look(self) -> Truths:
        try:
            with contextlib.closing(connect.open_reader(self.desk.home)) as con:
                return look(self.desk.home, con, self.project)
        except sqlite3.Error as error:
            raise connect.explain(error, self.desk.home) from error

    def _draw(self) -> None:
        width = self._page.content_size.width or self.size.width - 4
        self._title.show(joined([plain(self.project, "bold"), said("three truths", DIM)]))
        self._page.show(truths_page(self.found, width) if self.found is not None else said("looking ...", DIM))

    def hints(self) -> list[Hint]:
        offered = self.found.actions if self.found is not None else ()
        keys = [Hint(f"mend('{a.value}')", KEYS[a], a.label, a in offered) for a in Action]
        return [*keys, Hint("help", "?", "help"), Hint("back", "esc", "back")]

    def action_mend(self, word: str) -> None:
        """Ask, then have it done; what came of it is said in the corner."""
        action = Action(word)
        if self.found is None:
            self.tell("It is still being looked.", "A moment, then again.", severity="warning")
            return
        if action not in self.found.actions:
            self.tell(f"There is nothing to {action.label} here.", severity="warning")
            return
        question, notes = _QUESTIONS[action]

        def answered(yes: bool | None) -> None:
            if yes:
                self.desk.orchestrator.reconcile(self.project, action)

        self.app.push_screen(
            ConfirmScreen(question.format(self.project), notes, yes=action.label, no="leave it"), answered
        )
