"""Which environment a project's next starts use, and what each changes."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from hubtui.screens.chooser import Chooser
from hubtui.widgets.choice_rows import environment_note, environment_row
from hubtui.workers import choices
from hubtui.workers.choices import EnvironmentChoice


class EnvironmentChooser(Chooser[EnvironmentChoice]):
    """Enter keeps the choice with the project; nothing is started."""

    heading = "Environment of"
    key_words = (("enter", "the next starts use it"),)

    def read(self) -> Sequence[EnvironmentChoice]:
        return choices.environments(self.project)

    def key_of(self, item: EnvironmentChoice) -> str:
        return item.name or ""

    def row(self, item: EnvironmentChoice, width: int) -> Content:
        return environment_row(item, width)

    def note(self, item: EnvironmentChoice, width: int) -> Content:
        return environment_note(item, self.project.engine, width)

    def begin(self, found: Sequence[EnvironmentChoice]) -> None:
        self.rows.select(self.project.environment or "")

    def chosen(self, item: EnvironmentChoice) -> None:
        self.desk.orchestrator.choose_environment(self.project.name, item.name)
