"""What the keys of the dashboard do to the selected project. Each asks the orchestrator and returns at once."""

from __future__ import annotations

from collections.abc import Callable

from hubtui.errors import MISSING_VARIABLE
from hubtui.models import JobState, JobType, Project, ProjectView
from hubtui.screens.engine_actions import EngineActions
from hubtui.widgets.services import address_of
from hubtui.widgets.steps import failed_service
from hubtui.widgets.trouble import trouble_of
from hubtui.widgets.words import is_stuck


class ProjectActions(EngineActions):
    """The actions; the dashboard says which project, and which service is under the cursor."""

    @property
    def view(self) -> ProjectView | None:
        """What is known of the selected project."""
        raise NotImplementedError

    def _ask(self, type: JobType, services: tuple[str, ...] = ()) -> None:  # noqa: A002
        project = self.selected_or_tell()
        if project is not None:
            self.desk.orchestrator.ask(type, project.name, services)

    def action_start(self) -> None:
        project = self.project
        if project is None:
            self._ask(JobType.START)
        else:
            name = project.name
            self._completed(project, lambda: self.desk.orchestrator.ask(JobType.START, name))

    def _completed(self, project: Project, go: Callable[[], object]) -> None:
        """Go on; but where the last job failed for want of variables, ask for them first."""
        error = project.job.error if project.job is not None else None
        if error is None or error.kind != MISSING_VARIABLE:
            go()
            return
        from hubtui.screens.env_form import EnvFormScreen

        def answered(complete: bool | None) -> None:
            if complete:
                go()

        self.app.push_screen(EnvFormScreen(self.desk, project.path, project.name), answered)

    def action_stop(self) -> None:
        self._ask(JobType.STOP)

    def action_restart(self) -> None:
        job = self.project.job if self.project is not None else None
        if job is not None and is_stuck(job):
            self.desk.orchestrator.start_over(job)
        else:
            self._ask(JobType.RESTART)

    def action_rebuild(self) -> None:
        self._ask(JobType.REBUILD)

    def action_restart_service(self) -> None:
        if self.project is not None and self.under_cursor_or_tell() is None:
            return
        self._ask(JobType.RESTART, (self.service,) if self.service else ())

    def action_stop_service(self) -> None:
        if self.project is not None and self.under_cursor_or_tell() is None:
            return
        self._ask(JobType.STOP, (self.service,) if self.service else ())

    def action_cancel(self) -> None:
        project = self.selected_or_tell()
        if project is None:
            return
        if project.job is None or project.job.finished:
            self.tell(f"{project.name} has no job under way.", severity="warning")
            return
        self.desk.orchestrator.cancel(project.name, project.job.id)

    def action_retry(self) -> None:
        project = self.selected_or_tell()
        if project is None:
            return
        job = project.job
        if job is None:
            self.tell(f"{project.name} has had no job yet.", "Press s to start it.", severity="warning")
        elif job.state is JobState.RETRY:
            self.desk.orchestrator.retry_now(project.name, job.id)
        elif not job.finished:
            self.tell(f"{job.type} #{job.id} is still under way.", "Press c to end it.", severity="warning")
        elif job.state is JobState.SUCCESS:
            told = f"The last job of {project.name}, {job.type} #{job.id}, went well."
            self.tell(told, "Press h to choose another to do again.", severity="warning")
        else:
            name, number = project.name, job.id
            self._completed(project, lambda: self.desk.orchestrator.retry(name, number))

    def action_retry_now(self) -> None:
        project = self.selected_or_tell()
        if project is None:
            return
        if project.job is None or project.job.state is not JobState.RETRY:
            self.tell(f"{project.name} has no job that waits for another try.", severity="warning")
        else:
            self.desk.orchestrator.retry_now(project.name, project.job.id)

    def action_be_patient(self) -> None:
        project = self.selected_or_tell()
        if project is None:
            return
        if project.job is None or not is_stuck(project.job):
            self.tell(f"{project.name} has no job that seems stuck.", severity="warning")
        else:
            self.desk.orchestrator.be_patient(project.name, project.job.id)

    def action_logs(self) -> None:
        from hubtui.screens.log.screen import LogsScreen

        view = self.view
        if view is None:
            self.selected_or_tell()
        elif not view.services:
            self.tell(f"{view.project.name} has no services yet.", "Press s to start it.", severity="warning")
        else:
            failed = failed_service(view) if trouble_of(view.project) else None
            self.app.push_screen(LogsScreen(self.desk, view.project.name, self.service or failed))

    def action_history(self) -> None:
        from hubtui.screens.jobs.history import HistoryScreen

        project = self.selected_or_tell()
        if project is not None:
            self.app.push_screen(HistoryScreen(self.desk, project.name))

    def action_environment(self) -> None:
        from hubtui.screens.choose_environment import EnvironmentChooser

        project = self.selected_or_tell()
        if project is not None:
            self.app.push_screen(EnvironmentChooser(self.desk, project))

    def action_profiles(self) -> None:
        from hubtui.screens.choose_profiles import ProfileChooser

        project = self.selected_or_tell()
        if project is not None:
            self.app.push_screen(ProfileChooser(self.desk, project))

    def action_reconcile(self) -> None:
        from hubtui.screens.truths import TruthsScreen

        project = self.selected_or_tell()
        if project is not None:
            self.app.push_screen(TruthsScreen(self.desk, project.name))

    def action_add(self) -> None:
        from hubtui.screens.add_project import AddProjectScreen

        self.app.push_screen(AddProjectScreen(self.desk))

    def action_remove(self) -> None:
        from hubtui.screens.confirm import ConfirmScreen

        project = self.selected_or_tell()
        if project is None:
            return
        if project.run is not None and project.run.active:
            self.tell(f"{project.name} is up.", "Stop it first: x", severity="warning")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.desk.orchestrator.remove(project.name)

        question = f"Forget {project.name}?"
        notes = (f"Its files stay: {project.path}", "Its jobs and events are forgotten with it.")
        self.app.push_screen(ConfirmScreen(question, notes, yes="forget it", no="keep it"), answered)

    def action_copy_url(self) -> None:
        from hubtui.safetext import safe_text

        view = self.view
        found = address_of(view.services, self.service) if view is not None else None
        if found is None:
            self.tell(
                "There is no address to copy.", "Put the cursor on a service that publishes a port.", severity="warning"
            )
            return
        self.app.copy_to_clipboard(safe_text(found[1]))
        self.tell(f"Copied {found[1]} ({found[0]}).")

    def action_help(self) -> None:
        from hubtui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.desk))
