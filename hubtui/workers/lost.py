"""What is written when a runner has died: by its guard at once, or by the next hub that looks."""

from __future__ import annotations

import os
import signal
import sqlite3

from hubtui.errors import StoreError
from hubtui.models import EndReason, JobError, JobState
from hubtui.paths import Home
from hubtui.store import connect, jobs, runners, runs, services
from hubtui.workers import doorbell

HINT = "Start it again; `hubtui logs` keeps what its services said."


def how(code: int | None) -> str:
    """A runner's end in words; None where nobody saw it."""
    if code is None:
        return "the runner and its guard died"
    if code < 0:
        return f"the runner was killed by {signal.Signals(-code).name}"
    return f"the runner ended with code {code}"


def mark(home: Home, project: str, code: int | None) -> bool:
    """End the project's run as lost, in the store, else in a file beside the lease. True where jobs still wait."""

    def work(con: sqlite3.Connection) -> bool:
        return mark_in(con, project, EndReason.LOST, how(code))

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


def ended(home: Home, project: str) -> None:
    """No process of the project is left: its services are stopped."""

    def work(con: sqlite3.Connection) -> None:
        run = runs.NEWEST_OF_PROJECT.first(con, project)
        if run is not None:
            services.all_ended(con, project, run.id, f"ended: {run.detail}" if run.detail else "ended")

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
