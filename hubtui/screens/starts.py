"""What a project's starts took, read for the one that is looked at: not with every change, since it costs a look back
over its jobs."""

from __future__ import annotations

from hubtui.errors import StoreError
from hubtui.models import FirstAndLater, ProjectView
from hubtui.paths import Home
from hubtui.screens.reading import Reading
from hubtui.store.durations import WHOLE_STARTS, split_first


class Starts:
    """Knows for each project after which job it was read last."""

    def __init__(self, home: Home) -> None:
        self._reading = Reading(home)
        self._known: dict[str, int] = {}

    def wanted(self, view: ProjectView | None) -> bool:
        """Whether it is to be read for this view: a job has ended since, and none is under way."""
        job = view.project.job if view is not None else None
        return job is not None and job.finished and self._known.get(job.project) != job.id

    async def read(self, view: ProjectView) -> FirstAndLater | None:
        """What the store says; None where it cannot be read: that is told elsewhere."""
        project, job = view.project.name, view.project.job
        try:
            found = split_first(await self._reading.all(WHOLE_STARTS, project))
        except StoreError:
            return None
        if job is not None:
            self._known[project] = job.id
        return found

    async def close(self) -> None:
        """Give back what was opened."""
        await self._reading.close()
