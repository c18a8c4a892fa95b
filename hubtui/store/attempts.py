"""What happens to a job between its claim and its end: tried again, noted on, told apart from the last good one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hubtui.models import JobError, JobState, Notice, StepState, now
from hubtui.store import events, jobs, steps
from hubtui.store.query import Query, stamp


def retry_later(con: sqlite3.Connection, job: int, message: str, error: JobError, at: datetime) -> bool:
    """Close the attempt under way and wait for the next: RETRY until `at` (for people; the runner has its own clock).
    False where the job is no longer at work."""
    ended = stamp(now())
    row = con.execute(
        f"UPDATE jobs SET state = 'RETRY', message = ?, step = NULL, retry_at = ?, eta_at = NULL, eta_late_at = NULL,"  # noqa: S608
        f" notices = '[]' WHERE id = ? AND state IN {jobs.AT_WORK} RETURNING project, run, attempt",
        (message, stamp(at), job),
    ).fetchone()
    if row is None:
        return False
    con.execute(
        "UPDATE attempts SET state = 'FAILURE', finished_at = ?, message = ? WHERE job = ? AND number = ?",
        (ended, error.message, job, row["attempt"]),
    )
    steps.close(con, job, ended, StepState.FAILED)
    told = {"state": JobState.RETRY, "attempt": row["attempt"], "message": message, "error": error.kind}
    events.emit(con, "job.changed", row["project"], run=row["run"], job=job, **told)
    return True


def due(con: sqlite3.Connection, job: int) -> None:
    """A job's next attempt begins as soon as there is a slot for it."""
    row = con.execute(
        "UPDATE jobs SET retry_at = NULL, message = 'is tried again' WHERE id = ? AND state = 'RETRY'"
        " AND retry_at IS NOT NULL RETURNING project",
        (job,),
    ).fetchone()
    if row is not None:
        events.emit(con, "job.changed", row["project"], job=job, state=JobState.RETRY, message="is tried again")


def note(con: sqlite3.Connection, job: int, notices: Sequence[Notice]) -> None:
    """What is to be known of a job at work, in place of what was."""
    told = json.dumps([{"kind": n.kind, "message": n.message, "since": stamp(n.since)} for n in notices])
    row = con.execute(
        f"UPDATE jobs SET notices = ?1 WHERE id = ?2 AND state IN {jobs.AT_WORK} AND notices <> ?1 RETURNING project",  # noqa: S608
        (told, job),
    ).fetchone()
    if row is not None:
        events.emit(con, "job.noted", row["project"], job=job, notices={n.kind: n.message for n in notices})


LAST_GOOD_FINGERPRINT = Query(  # before this job, on the same services of its project
    "SELECT good.fingerprint FROM jobs AS good, jobs AS this WHERE this.id = ? AND good.project = this.project"
    " AND good.id < this.id AND good.state = 'SUCCESS' AND good.services = this.services"
    " AND good.fingerprint <> '{}' ORDER BY good.id DESC LIMIT 1",
    lambda row: dict(json.loads(row["fingerprint"])),
)


def compare(con: sqlite3.Connection, job: int, fingerprint: Mapping[str, Any], changes: Sequence[str]) -> None:
    """Keep what went into a job, and what of it is different since the last good one."""
    con.execute(
        "UPDATE jobs SET fingerprint = ?, changes = ? WHERE id = ?",
        (json.dumps(dict(fingerprint), sort_keys=True), json.dumps(list(changes)), job),
    )
