"""The store of a host that has worked for years: 50 projects, as many jobs and events as asked for.

Made in a process of its own (closing a store's files in the one that has them open would drop its locks), by SQL that
runs inside SQLite, without syncing, the indexes built last: 100,000 jobs and five million events take half a minute.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hubtui.models import PortView
from hubtui.paths import Home
from hubtui.store import connect
from hubtui.store.query import stamp

Row = tuple[object, ...]
PROJECTS = 50
SERVICES = ("postgres", "redis", "backend", "frontend")
WITH_STEPS = 2000  # the newest jobs still have their steps
NEWEST = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
APART = timedelta(seconds=90)  # between two jobs
_TYPES = ("start", "stop", "restart", "rebuild")
_STATES = ("SUCCESS", "FAILURE", "REVOKED")
_STEPS = ("read", "ports", "build:backend", "build:frontend", *(f"service:{name}" for name in SERVICES))
_JOB = (
    "id, project, run, type, state, message, slot, attempt, max_attempts, progress, requested_by, host, created_at,"
    " started_at, finished_at, error_kind, error_message, error_hint, fingerprint"
)


def name(number: int) -> str:
    """The name of this project; the list is sorted by it."""
    return f"project-{number:02}"


def make(home: Home, jobs: int = 100_000, events: int = 5_000_000) -> None:
    """Fill an empty state folder. Raises subprocess.CalledProcessError with what went wrong."""
    command = [sys.executable, "-m", "tests.doubles.bigstore", str(home.root), str(jobs), str(events)]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2])


def fill(home: Home, jobs: int, events: int) -> None:
    """What the process does. Nobody else has the store open."""
    connect.create(home)
    con = sqlite3.connect(home.database, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-200000", "foreign_keys=OFF"):
        con.execute(f"PRAGMA {pragma}")
    indexes = con.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for index, _ in indexes:
        con.execute(f"DROP INDEX {index}")
    con.execute("BEGIN")
    _projects(con, home)
    _runs_and_jobs(con, jobs)
    _steps(con, jobs)
    _events(con, max(1, events // jobs))
    for _, sql in indexes:
        con.execute(sql)
    con.execute("COMMIT")
    con.execute("PRAGMA journal_mode=WAL")
    con.close()


def _projects(con: sqlite3.Connection, home: Home) -> None:
    stages = json.dumps([["infrastructure", SERVICES[:2]], ["core", SERVICES[2:3]], ["edge", SERVICES[3:]]])
    for number in range(PROJECTS):
        con.execute(
            "INSERT INTO projects (name, path, engine, engine_reason, stages, created_at)"
            " VALUES (?, ?, 'process', ?, ?, ?)",
            (name(number), str(home.root / name(number)), "every service has a process", stages, stamp(NEWEST)),
        )
        for position, service in enumerate(SERVICES):
            port = PortView(5000 + 10 * number + position, 80, "tcp", "127.0.0.1", None)
            con.execute(
                "INSERT INTO services (project, name, position, state, ports) VALUES (?, ?, ?, 'stopped', ?)",
                (name(number), service, position, json.dumps([dataclasses.asdict(port)])),
            )


def _runs_and_jobs(con: sqlite3.Connection, count: int) -> None:
    """A start opens a run, and most other jobs belong to their project's last one."""
    dice = random.Random(7)
    last: dict[str, int] = {}
    who = "maria on pts/3", "build-7"
    fingerprint = json.dumps({"compose": "5f1d0c", "variables": ["PORT"], "commit": "9c1185a"})
    runs: list[Row] = []
    jobs: list[Row] = []
    attempts: list[Row] = []
    for job in range(1, count + 1):
        created = NEWEST - APART * (count - job)
        # few projects do most of the work, as everywhere; each of the first has something new
        project = name(job % PROJECTS if job > count - PROJECTS else int(PROJECTS * dice.random() ** 2))
        type_ = dice.choices(_TYPES, (50, 30, 15, 5))[0]
        state = dice.choices(_STATES, (82, 12, 6))[0]
        times = [stamp(created + timedelta(seconds=s)) for s in (0, 1, dice.uniform(2, 80))]
        if type_ == "start" or project not in last:
            last[project] = len(runs) + 1
            reason = dice.choices(("stopped", "failed", "lost"), (80, 15, 5))[0]
            runs.append((project, reason, "all stopped", job, times[0], times[2]))
        tries = dice.choices((1, 2, 3), (95, 3, 2))[0]
        error = ("port_taken", "Port 5432 is taken.", "hubtui doctor") if state == "FAILURE" else (None, None, None)
        shown = type_, state, "4 of 4 services up", type_ != "stop", tries, 3, 100
        jobs.append((job, project, last[project], *shown, *who, *times, *error, fingerprint))
        attempts += [(job, n, job, times[1], times[2], state, "") for n in range(1, tries + 1)]
    _insert(
        con,
        "runs (project, state, end_reason, detail, engine, generation, boot_id, started_at, ended_at)",
        "(?, 'ended', ?, ?, 'process', ?, 'boot', ?, ?)",
        runs,
    )
    _insert(con, f"jobs ({_JOB})", f"({', '.join('?' * len(_JOB.split()))})", jobs)
    _insert(con, "attempts", "(?, ?, ?, ?, ?, ?, ?)", attempts)


def _steps(con: sqlite3.Connection, count: int) -> None:
    newest = range(max(1, count - WITH_STEPS + 1), count + 1)
    times = stamp(NEWEST - timedelta(seconds=9)), stamp(NEWEST)
    rows = ((job, key, key.rpartition(":")[2], *times) for job in newest for key in _STEPS)
    columns = "steps (job, attempt, key, name, state, started_at, finished_at)"
    _insert(con, columns, "(?, 1, ?, ?, 'done', ?, ?)", rows)


def _events(con: sqlite3.Connection, per_job: int) -> None:
    """So many of each job, one job after the other."""
    con.execute("CREATE TEMP TABLE told (n INTEGER PRIMARY KEY, kind TEXT, data TEXT)")
    con.executemany("INSERT INTO told VALUES (?, ?, ?)", ((n, *told) for n, told in enumerate(_told(per_job))))
    con.execute(
        "INSERT INTO events (time, project, run, job, kind, data) SELECT j.created_at, j.project, j.run, j.id, t.kind,"
        " t.data FROM jobs j CROSS JOIN told t"
    )


def _told(count: int) -> Iterator[tuple[str, str]]:
    yield "job.created", json.dumps({"type": "start", "services": [], "by": "maria on pts/3"})
    middle = (
        (
            "step.changed",
            {"key": "build:backend", "name": "backend", "state": "running", "message": "7/12 pip install"},
        ),
        ("service.changed", {"service": "backend", "state": "running", "message": ""}),
        ("job.changed", {"state": "BUILDING", "progress": 40, "message": "backend: 7/12 pip install"}),
    )
    for kind, data in itertools.islice(itertools.cycle(middle), max(0, count - 2)):
        yield kind, json.dumps(data)
    if count > 1:
        yield "job.finished", json.dumps({"state": "SUCCESS", "message": "4 of 4 services up", "error": None})


def _insert(con: sqlite3.Connection, into: str, values: str, rows: Iterable[Row]) -> None:
    con.executemany(f"INSERT INTO {into} VALUES {values}", rows)


if __name__ == "__main__":
    fill(Home(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3]))
