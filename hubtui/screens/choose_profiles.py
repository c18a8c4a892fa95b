"""Which profiles a start takes along, with the services of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from hubtui.models import JobType, Project
from hubtui.screens.chooser import Chooser
from hubtui.screens.desk import Desk
from hubtui.widgets.choice_rows import profile_note, profile_row
from hubtui.workers import choices
from hubtui.workers.choices import ProfileChoice


class ProfileChooser(Chooser[ProfileChoice]):
    """Space switches one on or off, enter starts the stack with those that are on; what is up stays up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "switch", "on or off", show=False)]
    heading = "Profiles of"
    nothing = "No service of it has a profile: a start takes them all."
    key_words = (("space", "on or off"), ("enter", "start with them"))

    def __init__(self, desk: Desk, project: Project) -> None:
        self._on: set[str] = set()
        super().__init__(desk, project)

    def read(self) -> Sequence[ProfileChoice]:
        return choices.profiles(self.desk.home, self.project)

    def key_of(self, item: ProfileChoice) -> str:
        return item.name

    def row(self, item: ProfileChoice, width: int) -> Content:
        return profile_row(item, item.always or item.name in self._on, width)

    def note(self, item: ProfileChoice, width: int) -> Content:
        return profile_note(item, width)

    def begin(self, found: Sequence[ProfileChoice]) -> None:
        self._on = {item.name for item in found if item.on and not item.always}
        self.rows.repaint()

    def action_switch(self) -> None:
        item = self.rows.current
        if item is not None and not item.always:
            self._on ^= {item.name}
            self.rows.repaint()

    def chosen(self, item: ProfileChoice) -> None:
        self.desk.orchestrator.ask(JobType.START, self.project.name, (), sorted(self._on))
