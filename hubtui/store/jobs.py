"""Jobs: asked for by hubs, claimed by runners with compare-and-set. A finished job never changes its state."""

from __future__ import annotations

import json
import os
import pwd
import socket
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from hubtui.models import Job, JobError, JobState, JobType, Priority, StepState, now
from hubtui.store import events, steps
from hubtui.store.job_rows import attempt_of, job_of
from hubtui.store.query import Query, as_json, stamp

OPEN = "('PENDING', 'BUILDING', 'RUNNING', 'RETRY')"
CLAIMED = "('BUILDING', 'RUNNING', 'RETRY')"
AT_WORK = "('BUILDING', 'RUNNING')"
# To search by, not only to check: the indexes of open jobs serve what names all their states before it asks for fewer.
IS_OPEN = f"state IN {OPEN}"
IS_CLAIMED = f"{IS_OPEN} AND state IN {CLAIMED}"
IS_AT_WORK = f"{IS_OPEN} AND state IN {AT_WORK}"


ONE = Query("SELECT * FROM jobs WHERE id = ?", job_of)
NEWEST_OF_PROJECT = Query("SELECT * FROM jobs WHERE project = ? ORDER BY id DESC LIMIT ?", job_of)
# What a list shows of a project: the job under way, else the newest; one that waits behind another comes after.
_SHOWN = (
    f"SELECT j.* FROM projects p JOIN jobs j ON j.id = coalesce("  # noqa: S608
    f"(SELECT max(id) FROM jobs WHERE project = p.name AND {IS_CLAIMED}),"
    f" (SELECT max(id) FROM jobs WHERE project = p.name))"
)
SHOWN_OF_EACH = Query(_SHOWN, job_of)
SHOWN_OF_PROJECT = Query(f"{_SHOWN} WHERE p.name = ?", job_of)
OPEN_OF_PROJECT = Query(f"SELECT * FROM jobs WHERE project = ? AND {IS_OPEN} ORDER BY id", job_of)  # noqa: S608
FIRST_OPEN_OF_PROJECT = Query(f"{OPEN_OF_PROJECT.sql} LIMIT 1", job_of)
_ENDING = f"({', '.join(repr(one.value) for one in JobType if one.ends)})"
LAST_OPEN_TO_TELL = Query(  # what is up once all are done; one that ends some services leaves that to those before it
    f"SELECT * FROM jobs WHERE project = ? AND {IS_OPEN} AND (type NOT IN {_ENDING} OR services = '[]')"  # noqa: S608
    " ORDER BY id DESC LIMIT 1",
    job_of,
)
NEXT_OPEN_WITHOUT_SLOT = Query(
    f"SELECT * FROM jobs WHERE project = ? AND {IS_OPEN} AND NOT slot AND id > ? ORDER BY id LIMIT 1",  # noqa: S608
    job_of,
)
OPEN_ALIKE = Query(  # in just the same words: project, type, services, profiles, volumes, arguments, environment
    f"SELECT * FROM jobs WHERE project = ? AND {IS_OPEN} AND type = ? AND services = ? AND profiles = ?"  # noqa: S608
    " AND empty_volumes = ? AND arguments = ? AND environment IS ? ORDER BY id",
    job_of,
)
CLAIMED_OF_PROJECT = Query(f"SELECT * FROM jobs WHERE project = ? AND {IS_CLAIMED}", job_of)  # noqa: S608
ATTEMPTS = Query("SELECT * FROM attempts WHERE job = ? ORDER BY number", attempt_of)


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
    *,
    priority: Priority = Priority.NORMAL,
    slot: bool = False,
    parent: int | None = None,
    environment: str | None = None,
    arguments: Sequence[str] = (),
) -> Job:
    """Write a PENDING job. `project` is as registered; `message` says what it waits for."""
    row = con.execute(
        "INSERT INTO jobs (project, type, state, message, services, profiles, empty_volumes, requested_by, host,"
        " created_at, priority, slot, parent, environment, arguments)"
        " VALUES (?, ?, 'PENDING', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (
            project,
            type,
            message,
            as_json(services),
            as_json(profiles),
            as_json(empty_volumes),
            requested_by,
            socket.gethostname(),
            stamp(now()),
            priority,
            slot,
            parent,
            environment,
            as_json(arguments),
        ),
    ).fetchone()
    job = job_of(row)
    events.emit(con, "job.created", project, job=job.id, type=type, services=list(services), by=requested_by)
    return job


def get(con: sqlite3.Connection, job: int) -> Job:
    """A job that is known to exist."""
    found = ONE.first(con, job)
    assert found is not None, job
    return found


def claim(con: sqlite3.Connection, job: int, generation: int) -> Job | None:
    """Compare-and-set PENDING or RETRY -> BUILDING, with its attempt row; None where somebody was quicker."""
    started = stamp(now())
    row = con.execute(
        "UPDATE jobs SET state = 'BUILDING', message = 'getting ready',"
        " attempt = attempt + 1, started_at = coalesce(started_at, ?), queue_position = NULL, waits_for = '[]',"
        " retry_at = NULL WHERE id = ? AND state IN ('PENDING', 'RETRY') RETURNING *",
        (started, job),
    ).fetchone()
    if row is None:
        return None
    claimed = job_of(row)
    con.execute(
        "INSERT INTO attempts (job, number, generation, started_at, state) VALUES (?, ?, ?, ?, 'BUILDING')",
        (job, claimed.attempt, generation, started),
    )
    events.emit(con, "job.changed", claimed.project, job=job, state=claimed.state, progress=claimed.progress)
    return claimed


def put_back(con: sqlite3.Connection, job: Job, generation: int) -> None:
    """Write a job at work under its own number into an older copy of the store."""
    con.execute(
        "INSERT INTO jobs (id, project, type, state, message, services, profiles, empty_volumes, requested_by, host,"
        " created_at, started_at, priority, slot, attempt, environment, arguments)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(job.id, job.project, job.type, job.state, job.message),
            *(json.dumps(list(words)) for words in (job.services, job.profiles, job.empty_volumes)),
            *(job.requested_by, job.host, stamp(job.created_at), stamp(job.started_at)),
            *(job.priority, job.slot, job.attempt, job.environment, as_json(job.arguments)),
        ),
    )
    con.execute(
        "INSERT INTO attempts (job, number, generation, started_at, state) VALUES (?, ?, ?, ?, ?)",
        (job.id, job.attempt, generation, stamp(now()), job.state),
    )


def attach(con: sqlite3.Connection, job: int, run: int) -> None:
    """Say which run a claimed job belongs to."""
    con.execute("UPDATE jobs SET run = ? WHERE id = ?", (run, job))


def allow(con: sqlite3.Connection, job: int, attempts: int) -> None:
    """Say how often a claimed job may be tried."""
    con.execute("UPDATE jobs SET max_attempts = max(?, attempt) WHERE id = ?", (attempts, job))


def progress(
    con: sqlite3.Connection,
    job: int,
    *,
    state: JobState | None = None,
    percent: int = 0,
    message: str,
    step: str | None,
    eta: tuple[datetime | None, datetime | None] = (None, None),
    basis: str = "",
) -> None:
    """Move a job at work on. Its percentage never goes back; `eta` is when it should have ended, and when at the latest
    of nine in ten."""
    row = con.execute(
        f"UPDATE jobs SET state = coalesce(?, state), progress = max(progress, ?), message = ?, step = ?,"  # noqa: S608
        f" eta_at = ?, eta_late_at = ?, basis = ? WHERE id = ? AND state IN {AT_WORK}"
        f" RETURNING project, state, progress",
        (state, percent, message, step, stamp(eta[0]), stamp(eta[1]), basis, job),
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
        f" error_hint = ?, step = NULL, eta_at = NULL, eta_late_at = NULL, queue_position = NULL, waits_for = '[]',"
        f" retry_at = NULL, notices = '[]', progress = CASE WHEN ? = 'SUCCESS' THEN 100 ELSE progress END"
        f" WHERE id = ? AND {IS_OPEN} RETURNING project, run, attempt",
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
        "UPDATE attempts SET state = ?, finished_at = ?, message = ? WHERE job = ? AND number = ?"
        " AND finished_at IS NULL",
        (state, finished, message, job, row["attempt"]),
    )
    steps.close(con, job, finished, StepState.FAILED if state is JobState.FAILURE else StepState.CANCELLED)
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
