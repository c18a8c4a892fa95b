"""What a hub asks of a runner that is up, such as "cancel this job". Durable, so that no doorbell can lose it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from hubtui.models import now
from hubtui.store import events
from hubtui.store.query import Query, stamp


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `kind` is cancel, retry_now (the next attempt at once) or wait (more patience with a job that seems
    stuck)."""

    id: int
    project: str
    job: int | None
    kind: str
    reason: str


OPEN = Query(
    "SELECT id, project, job, kind, reason FROM requests WHERE project = ? AND obeyed_at IS NULL ORDER BY id",
    lambda row: Request(row["id"], row["project"], row["job"], row["kind"], row["reason"]),
)


CANCELLED = Query(  # told to end, whether its runner has begun with that or not
    "SELECT job FROM requests WHERE project = ? AND kind = 'cancel' AND job IS NOT NULL",
    lambda row: int(row["job"]),
)


def ask(con: sqlite3.Connection, project: str, kind: str, by: str, *, job: int | None = None, reason: str = "") -> None:
    """Write a request. Asking again for what is open already changes nothing."""
    already = con.execute(
        "SELECT 1 FROM requests WHERE project = ? AND kind = ? AND job IS ? AND obeyed_at IS NULL",
        (project, kind, job),
    ).fetchone()
    if already is None:
        con.execute(
            "INSERT INTO requests (project, job, kind, reason, requested_by, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            (project, job, kind, reason, by, stamp(now())),
        )
        events.emit(con, "request.made", project, job=job, request=kind, by=by)


def obeyed(con: sqlite3.Connection, request: int) -> None:
    """Mark a request as done."""
    con.execute("UPDATE requests SET obeyed_at = ? WHERE id = ? AND obeyed_at IS NULL", (stamp(now()), request))
