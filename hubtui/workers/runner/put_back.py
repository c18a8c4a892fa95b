"""An older copy of the store was put back under a runner that is up: what it holds is true, and goes into the copy.

The lease says that no other runner lives, so a store that knows an older generation than this one's is an older copy.
Where the copy is from this very runner's time, the generation says nothing: then it is told by the file.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hubtui.errors import Forgotten, Replaced
from hubtui.models import EndReason, Job, JobError, JobState
from hubtui.stacks import proctree
from hubtui.store import jobs, projects, runners, runs, services
from hubtui.workers import lost

TOLD = "an older copy of the store was put back: what was asked for since is not in it, the stack went on"


@dataclass(frozen=True, slots=True)
class Held:
    """What a runner holds: its run with what that began with, the job under way, the services as last reported."""

    run: int | None = None
    engine: str = ""
    profiles: tuple[str, ...] = ()
    job: Job | None = None
    services: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    environment: str | None = None


def write(con: sqlite3.Connection, project: str, generation: int, held: Held) -> None:
    """Make the copy true for this project, inside a transaction. Raises Replaced where a newer runner has it, or where
    this one was said to be gone (no older copy can say that of it); Forgotten where the copy does not even know it."""
    if projects.ONE.first(con, project) is None:
        raise Forgotten(
            f"The store that was put back does not know {project}, whose stack is up.", "Add it again: hubtui add PATH."
        )
    row = runners.OF_PROJECT.first(con, project)
    if row is not None and (row.generation > generation or (row.generation == generation and row.state == "gone")):
        raise Replaced(f"{project} is not this runner's any more (it was generation {generation}).")
    me = proctree.identity(os.getpid())
    runners.put_back(con, project, generation, me.pid, me.start_ticks, me.boot_id)
    for job in jobs.CLAIMED_OF_PROJECT.all(con, project):
        if held.job is None or job.id != held.job.id:
            error = JobError(EndReason.LOST.value, TOLD, lost.HINT)
            jobs.finish(con, job.id, JobState.FAILURE, f"lost: {TOLD}", error=error)
    for run in runs.ACTIVE_OF_PROJECT.all(con, project):
        if run.id != held.run:
            runs.end(con, run.id, EndReason.LOST, TOLD)
    if held.job is not None and jobs.ONE.first(con, held.job.id) is None:
        jobs.put_back(con, held.job, generation)
    if held.run is None:
        return
    runs.put_back(con, held.run, project, held.engine, generation, me.boot_id, held.profiles, held.environment)
    for name, fields in held.services.items():
        services.change(con, project, name, held.run, fields)
    runs.note(con, held.run, "put_back", TOLD)
