"""A host under test: one state folder, real guards and runners, and the questions tests ask of it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from hubtui.models import Job, JobType, ProjectView
from hubtui.paths import Home
from hubtui.stacks import proctree
from hubtui.store import jobs, projects, runs, services
from hubtui.workers import lease, observe, operations, registry
from hubtui.workers.hub import Hub
from hubtui.workers.reconcile import marker
from tests.doubles.waiting import eventually


class Host:
    """Everything a test asks of one state folder. `close` ends whatever is left of it."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.hub = Hub(self.home)
        self.con = self.hub.reader()

    def add(self, folder: Path, *, engine: str | None = None, template: str | None = None) -> str:
        return registry.add(self.hub, folder, engine=engine, template=template).name

    def ask(self, type: JobType, project: str, services: Sequence[str] = ()) -> Job:  # noqa: A002
        return operations.ask(self.hub, type, project, services, by="a test").job

    def start(self, project: str, services: Sequence[str] = ()) -> Job:
        return self.finished(self.ask(JobType.START, project, services))

    def stop(self, project: str, services: Sequence[str] = ()) -> Job:
        return self.finished(self.ask(JobType.STOP, project, services))

    def job(self, job: Job) -> Job:
        return jobs.get(self.con, job.id)

    def finished(self, job: Job, seconds: float = 30.0) -> Job:
        """The job once it has its terminal state."""
        eventually(lambda: self.job(job).finished, seconds)
        return self.job(job)

    def view(self, project: str) -> ProjectView:
        return observe.with_live(self.home, projects.view(self.con, project))

    def states(self, project: str) -> dict[str, str]:
        return {s.name: s.state.value for s in self.view(project).services}

    def runner(self, project: str) -> int:
        """The PID of the project's runner, which is up."""
        run = self.view(project).project.run
        assert run is not None
        pid = run.runner.pid
        assert pid is not None
        return pid

    def guard(self, project: str) -> int:
        found = proctree.stat(self.runner(project))
        assert found is not None
        return found.parent

    def held(self, project: str) -> bool:
        return lease.held(self.home.lease(project))

    def pids(self, project: str) -> dict[str, int]:
        """The main process of each service that is up."""
        return {row.service: row.pid for row in services.PROCESSES.all(self.con, project)}

    def processes(self, project: str) -> list[int]:
        """Every living process of the project's newest run, whoever its parent is now."""
        run = runs.NEWEST_OF_PROJECT.first(self.con, project)
        return [i.pid for i in proctree.find_marked(marker(self.home, project, run.id))] if run else []

    def close(self) -> None:
        for project in projects.ALL.all(self.con):
            if self.held(project.name):
                self.ask(JobType.STOP, project.name)
        for project in projects.ALL.all(self.con):
            try:
                eventually(lambda p=project.name: not self.held(p), 15)  # type: ignore[misc]
            except AssertionError:
                self._end_by_force()
        self.con.close()
        self.hub.close()

    def _end_by_force(self) -> None:
        """What a failed test left: whoever has this state folder in its command line or environment."""
        wanted = os.fsencode(self.home.root)
        for pid in [int(d) for d in os.listdir("/proc") if d.isdigit() and int(d) != os.getpid()]:
            try:
                line, environment = Path(f"/proc/{pid}/cmdline").read_bytes(), Path(f"/proc/{pid}/environ").read_bytes()
            except OSError:
                continue
            if (b"hubtui.workers.guard" in line and wanted in line) or b"HUBTUI_RUN=" + wanted in environment:
                os.kill(pid, signal.SIGKILL)


def python(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run `python -m hubtui ...` on a state folder."""
    import sys

    return subprocess.run(
        [sys.executable, "-m", "hubtui", *arguments],
        env={**os.environ, "HUBTUI_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
    )
