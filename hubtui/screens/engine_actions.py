"""What the keys of the dashboard do to a project's containers and images, where its engine has any."""

from __future__ import annotations

import os
import subprocess

from hubtui.errors import HubtuiError
from hubtui.models import JobType, Project
from hubtui.screens.base import HubScreen
from hubtui.stacks.engines.kinds import OUTLIVES
from hubtui.workers.upkeep import inside

SHELL = ("sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash || exec sh")


class EngineActions(HubScreen):
    """The actions; the dashboard says which project, and which service is under the cursor."""

    @property
    def project(self) -> Project | None:
        """The selected project."""
        raise NotImplementedError

    @property
    def service(self) -> str | None:
        """The service under the cursor, while the cursor is among the services."""
        raise NotImplementedError

    def selected_or_tell(self) -> Project | None:
        """The selected project, or a word that there is none."""
        project = self.project
        if project is None and self.desk.projects:
            self.tell("No project is listed.", "Press esc to drop the filter.", severity="warning")
        elif project is None:
            self.tell("There is no project yet.", "Press a to add one.", severity="warning")
        return project

    def under_cursor_or_tell(self) -> str | None:
        """The service under the cursor, or a word that none is."""
        if self.service is None:
            self.tell("No service is under the cursor.", "Press tab to go to the services first.", severity="warning")
        return self.service

    def _kept(self) -> Project | None:
        """The selected project, where its engine keeps containers."""
        project = self.selected_or_tell()
        if project is not None and project.engine not in OUTLIVES:
            told = f"{project.name} does not run on Docker but on the engine {project.engine}."
            self.tell(told, "This key is for stacks whose containers Docker keeps.", severity="warning")
            return None
        return project

    def action_adopt(self) -> None:
        self._ask_of(JobType.ADOPT)

    def action_pull(self) -> None:
        self._ask_of(JobType.PULL)

    def _ask_of(self, type: JobType) -> None:  # noqa: A002
        if (project := self._kept()) is not None:
            self.desk.orchestrator.ask(type, project.name)

    def action_down(self) -> None:
        from hubtui.screens.confirm import ConfirmScreen

        if (project := self._kept()) is None:
            return
        name, ask = project.name, self.desk.orchestrator.ask

        def answered(yes: bool | None) -> None:
            if yes:
                ask(JobType.DOWN, name)

        notes = ("What containers wrote outside volumes goes with them.", "Images, volumes and logs stay.")
        question = f"Stop {name} and remove its containers and networks?"
        self.app.push_screen(ConfirmScreen(question, notes, yes="take it down", no="keep it"), answered)

    def action_clean(self) -> None:
        from hubtui.screens.clean import CleanScreen

        if (project := self._kept()) is not None:
            self.app.push_screen(CleanScreen(self.desk, project))

    def action_scale(self) -> None:
        from hubtui.screens.scale import ScaleScreen

        if (project := self._kept()) is None or (service := self.under_cursor_or_tell()) is None:
            return
        name, ask = project.name, self.desk.orchestrator.ask

        def answered(count: int | None) -> None:
            if count is not None:
                ask(JobType.SCALE, name, (service,), (), (str(count),))

        self.app.push_screen(ScaleScreen(f"{name}/{service}"), answered)

    def action_shell(self) -> None:
        """Lend the terminal to a shell inside the service; the dashboard is back when it ends."""
        project = self.project
        if project is None or (service := self.under_cursor_or_tell()) is None:
            return
        try:
            argv, folder, env = inside(project, service, SHELL, terminal=True)
            with self.app.suspend():
                print(f"{project.name}/{service}: exit or ^D leads back to hubtui", flush=True)
                code = subprocess.run(argv, cwd=folder, env=dict(env), check=False).returncode
        except HubtuiError as error:
            self.tell(error.message, error.hint, severity="error")
        except OSError as error:
            self.tell(f"{os.path.basename(argv[0])} cannot be run: {error.strerror}", severity="error")
        else:
            if code not in (0, 130):
                self.tell(f"The shell ended with code {code}.", "Is the service up?", severity="warning")
