"""Runs: one life of a stack each. At most one per project is active (a unique index says so too)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from hubtui.models import EndReason, Run, RunState, now
from hubtui.store import events
from hubtui.store.query import Query, names, stamp, time_of


def _run(row: sqlite3.Row) -> Run:
    started = time_of(row["started_at"])
    assert started is not None
    return Run(
        id=row["id"],
        project=row["project"],
        state=RunState(row["state"]),
        end_reason=EndReason(row["end_reason"]) if row["end_reason"] else None,
        detail=row["detail"],
        engine=row["engine"],
        environment=row["environment"],
        generation=row["generation"],
        started_at=started,
        ended_at=time_of(row["ended_at"]),
        versions=json.loads(row["versions"]),
    )


ACTIVE_OF_PROJECT = Query("SELECT * FROM runs WHERE project = ? AND state <> 'ended'", _run)
NEWEST_OF_EACH = Query(
    "SELECT r.* FROM projects p JOIN runs r ON r.id = (SELECT max(id) FROM runs WHERE project = p.name)", _run
)
NEWEST_OF_PROJECT = Query("SELECT * FROM runs WHERE project = ? ORDER BY id DESC LIMIT 1", _run)
BOOT_OF = Query("SELECT boot_id FROM runs WHERE id = ?", lambda row: str(row["boot_id"]))
LAST_PROFILES = Query(
    "SELECT profiles FROM runs WHERE project = ? ORDER BY id DESC LIMIT 1", lambda row: names(row["profiles"])
)


def begin(
    con: sqlite3.Connection,
    project: str,
    engine: str,
    generation: int,
    boot_id: str,
    profiles: Sequence[str],
    environment: str | None = None,
) -> int:
    """Open a run and return its id. Raises sqlite3.IntegrityError where one is active."""
    cursor = con.execute(
        "INSERT INTO runs (project, state, engine, environment, generation, boot_id, profiles, started_at)"
        " SELECT name, 'starting', ?, ?, ?, ?, ?, ? FROM projects WHERE name = ?",
        (engine, environment, generation, boot_id, json.dumps(list(profiles)), stamp(now()), project),
    )
    run = cursor.lastrowid or 0
    events.emit(con, "run.started", project, run=run, engine=engine)
    return run


def put_back(
    con: sqlite3.Connection,
    run: int,
    project: str,
    engine: str,
    generation: int,
    boot_id: str,
    profiles: Sequence[str],
    environment: str | None = None,
) -> None:
    """Write an active run under its own number into an older copy of the store, where that does not have it."""
    con.execute(
        "INSERT INTO runs (id, project, state, engine, environment, generation, boot_id, profiles, started_at)"
        " SELECT ?, name, 'up', ?, ?, ?, ?, ?, ? FROM projects WHERE name = ? ON CONFLICT (id) DO NOTHING",
        (run, engine, environment, generation, boot_id, json.dumps(list(profiles)), stamp(now()), project),
    )


def go_on_with(con: sqlite3.Connection, run: int, profiles: Sequence[str]) -> None:
    """Its stack was started with other profiles since: a later run goes on with these."""
    con.execute("UPDATE runs SET profiles = ? WHERE id = ?", (json.dumps(list(profiles)), run))


def move(con: sqlite3.Connection, run: int, state: RunState) -> bool:
    """Give an active run another active state; False where it has it already or has ended."""
    row = con.execute(
        "UPDATE runs SET state = ? WHERE id = ? AND state NOT IN ('ended', ?) RETURNING project",
        (state, run, state),
    ).fetchone()
    if row is not None:
        events.emit(con, "run.changed", row["project"], run=run, state=state)
    return row is not None


def note(con: sqlite3.Connection, run: int, kind: str, message: str) -> None:
    """Something happened to the run as a whole; it goes on. `kind` becomes an event's, below `run.`"""
    row = con.execute("UPDATE runs SET detail = ? WHERE id = ? RETURNING project", (message, run)).fetchone()
    if row is not None:
        events.emit(con, f"run.{kind}", row["project"], run=run, message=message)


def held_by(con: sqlite3.Connection, run: int, versions: Mapping[str, str]) -> None:
    """Keep the versions of what holds the run."""
    told = json.dumps(dict(versions))
    row = con.execute("UPDATE runs SET versions = ? WHERE id = ? RETURNING project", (told, run)).fetchone()
    if row is not None:
        events.emit(con, "run.held", row["project"], run=run, versions=dict(versions))


def end(con: sqlite3.Connection, run: int, reason: EndReason, detail: str = "") -> bool:
    """End an active run; False where it has ended already: the first reason stands."""
    row = con.execute(
        "UPDATE runs SET state = 'ended', end_reason = ?, detail = ?, ended_at = ?"
        " WHERE id = ? AND state <> 'ended' RETURNING project",
        (reason, detail, stamp(now()), run),
    ).fetchone()
    if row is not None:
        events.emit(con, "run.ended", row["project"], run=run, reason=reason, detail=detail)
    return row is not None
