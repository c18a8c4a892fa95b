"""Jobs: asked for by hubs, claimed by runners with compare-and-set. A finished job never changes its state."""

from __future__ import annotations

import json
import os
import pwd
import socket
import sqlite3
from collections.abc import Sequence

from hubtui.models import Attempt, Job, JobError, JobState, JobType, now
from hubtui.store import events
from hubtui.store.query import Query, names, stamp, time_of

OPEN = "('PENDING', 'BUILDING', 'RUNNING', 'RETRY')"
CLAIMED = "('BUILDING', 'RUNNING', 'RETRY')"


def _job(row: sqlite3.Row) -> Job:
    created = time_of(row["created_at"])
    assert created is not None
    failed = row["error_kind"] is not None
    return Job(
        id=row["id"],
        project=row["project"],
        run=row["run"],
        type=JobType(row["type"]),
        state=JobState(row["state"]),
        message=row["message"],
        services=names(row["services"]),
        profiles=names(row["profiles"]),
        empty_volumes=names(row["empty_volumes"]),
        priority=row["priority"],
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        parent=row["parent"],
        progress=row["progress"],
        step=row["step"],
        requested_by=row["requested_by"],
        host=row["host"],
        created_at=created,
        started_at=time_of(row["started_at"]),
        finished_at=time_of(row["finished_at"]),
        result=row["result"],
        error=JobError(row["error_kind"], row["error_message"], row["error_hint"]) if failed else None,
    )


def _attempt(row: sqlite3.Row) -> Attempt:
    started = time_of(row["started_at"])
    assert started is not None
    finished = time_of(row["finished_at"])
    return Attempt(row["number"], row["generation"], started, finished, JobState(row["state"]), row["message"])


ONE = Query("SELECT * FROM jobs WHERE id = ?", _job)
NEWEST = Query("SELECT * FROM jobs ORDER BY id DESC LIMIT ?", _job)
NEWEST_OF_PROJECT = Query("SELECT * FROM jobs WHERE project = ? ORDER BY id DESC LIMIT ?", _job)
# What a list shows of a project: the job under way, else the newest; one that waits behind another comes after.
_SHOWN = f"coalesce(max(CASE WHEN state IN {CLAIMED} THEN id END), max(id))"
SHOWN_OF_EACH = Query(f"SELECT * FROM jobs WHERE id IN (SELECT {_SHOWN} FROM jobs GROUP BY project)", _job)  # noqa: S608
SHOWN_OF_PROJECT = Query(f"SELECT * FROM jobs WHERE id = (SELECT {_SHOWN} FROM jobs WHERE project = ?)", _job)  # noqa: S608
OPEN_OF_PROJECT = Query(f"SELECT * FROM jobs WHERE project = ? AND state IN {OPEN} ORDER BY id", _job)  # noqa: S608
CLAIMED_OF_PROJECT = Query(f"SELECT * FROM jobs WHERE project = ? AND state IN {CLAIMED}", _job)  # noqa: S608
ATTEMPTS = Query("SELECT * FROM attempts WHERE job = ? ORDER BY number", _attempt)


def asker() -> str:
    """Who asks for a job: user and terminal or "cli", for the history."""
    try:
        terminal = os.ttyname(0)
    except OSError:
        terminal = "no terminal"
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = str(os.getuid())
    return f"{user} on {terminal.removeprefix('/dev/')}"


def insert(
    con: sqlite3.Connection,
    project: str,
    type: JobType,  # noqa: A002
    services: Sequence[str],
    profiles: Sequence[str],
    requested_by: str,
    message: str = "waits for its runner",
    empty_volumes: Sequence[str] = (),
) -> Job:
    """Write a PENDING job. `project` is as registered; `message` says what it waits for."""
    cursor = con.execute(
        "INSERT INTO jobs (project, type, state, message, services, profiles, empty_volumes, requested_by, host,"
        " created_at) VALUES (?, ?, 'PENDING', ?, ?, ?, ?, ?, ?, ?)",
        (
            project,
            type,
            message,
            json.dumps(list(services)),
            json.dumps(list(profiles)),
            json.dumps(list(empty_volumes)),
            requested_by,
            socket.gethostname(),
            stamp(now()),
        ),
    )
    job = get(con, cursor.lastrowid or 0)
    events.emit(con, "job.created", project, job=job.id, type=type, services=list(services), by=requested_by)
    return job


def get(con: sqlite3.Connection, job: int) -> Job:
    """A job that is known to exist."""
    found = ONE.first(con, job)
    assert found is not None, job
    return found


def claim(con: sqlite3.Connection, job: int, generation: int) -> Job | None:
    """Compare-and-set PENDING -> BUILDING, with its attempt row; None where somebody was quicker."""
    started = stamp(now())
    row = con.execute(
        "UPDATE jobs SET state = 'BUILDING', message = 'getting ready', progress = 10, attempt = attempt + 1,"
        " started_at = coalesce(started_at, ?) WHERE id = ? AND state = 'PENDING' RETURNING project, attempt",
        (started, job),
    ).fetchone()
    if row is None:
        return None
    con.execute(
        "INSERT INTO attempts (job, number, generation, started_at, state) VALUES (?, ?, ?, ?, 'BUILDING')",
        (job, row["attempt"], generation, started),
    )
    events.emit(con, "job.changed", row["project"], job=job, state=JobState.BUILDING, progress=10)
    return get(con, job)


def attach(con: sqlite3.Connection, job: int, run: int) -> None:
    """Say which run a claimed job belongs to."""
    con.execute("UPDATE jobs SET run = ? WHERE id = ?", (run, job))


def progress(
    con: sqlite3.Connection,
    job: int,
    *,
    state: JobState | None = None,
    percent: int = 0,
    message: str,
    step: str | None,
) -> None:
    """Move a claimed job on. Its percentage never goes back."""
    row = con.execute(
        f"UPDATE jobs SET state = coalesce(?, state), progress = max(progress, ?), message = ?, step = ?"  # noqa: S608
        f" WHERE id = ? AND state IN {CLAIMED} RETURNING project, state, progress",
        (state, percent, message, step, job),
    ).fetchone()
    if row is not None:
        events.emit(
            con,
            "job.changed",
            row["project"],
            job=job,
            state=row["state"],
            progress=row["progress"],
            message=message,
        )


def finish(
    con: sqlite3.Connection,
    job: int,
    state: JobState,
    message: str,
    *,
    error: JobError | None = None,
    result: str | None = None,
) -> bool:
    """Give an open job its terminal state; False where it has one: the first stands."""
    finished = stamp(now())
    row = con.execute(
        f"UPDATE jobs SET state = ?, message = ?, finished_at = ?, result = ?, error_kind = ?, error_message = ?,"  # noqa: S608
        f" error_hint = ?, step = NULL, progress = CASE WHEN ? = 'SUCCESS' THEN 100 ELSE progress END"
        f" WHERE id = ? AND state IN {OPEN} RETURNING project, run, attempt",
        (
            state,
            message,
            finished,
            result,
            error.kind if error else None,
            error.message if error else None,
            error.hint if error else None,
            state,
            job,
        ),
    ).fetchone()
    if row is None:
        return False
    con.execute(
        "UPDATE attempts SET state = ?, finished_at = ?, message = ? WHERE job = ? AND number = ?",
        (state, finished, message, job, row["attempt"]),
    )
    con.execute(
        "UPDATE steps SET state = CASE state WHEN 'running' THEN ? ELSE 'cancelled' END, finished_at = ?"
        " WHERE job = ? AND state IN ('waiting', 'running')",
        ("failed" if state is JobState.FAILURE else "cancelled", finished, job),
    )
    events.emit(
        con,
        "job.finished",
        row["project"],
        run=row["run"],
        job=job,
        state=state,
        message=message,
        error=error.kind if error else None,
    )
    return True
