"""What a person can ask for, each a few lines over the store: the dashboard and the CLI call exactly these.

All of them return as soon as the store has committed; none waits for a stack.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from hubtui.errors import UsageError
from hubtui.few import names_hint
from hubtui.models import Job, JobState, JobType, Priority
from hubtui.stacks.engines.kinds import OUTLIVES
from hubtui.store import connect, jobs, projects, requests, runners, runs, services, steps
from hubtui.store.query import as_json
from hubtui.workers import doorbell, environments, spawn
from hubtui.workers.hub import Hub


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a request: the job, whether it is new (False: it was asked for already), and whether another job
    of the project has to end first."""

    job: Job
    created: bool
    behind: bool = False


def ask(
    hub: Hub,
    type: JobType,  # noqa: A002
    project: str,
    services: Sequence[str] = (),
    profiles: Sequence[str] = (),
    *,
    by: str | None = None,
    empty_volumes: Sequence[str] = (),
    priority: Priority = Priority.NORMAL,
    environment: str | None = None,
    arguments: Sequence[str] = (),
) -> Asked:
    """Write a job and see that a runner will take it. The job is committed when this returns.

    Without `environment` the job is done in the one that `environments.of_job` finds.

    Raises UsageError for an unknown project, service or environment, StoreError where it could not be saved,
    HubtuiError where no runner could be started (the job then stays PENDING and is taken by the next one).
    """
    if environment is not None:
        environments.check(hub, project, environment)
    asker, empty = by or jobs.asker(), tuple(empty_volumes)
    wanted, active = tuple(services), tuple(profiles)
    what = type, project, wanted, active, asker, empty
    return _committed(
        hub,
        lambda con: write_job(con, *what, priority=priority, environment=environment, arguments=tuple(arguments)),
    )


def _committed(hub: Hub, work: connect.Work[Asked]) -> Asked:
    """Carry it out, and see that a runner will take what is open now.

    Its bell rings just before the commit, so it wakes while the disk syncs. It cannot look too early: it looks under
    the write lock, which is ours until the commit is done.
    """

    def work_and_ring(con: sqlite3.Connection) -> tuple[Asked, bool]:
        found = work(con)
        return found, found.job.finished or _runner_hears(hub, con, found.job.project)

    found, seen_to = hub.writer.run(work_and_ring)
    if not seen_to:
        spawn.start_guard(hub.home, found.job.project)
    return found


def _runner_hears(hub: Hub, con: sqlite3.Connection, project: str) -> bool:
    """Ring the project's runner; False where there is none, or it is leaving."""
    row = runners.OF_PROJECT.first(con, project)
    return row is not None and row.state == "up" and doorbell.ring_runner(hub.home, project)


def write_job(
    con: sqlite3.Connection,
    type: JobType,  # noqa: A002
    name: str,
    wanted: tuple[str, ...],
    profiles: tuple[str, ...],
    by: str,
    empty_volumes: tuple[str, ...] = (),
    *,
    priority: Priority = Priority.NORMAL,
    parent: int | None = None,
    environment: str | None = None,
    arguments: tuple[str, ...] = (),
) -> Asked:
    """What `ask` does inside its transaction: the rules of who waits for whom, and who gives way. Raises UsageError."""
    project = projects.get(con, name)
    if wanted:
        _check_names(con, project.name, wanted)
    environment = environments.of_job(con, project, type, wanted, environment)
    words = wanted, profiles, empty_volumes, arguments
    if (same := _alike(con, project.name, type, *words, environment=environment)) is not None:
        return Asked(same, False)
    if type.ends and not wanted:
        _give_way(con, jobs.OPEN_OF_PROJECT.all(con, project.name), by)
    ahead = jobs.FIRST_OPEN_OF_PROJECT.first(con, project.name)
    waits = f"waits for {ahead.type} #{ahead.id} to end" if ahead else "waits for its runner"
    up = runs.ACTIVE_OF_PROJECT.first(con, project.name) is not None
    slot = needs_slot(type, wanted, up)
    what = project.name, type, wanted, profiles, by, waits, empty_volumes
    job = jobs.insert(
        con, *what, priority=priority, slot=slot, parent=parent, environment=environment, arguments=arguments
    )
    alone = project.engine in OUTLIVES  # it may run though no run is open
    if type is JobType.STOP and not up and not alone and jobs.CLAIMED_OF_PROJECT.first(con, project.name) is None:
        jobs.finish(con, job.id, JobState.SUCCESS, "nothing was running")
        job = jobs.get(con, job.id)
    return Asked(job, True, behind=ahead is not None)


def _alike(
    con: sqlite3.Connection,
    project: str,
    type: JobType,  # noqa: A002
    *words: Sequence[str],
    environment: str | None,
) -> Job | None:
    """An open job that was asked for in the same words, and that nobody has told to end."""
    alike = jobs.OPEN_ALIKE.all(con, project, type, *map(as_json, words), environment)
    if not alike:
        return None
    ending = requests.CANCELLED.all(con, project)
    return next((job for job in alike if job.id not in ending), None)


def _check_names(con: sqlite3.Connection, project: str, wanted: Sequence[str]) -> None:
    known = services.NAMES.all(con, project)
    for service in wanted:
        if service not in known:
            hint = names_hint("Its services", service, known)
            raise UsageError(f"{project} has no service {service!r}.", hint)


def needs_slot(type: JobType, services: Sequence[str], up: bool) -> bool:  # noqa: A002
    """Whether a job has to wait for one of the host's slots: whatever builds or starts, but for a restart or a scaling
    of single services of a stack that is up."""
    at_once = type.ends or type is JobType.ADOPT
    return not (at_once or (type in (JobType.RESTART, JobType.SCALE) and services and up))


def _give_way(con: sqlite3.Connection, open_jobs: Sequence[Job], by: str) -> None:
    """A stop beats every start: those that wait are revoked, the one under way is told to end; one that was told
    already is not told again, which would take its grace."""
    told = requests.CANCELLED.all(con, open_jobs[0].project) if open_jobs else []
    for job in open_jobs:
        if job.type.ends or job.id in told:
            continue
        if job.state is JobState.PENDING:
            jobs.finish(con, job.id, JobState.REVOKED, "a stop came first")
        else:
            requests.ask(con, job.project, "cancel", by, job=job.id, reason="a stop came")


def cancel(hub: Hub, job: int, *, by: str | None = None) -> Job:
    """End a job: at once where it still waits, else by asking its runner. Raises UsageError for an unknown one."""
    asker = by or jobs.asker()

    def work(con: sqlite3.Connection) -> Asked:
        found = _known(con, job)
        if found.state is JobState.PENDING:
            jobs.finish(con, job, JobState.REVOKED, f"cancelled by {asker} before it began")
        elif not found.finished:
            requests.ask(con, found.project, "cancel", asker, job=job, reason=f"cancelled by {asker}")
        return Asked(jobs.get(con, job), False)

    return _committed(hub, work).job


def retry(hub: Hub, job: int, *, by: str | None = None) -> Asked:
    """Ask once more for what a finished job was to do: a new job that names it as its parent. What is up by now stays,
    so it goes on where the other failed. Raises UsageError for a job that is unknown or under way."""
    asker = by or jobs.asker()

    def work(con: sqlite3.Connection) -> Asked:
        old = _known(con, job)
        if not old.finished:
            raise UsageError(f"Job #{job} is still {old.state}.", f"hubtui cancel {job}, or wait for its end.")
        type_, profiles = _goes_on_as(con, old), old.profiles
        if type_ is not old.type:  # a restart goes on with the last profiles, a start would not
            profiles = profiles or runs.LAST_PROFILES.first(con, old.project) or ()
        what = type_, old.project, old.services, profiles, asker, old.empty_volumes
        return write_job(
            con,
            *what,
            priority=old.priority,
            parent=old.id,
            environment=old.environment,
            arguments=old.arguments,
        )

    return _committed(hub, work)


def _goes_on_as(con: sqlite3.Connection, old: Job) -> JobType:
    """A whole restart that failed after its stop had been done is gone on with as a start; all else is done again."""
    stopped = old.type is JobType.RESTART and not old.services and old.state is JobState.FAILURE
    began = stopped and any(s.key.startswith(("build:", "service:")) for s in steps.OF_JOB.all(con, old.id))
    return JobType.START if began else old.type


def retry_now(hub: Hub, job: int, *, by: str | None = None) -> Job:
    """Have the next attempt of a job in RETRY at once. Raises UsageError for one that does not wait for one."""
    return _request(hub, job, "retry_now", (JobState.RETRY,), "does not wait for another attempt", by)


def be_patient(hub: Hub, job: int, *, by: str | None = None) -> Job:
    """Wait on for a job that seems stuck: it is called so again only after as long again."""
    return _request(hub, job, "wait", (JobState.BUILDING, JobState.RUNNING), "is not under way", by)


def _request(hub: Hub, job: int, kind: str, states: Sequence[JobState], otherwise: str, by: str | None) -> Job:
    asker = by or jobs.asker()

    def work(con: sqlite3.Connection) -> Asked:
        found = _known(con, job)
        if found.state not in states:
            raise UsageError(f"Job #{job} {otherwise}: it is {found.state}.", f"hubtui job {job}")
        requests.ask(con, found.project, kind, asker, job=job)
        return Asked(found, False)

    return _committed(hub, work).job


def _known(con: sqlite3.Connection, job: int) -> Job:
    found = jobs.ONE.first(con, job)
    if found is None:
        raise UsageError(f"There is no job #{job}.", "hubtui jobs")
    return found
