"""Who owns a project: one runner at a time, each with a generation that every one of its writes is checked against."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from hubtui.errors import Replaced
from hubtui.store import jobs
from hubtui.store.query import Query


@dataclass(frozen=True, slots=True)
class RunnerRow:
    """What the store knows of a project's runner; `state` is gone, up or leaving."""

    project: str
    generation: int
    state: str
    pid: int | None
    start_ticks: int | None
    boot_id: str | None


def _runner(row: sqlite3.Row) -> RunnerRow:
    return RunnerRow(*(row[c] for c in ("project", "generation", "state", "pid", "start_ticks", "boot_id")))


OF_PROJECT = Query("SELECT * FROM runners WHERE project = ?", _runner)


def register(con: sqlite3.Connection, project: str, pid: int, start_ticks: int, boot_id: str) -> int:
    """Make this process the project's runner and return its generation. The caller holds the lease."""
    row = con.execute(
        "INSERT INTO runners (project, generation, state, pid, start_ticks, boot_id) VALUES (?, 1, 'up', ?, ?, ?)"
        " ON CONFLICT (project) DO UPDATE SET generation = generation + 1, state = 'up', pid = excluded.pid,"
        " start_ticks = excluded.start_ticks, boot_id = excluded.boot_id RETURNING generation",
        (project, pid, start_ticks, boot_id),
    ).fetchone()
    return int(row["generation"])


def put_back(con: sqlite3.Connection, project: str, generation: int, pid: int, start_ticks: int, boot_id: str) -> None:
    """Write this very generation into an older copy of the store. The caller holds the lease."""
    con.execute(
        "INSERT INTO runners (project, generation, state, pid, start_ticks, boot_id) VALUES (?, ?, 'up', ?, ?, ?)"
        " ON CONFLICT (project) DO UPDATE SET generation = excluded.generation, state = 'up', pid = excluded.pid,"
        " start_ticks = excluded.start_ticks, boot_id = excluded.boot_id",
        (project, generation, pid, start_ticks, boot_id),
    )


def owns(con: sqlite3.Connection, project: str, generation: int) -> bool:
    """Whether the runner of this generation is the project's."""
    row = OF_PROJECT.first(con, project)
    return row is not None and (row.generation, row.state) == (generation, "up")


def check(con: sqlite3.Connection, project: str, generation: int) -> None:
    """Every transaction of a runner begins with this. Raises Replaced where a newer runner has the project."""
    if not owns(con, project, generation):
        raise Replaced(f"Another runner owns {project} now (this one was generation {generation}).")


def leave(con: sqlite3.Connection, project: str, generation: int) -> bool:
    """Write `leaving` unless a job is open: then False, and the runner stays. A job written later has its own guard."""
    return (
        con.execute(
            "UPDATE runners SET state = 'leaving' WHERE project = ? AND generation = ? AND state = 'up' AND NOT EXISTS"  # noqa: S608
            f" (SELECT 1 FROM jobs WHERE jobs.project = runners.project AND {jobs.IS_OPEN})",
            (project, generation),
        ).rowcount
        == 1
    )


def gone(con: sqlite3.Connection, project: str, generation: int) -> None:
    """The runner of this generation is dead; a newer one is left alone."""
    con.execute("UPDATE runners SET state = 'gone' WHERE project = ? AND generation = ?", (project, generation))
