"""Projects, and all that a panel shows of one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hubtui.models.job import Job, Step
from hubtui.models.run import Run
from hubtui.models.service import Service


@dataclass(frozen=True, slots=True)
class Project:
    """A registered project. `key` names its folders under the state folder."""

    name: str
    path: Path
    engine: str
    engine_reason: str
    environment: str | None = None
    run: Run | None = None  # the newest one, also when it has ended
    job: Job | None = None  # the one under way, else the newest
    services_total: int = 0
    services_healthy: int = 0

    @property
    def environment_in_use(self) -> str | None:
        """What is up is in its run's environment; what is not would start in the project's."""
        return self.run.environment if self.run is not None and self.run.active else self.environment


@dataclass(frozen=True, slots=True)
class ProjectView:
    """All that a panel shows of one project, as of one sequence number of the feed. `good` is the last good job that
    its failed one was compared with."""

    seq: int
    project: Project
    steps: tuple[Step, ...] = ()
    services: tuple[Service, ...] = ()
    stages: tuple[tuple[str, tuple[str, ...]], ...] = ()
    good: Job | None = None
