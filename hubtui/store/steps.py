"""Steps: the rows of progress inside a job, named by the engine's own key."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from hubtui.models import Step, StepState, now
from hubtui.store import events
from hubtui.store.query import Query, stamp, time_of


def _step(row: sqlite3.Row) -> Step:
    return Step(
        row["id"],
        row["parent_id"],
        row["name"],
        StepState(row["state"]),
        bool(row["cached"]),
        time_of(row["started_at"]),
        time_of(row["finished_at"]),
        row["message"],
        row["attempt"],
        row["key"],
    )


OF_JOB = Query(
    "SELECT s.*, p.id AS parent_id FROM steps s LEFT JOIN steps p ON p.job = s.job"
    " AND p.attempt = s.attempt AND p.key = s.parent WHERE s.job = ? ORDER BY s.id",
    _step,
)
OF_LAST_ATTEMPT = Query(
    "SELECT s.*, p.id AS parent_id FROM steps s LEFT JOIN steps p ON p.job = s.job"
    " AND p.attempt = s.attempt AND p.key = s.parent WHERE s.job = ?1"
    " AND s.attempt = (SELECT max(attempt) FROM steps WHERE job = ?1) ORDER BY s.id",
    _step,
)


def close(con: sqlite3.Connection, job: int, at: str | None, state: StepState) -> None:
    """The job, or an attempt at it, has ended: what was under way takes this state, what still waited is cancelled."""
    con.execute(
        "UPDATE steps SET state = CASE state WHEN 'running' THEN ? ELSE 'cancelled' END, finished_at = ?"
        " WHERE job = ? AND state IN ('waiting', 'running')",
        (state, at, job),
    )


def put(
    con: sqlite3.Connection,
    project: str,
    job: int,
    key: str,
    name: str,
    state: StepState,
    *,
    attempt: int = 1,
    parent: str | None = None,
    message: str = "",
    times: tuple[float, float | None] | None = None,
) -> None:
    """Open a step of this attempt or change it; its start and end are taken from its states, where `times` (seconds
    since the epoch) do not tell them."""
    at = stamp(now())
    begun = at if state is not StepState.WAITING else None
    ended = at if state not in (StepState.WAITING, StepState.RUNNING) else None
    if times is not None:  # what still waits has not begun, whatever its call's own time is
        begun = stamp(datetime.fromtimestamp(times[0], UTC)) if begun else None
        ended = stamp(datetime.fromtimestamp(times[1], UTC)) if ended and times[1] is not None else ended
    con.execute(
        "INSERT INTO steps (job, attempt, key, parent, name, state, cached, started_at, finished_at, message)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job, attempt, key) DO UPDATE SET name = excluded.name,"
        " state = excluded.state, cached = excluded.cached,"
        " started_at = coalesce(steps.started_at, excluded.started_at),"
        " finished_at = excluded.finished_at, message = excluded.message",
        (job, attempt, key, parent, name, state, state is StepState.CACHED, begun, ended, message),
    )
    events.emit(con, "step.changed", project, job=job, key=key, name=name, state=state, message=message)
