"""What must hold after every fault: the promises of the README, asked of the store and of the kernel."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from hubtui.models import Job, JobState, JobType
from hubtui.store import connect, jobs, projects, runs
from tests.doubles.host import Host, python
from tests.doubles.waiting import eventually


def whole(host: Host, acknowledged: Iterable[int] = ()) -> None:
    """The store opens, is whole, knows every job that was acknowledged, and contradicts itself nowhere."""
    with closing(connect.open_reader(host.home)) as con:
        assert con.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert con.execute("PRAGMA foreign_key_check").fetchall() == []
        for job in acknowledged:
            assert jobs.ONE.first(con, job) is not None, f"job #{job} was acknowledged and is not there"
        for project in projects.ALL.all(con):
            assert len(runs.ACTIVE_OF_PROJECT.all(con, project.name)) <= 1
            assert len(at_work(con, project.name)) <= 1
        for kind, which, table in (("job.finished", "job", "jobs"), ("run.ended", "run", "runs")):
            told = {
                r[0]: r[1]
                for r in con.execute(f"SELECT {which}, count(*) FROM events WHERE kind = ? GROUP BY 1", (kind,))
            }
            ended = "finished_at" if table == "jobs" else "ended_at"
            known = {r[0] for r in con.execute(f"SELECT id FROM {table} WHERE {ended} IS NOT NULL")}
            assert set(told.values()) <= {1}, f"ended twice: {told}"
            assert set(told) == known, "an end without its event, or an event without its end"


def at_work(con: sqlite3.Connection, project: str) -> list[Job]:
    """The jobs that somebody is doing; one in RETRY may wait beside it."""
    return [job for job in jobs.CLAIMED_OF_PROJECT.all(con, project) if job.state is not JobState.RETRY]


def processes(host: Host, project: str) -> list[int]:
    """Every living process of the project, of whatever run, but for guards and runners."""
    mark = f"HUBTUI_RUN={host.home.root}:{project}:".encode()
    return [pid for pid, environ in _everybody() if any(v.startswith(mark) for v in environ.split(b"\0"))]


def _everybody() -> list[tuple[int, bytes]]:
    found = []
    for entry in os.listdir("/proc"):
        try:
            found.append((int(entry), Path(f"/proc/{entry}/environ").read_bytes()))
        except (OSError, ValueError):
            continue
    return found


def settled(host: Host, project: str, acknowledged: Iterable[int] = (), seconds: float = 30.0) -> None:
    """Somebody looks, as a person would: every acknowledged job ends, and nothing lives that no run holds."""
    said = python("status", project, home=host.home.root)
    assert said.returncode == 0, said.stderr
    assert "Traceback" not in said.stdout + said.stderr
    wanted = list(acknowledged)
    eventually(lambda: all(jobs.get(host.con, job).finished for job in wanted), seconds)

    def nobody_unheld() -> bool:
        run = runs.ACTIVE_OF_PROJECT.first(host.con, project)
        return (run is not None and host.held(project)) or processes(host, project) == []

    eventually(nobody_unheld, seconds)


def usable(host: Host, project: str) -> None:
    """A start works again, and a stop leaves nothing."""
    started = host.start(project)
    assert started.state is JobState.SUCCESS, (started.state, started.message)
    assert set(host.states(project).values()) == {"running"}
    assert len(processes(host, project)) == len(host.pids(project)), "a second copy, or one that is missing"
    gone(host, project)


def gone(host: Host, project: str) -> Job:
    """Stop it: nothing is left, and nobody holds it."""
    stopped = host.stop(project)
    assert stopped.state is JobState.SUCCESS, (stopped.state, stopped.message)
    assert processes(host, project) == []
    eventually(lambda: not host.held(project))
    assert runs.ACTIVE_OF_PROJECT.first(host.con, project) is None
    assert jobs.OPEN_OF_PROJECT.all(host.con, project) == []
    return stopped


def hold(host: Host, project: str, acknowledged: Iterable[int] = ()) -> None:
    """All of them, in this order."""
    wanted = list(acknowledged)
    whole(host, wanted)
    settled(host, project, wanted)
    usable(host, project)
    whole(host, wanted)


def write_only(host: Host, type: JobType, project: str) -> Job:  # noqa: A002
    """A job that is committed, by a hub that dies before it sees a runner up."""
    from hubtui.workers import operations

    return host.hub.writer.run(lambda con: operations.write_job(con, type, project, (), (), "a test")).job
