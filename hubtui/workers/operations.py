"""What a person can ask for, each a few lines over the store: the dashboard and the CLI call exactly these.

All of them return as soon as the store has committed; none waits for a stack.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from hubtui.errors import UsageError
from hubtui.models import Job, JobState, JobType
from hubtui.store import jobs, projects, requests, runners, runs, services
from hubtui.workers import doorbell, spawn
from hubtui.workers.hub import Hub


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a request: the job, whether it is new (False: it was asked for already), the project's runner."""

    job: Job
    created: bool
    runner: runners.RunnerRow | None = None


def ask(
    hub: Hub,
    type: JobType,  # noqa: A002
    project: str,
    services: Sequence[str] = (),
    profiles: Sequence[str] = (),
    *,
    by: str | None = None,
    empty_volumes: Sequence[str] = (),
) -> Asked:
    """Write a job and see that a runner will take it. The job is committed when this returns.

    Raises UsageError for an unknown project or service, StoreError where it could not be saved, HubtuiError where no
    runner could be started (the job then stays PENDING and is taken by the next one).
    """
    asker, empty = by or jobs.asker(), tuple(empty_volumes)
    found = hub.writer.run(lambda con: write_job(con, type, project, tuple(services), tuple(profiles), asker, empty))
    if not found.job.finished:
        see_runner(hub, found.job.project, found.runner)
    return found


def write_job(
    con: sqlite3.Connection,
    type: JobType,  # noqa: A002
    name: str,
    wanted: tuple[str, ...],
    profiles: tuple[str, ...],
    by: str,
    empty_volumes: tuple[str, ...] = (),
) -> Asked:
    """What `ask` does inside its transaction: the rules of who waits for whom, and who gives way. Raises UsageError."""
    project = projects.get(con, name)
    known = services.NAMES.all(con, project.name)
    for service in wanted:
        if service not in known:
            raise UsageError(
                f"{project.name} has no service {service!r}.", f"Its services: {', '.join(known) or 'none known yet'}"
            )
    open_jobs = jobs.OPEN_OF_PROJECT.all(con, project.name)
    for job in open_jobs:
        if (job.type, job.services, job.profiles, job.empty_volumes) == (type, wanted, profiles, empty_volumes):
            return Asked(job, False, runners.OF_PROJECT.first(con, project.name))
    if type is JobType.STOP and not wanted:
        _give_way(con, open_jobs, by)
    before = jobs.OPEN_OF_PROJECT.all(con, project.name)
    waits = f"waits for {before[0].type} #{before[0].id} to end" if before else "waits for its runner"
    job = jobs.insert(con, project.name, type, wanted, profiles, by, waits, empty_volumes)
    claimed = any(j.state is not JobState.PENDING for j in open_jobs)
    if type is JobType.STOP and not claimed and runs.ACTIVE_OF_PROJECT.first(con, project.name) is None:
        jobs.finish(con, job.id, JobState.SUCCESS, "nothing was running")
        job = jobs.get(con, job.id)
    return Asked(job, True, runners.OF_PROJECT.first(con, project.name))


def _give_way(con: sqlite3.Connection, open_jobs: Sequence[Job], by: str) -> None:
    """A stop beats every start: those that wait are revoked, the one under way is told to end."""
    for job in open_jobs:
        if job.type is JobType.STOP:
            continue
        if job.state is JobState.PENDING:
            jobs.finish(con, job.id, JobState.REVOKED, "a stop came first")
        else:
            requests.ask(con, job.project, "cancel", by, job=job.id, reason="a stop came")


def cancel(hub: Hub, job: int, *, by: str | None = None) -> Job:
    """End a job: at once where it still waits, else by asking its runner. Raises UsageError for an unknown one."""
    asker = by or jobs.asker()

    def work(con: sqlite3.Connection) -> Asked:
        found = jobs.ONE.first(con, job)
        if found is None:
            raise UsageError(f"There is no job #{job}.", "hubtui jobs")
        if found.state is JobState.PENDING:
            jobs.finish(con, job, JobState.REVOKED, f"cancelled by {asker} before it began")
        elif not found.finished:
            requests.ask(con, found.project, "cancel", asker, job=job, reason=f"cancelled by {asker}")
        return Asked(jobs.get(con, job), False, runners.OF_PROJECT.first(con, found.project))

    found = hub.writer.run(work)
    if not found.job.finished:
        see_runner(hub, found.job.project, found.runner)
    return found.job


def see_runner(hub: Hub, project: str, row: runners.RunnerRow | None) -> None:
    """Ring the project's runner; where there was none, or it was leaving, as the job was written: start one."""
    if row is None or row.state != "up" or not doorbell.ring_runner(hub.home, project):
        spawn.start_guard(hub.home, project)
