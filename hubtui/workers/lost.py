"""What is written when a runner has died: by its guard at once, or by the next hub that looks."""

from __future__ import annotations

import os
import sqlite3

from hubtui.errors import StoreError
from hubtui.models import EndReason, Job, JobError, JobState, JobType, Run
from hubtui.paths import Home
from hubtui.stacks.causes import endings
from hubtui.stacks.engines.kinds import OUTLIVES
from hubtui.store import connect, jobs, runners, runs, services
from hubtui.workers import doorbell

HINT = "Start it again; `hubtui logs` keeps what its services said."
LEFT = "nobody watches it: its container may run on (hubtui adopt takes it over)"
BY = "hubtui"  # who asks for what it does by itself


def how(code: int | None) -> str:
    """A runner's end in words; None where nobody saw it."""
    if code is None:
        return "the runner and its guard died"
    if code < 0:
        return f"the runner was killed by {endings.name_of(-code) or f'signal {-code}'}"
    return f"the runner ended with code {code}"


def mark(home: Home, project: str, code: int | None) -> bool:
    """End the project's run as lost, in the store, else in a file beside the lease. True where jobs still wait."""

    def work(con: sqlite3.Connection) -> bool:
        return mark_in(con, project, EndReason.LOST, how(code)) | have_adopted(con, project)

    try:
        return _once(home, project, work)
    except (StoreError, sqlite3.Error, OSError):
        try:
            home.lost_note(project).write_text(how(code), encoding="utf-8")
        except OSError:
            pass
        return False


def mark_in(con: sqlite3.Connection, project: str, reason: EndReason, detail: str) -> bool:
    """The same inside a transaction: run ended, open job failed, runner gone. True where PENDING jobs wait."""
    row = runners.OF_PROJECT.first(con, project)
    if row is not None:
        runners.gone(con, project, row.generation)
    for job in jobs.CLAIMED_OF_PROJECT.all(con, project):
        error = JobError(reason.value, f"{detail} while the job ran", HINT)
        jobs.finish(con, job.id, JobState.FAILURE, f"{reason}: {detail}", error=error)
    run = runs.ACTIVE_OF_PROJECT.first(con, project)
    if run is not None:
        runs.end(con, run.id, reason, detail)
    return bool(jobs.OPEN_OF_PROJECT.all(con, project))


def have_adopted(con: sqlite3.Connection, project: str) -> bool:
    """Where what the lost run held goes on without a runner: ask for the next one to take it over. True where it is
    asked for now. Not where jobs wait (each takes it over), and not where that was tried last and failed."""
    run, last = runs.NEWEST_OF_PROJECT.first(con, project), jobs.NEWEST_OF_PROJECT.first(con, project, 1)
    if run is None or run.engine not in OUTLIVES or run.end_reason not in (EndReason.LOST, EndReason.REBOOTED):
        return False
    if jobs.OPEN_OF_PROJECT.all(con, project) or (last is not None and _in_vain(last)):
        return False
    what = project, JobType.ADOPT, (), (), BY
    jobs.insert(con, *what, "takes over what runs on", environment=run.environment)
    return True


def _in_vain(job: Job) -> bool:
    return job.type is JobType.ADOPT and job.state is not JobState.SUCCESS


def words(run: Run) -> str:
    """What is said of the services of a run that is no more."""
    if run.engine in OUTLIVES and run.end_reason in (EndReason.LOST, EndReason.REBOOTED):
        return LEFT
    return f"ended: {run.detail}" if run.detail else "ended"


def ended(home: Home, project: str) -> None:
    """No process of the project is left: its services are stopped."""

    def work(con: sqlite3.Connection) -> None:
        run = runs.NEWEST_OF_PROJECT.first(con, project)
        if run is not None:
            services.all_ended(con, project, run.id, words(run))

    try:
        _once(home, project, work)
    except (StoreError, sqlite3.Error, OSError):
        pass  # the next hub that looks finds the lease free and writes it


def _once(home: Home, project: str, work: connect.Work[connect.T]) -> connect.T:
    """One transaction in this very thread: a guard has no second one. A store that is gone is not made anew."""
    if not home.database.exists():
        raise StoreError("The store is gone.")
    con, lock = connect.open_writer(home)
    try:
        return connect.transact(con, lock, home, work, timeout=2.0)
    finally:
        con.close()
        os.close(lock)
        doorbell.ring_hubs(home)
