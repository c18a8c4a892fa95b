"""A past: finished jobs written as they would stand in a store after many days."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hubtui.models import JobState, JobType, Project
from hubtui.store import projects
from hubtui.store.query import stamp


@dataclass(frozen=True, slots=True)
class Past:
    """One job: asked for `age` ago, begun at once, and ended after `took` seconds where it has ended."""

    project: str = "web"
    type: JobType = JobType.START
    state: JobState = JobState.SUCCESS
    age: timedelta = timedelta(hours=1)
    took: float = 10.0
    message: str = "4 services are up"
    attempt: int = 1
    parent: int | None = None
    steps: int = 2
    services: str = "[]"


def register(con: sqlite3.Connection, *names: str) -> None:
    """Projects that have these names and nothing else."""
    for name in names:
        projects.insert(con, Project(name, Path("/srv") / name, "process", "a test"), [])


def write(con: sqlite3.Connection, past: Iterable[Past], now: datetime | None = None) -> list[int]:
    """Write jobs in this order; returns their numbers."""
    return [_write(con, job, now or datetime.now(UTC)) for job in past]


def _write(con: sqlite3.Connection, job: Past, now: datetime) -> int:
    asked = now - job.age
    ended = asked + timedelta(seconds=job.took) if job.state.finished else None
    begun = asked if job.state is not JobState.PENDING else None
    failed = job.state is JobState.FAILURE
    row = con.execute(
        "INSERT INTO jobs (project, type, state, message, attempt, parent, services, requested_by, host, created_at,"
        " started_at, finished_at, error_kind, error_message, error_hint)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'ann', 'h', ?, ?, ?, ?, ?, '')"
        " RETURNING id",
        (
            *(job.project, job.type, job.state, job.message, job.attempt, job.parent, job.services),
            *(stamp(asked), stamp(begun), stamp(ended)),
            *("failed" if failed else None, job.message if failed else None),
        ),
    ).fetchone()
    con.execute(
        "INSERT INTO attempts (job, number, generation, started_at, state) VALUES (?, 1, 1, ?, ?)",
        (row["id"], stamp(asked), job.state),
    )
    con.executemany(
        "INSERT INTO steps (job, attempt, key, name, state) VALUES (?, 1, ?, 'a step', 'done')",
        [(row["id"], f"service:{n}") for n in range(job.steps)],
    )
    return int(row["id"])


def tell(con: sqlite3.Connection, project: str, job: int | None, count: int) -> None:
    """So many events of a job."""
    con.executemany(
        "INSERT INTO events (time, project, job, kind, data) VALUES ('2026-11-22T13:00:00.000+00:00', ?, ?, ?, ?)",
        [(project, job, "step.changed", json.dumps({"number": n})) for n in range(count)],
    )
