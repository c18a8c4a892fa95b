"""What a project has on its Docker engine, and what of it goes: nothing is taken before a yes, no volume unasked."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from hubtui.models import JobType, Project
from hubtui.screens.chooser import Chooser
from hubtui.screens.confirm import ConfirmScreen
from hubtui.screens.desk import Desk
from hubtui.stacks.engines.compose.leftovers import EXTRA, Leftover
from hubtui.store import connect, durations
from hubtui.widgets.leftover_rows import leftover_note, leftover_row
from hubtui.widgets.units import size


class CleanScreen(Chooser[Leftover]):
    """Images, build cache and volumes are switched on by a key each; enter asks once more."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "switch('images')", "images", show=False),
        Binding("b", "switch('cache')", "build cache", show=False),
        Binding("v", "switch('volumes')", "volumes", show=False),
    ]
    heading = "Clean"
    waiting = "asking the engine what there is, which may take a while ..."
    nothing = "It has nothing on the engine."
    key_words = (("i", "pulled images"), ("b", "build cache"), ("v", "volumes"), ("enter", "clean"))

    def __init__(self, desk: Desk, project: Project) -> None:
        self._words: set[str] = set()
        self._costs: dict[str, float] = {}
        super().__init__(desk, project)

    def read(self) -> Sequence[Leftover]:
        from hubtui.workers.upkeep import leftovers

        with contextlib.closing(connect.open_reader(self.desk.home)) as con:
            self._costs = durations.build_costs(durations.BUILDS.all(con, self.project.name))
        found = leftovers(self.project, ())
        return (*found.goes, *found.stays)

    def key_of(self, item: Leftover) -> str:
        return f"{item.kind} {item.name}"

    def row(self, item: Leftover, width: int) -> Content:
        return leftover_row(item, self._words, width)

    def note(self, item: Leftover, width: int) -> Content:
        return leftover_note(item, self._words, self._costs.get(item.service), width)

    def action_switch(self, word: str) -> None:
        self._words ^= {word}
        self.rows.repaint()
        self.tell_again()

    def chosen(self, item: Leftover) -> None:
        going = [one for one in self.rows.items if one.goes(self._words)]
        words, name, ask = [w for w in EXTRA if w in self._words], self.project.name, self.desk.orchestrator.ask
        notes = [f"{len(going)} things, {size(sum(one.bytes or 0 for one in going))} at least are freed."]
        if lost := [one.name for one in going if one.kind == "volume"]:
            notes.append(f"The data of {', '.join(lost)} is lost.")

        def answered(yes: bool | None) -> None:
            if yes:
                ask(JobType.CLEAN, name, (), (), words)

        question = f"Stop {name} and take all of it off the engine?"
        asked = ConfirmScreen(question, notes, yes="clean", no="keep it")
        self.app.call_later(self.app.push_screen, asked, answered)  # when this one is gone
