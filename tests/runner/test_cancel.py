"""A job that is ended at any stage leaves nothing of what it began, and what was up before it stays."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from hubtui.errors import EngineError
from hubtui.models import Job, JobError, JobState, JobType, Project, RunState, now
from hubtui.paths import Home
from hubtui.stacks import proctree
from hubtui.store import attempts, connect, jobs, projects, requests, runners
from hubtui.workers import doorbell, lease, operations
from hubtui.workers.runner.claims import Claims
from hubtui.workers.runner.fenced import Fenced
from hubtui.workers.runner.loop import Runner
from tests.doubles import stacks
from tests.doubles.gates import Gate
from tests.doubles.host import Host
from tests.doubles.waiting import eventually

NEVER_HEALTHY: dict[str, Any] = {"process": stacks.SLEEPER, "health": "tcp://127.0.0.1:1"}
BY = "ann on pts/3"


def test_while_it_builds(host: Host, tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate")
    own = {"process": stacks.SLEEPER, "build_process": gate.build()}
    project = host.add(stacks.write(tmp_path / "p", {"a": own, "b": {"process": stacks.SLEEPER}}))
    job = host.ask(JobType.START, project)
    eventually(lambda: len(host.processes(project)) > 0)
    operations.cancel(host.hub, job.id, by=BY)
    ended = host.finished(job)
    assert (ended.state, ended.message) == (JobState.REVOKED, f"cancelled by {BY}; nothing is up")
    assert ended.finished_at is not None
    assert host.processes(project) == []
    eventually(lambda: not host.held(project))
    gate.open()
    assert host.start(project).state is JobState.SUCCESS


def test_while_it_starts_what_it_had_started_is_stopped_again(host: Host, tmp_path: Path) -> None:
    after = {"depends_on": {"first": {"condition": "service_started"}}}
    own = {"first": {"process": stacks.SLEEPER}, "never": {**NEVER_HEALTHY, **after}}
    project = host.add(stacks.write(tmp_path / "p", own))
    job = host.ask(JobType.START, project)
    eventually(lambda: host.states(project) == {"first": "running", "never": "running"})
    operations.cancel(host.hub, job.id, by=BY)
    ended = host.finished(job)
    assert (ended.state, ended.message) == (JobState.REVOKED, f"cancelled by {BY}; nothing is up")
    assert host.processes(project) == []
    eventually(lambda: not host.held(project))
    run = host.view(project).project.run
    assert run is not None and run.state is RunState.ENDED


def test_what_was_up_before_stays(host: Host, tmp_path: Path) -> None:
    own = {"old": {"process": stacks.SLEEPER}, "new": {"process": stacks.SLEEPER}, "never": NEVER_HEALTHY}
    project = host.add(stacks.write(tmp_path / "p", own))
    assert host.start(project, ["old"]).state is JobState.SUCCESS
    before = host.pids(project)["old"]
    job = host.ask(JobType.START, project)
    eventually(lambda: host.states(project)["never"] == "running" and host.states(project)["new"] == "running")
    operations.cancel(host.hub, job.id, by=BY)
    ended = host.finished(job)
    assert (ended.state, ended.message) == (JobState.REVOKED, f"cancelled by {BY}; 1 of 3 services up")
    assert host.states(project) == {"old": "running", "new": "stopped", "never": "stopped"}
    assert host.pids(project) == {"old": before}


def test_a_stop_wins_over_a_start(host: Host, tmp_path: Path) -> None:
    project = host.add(stacks.write(tmp_path / "p", {"never": NEVER_HEALTHY}))
    start = host.ask(JobType.START, project)
    eventually(lambda: host.states(project) == {"never": "running"})
    stop = host.ask(JobType.STOP, project)
    assert host.finished(stop).state is JobState.SUCCESS
    assert host.job(start).state is JobState.REVOKED
    assert host.job(start).message.startswith("a stop came; ")
    assert host.processes(project) == []


def test_a_second_cancel_shortens_the_grace(host: Host, tmp_path: Path) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    )
    own = {"process": [sys.executable, "-c", deaf], "health": "tcp://127.0.0.1:1", "stop_grace_period": "60s"}
    project = host.add(stacks.write(tmp_path / "p", {"deaf": own}))
    job = host.ask(JobType.START, project)
    eventually(lambda: host.states(project) == {"deaf": "running"} and _says(host, project, "up"))
    operations.cancel(host.hub, job.id, by=BY)
    eventually(lambda: host.states(project) == {"deaf": "stopping"})
    operations.cancel(host.hub, job.id, by=BY)
    assert host.finished(job, 10).state is JobState.REVOKED, "long before its grace of 60 s was over"
    assert host.processes(project) == []
    told = host.con.execute("SELECT count(*) FROM events WHERE job = ? AND kind = 'job.finished'", (job.id,))
    assert told.fetchone()[0] == 1


def _says(host: Host, project: str, word: str) -> bool:
    folder = host.home.logs(project)
    return any(word.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())


async def test_what_cannot_be_stopped_keeps_nobody_from_giving_up_on_a_job(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It waits for its next attempt, and by now the engine does not answer any more: the runner goes on."""
    writer = connect.Writer(home)
    writer.run(lambda con: projects.insert(con, Project("web", home.root, "compose", "a test"), []))
    fenced = Fenced(writer, "web", writer.run(lambda con: runners.register(con, "web", *_me())))
    claims = Claims(home, "web", fenced.generation)

    def wait(con: sqlite3.Connection) -> int:
        job = jobs.insert(con, "web", JobType.START, (), (), "a test", slot=True)
        claims.next(con)
        attempts.retry_later(con, job.id, "no network", JobError("network", "no network"), now())
        claims.put_off(job.id, 600)
        requests.ask(con, "web", "cancel", "a test", job=job.id)
        return job.id

    async def refuse(job: Job) -> None:
        raise EngineError("Docker does not answer")

    number = writer.run(wait)
    fd = lease.open_lease(home.lease("web"))
    bell = doorbell.Bell.of_runner(home, "web")
    runner = Runner(home, fenced, claims, bell, fd, os.getppid())
    monkeypatch.setattr(runner._stack, "undo", refuse)
    await runner._look()
    assert writer.run(lambda con: jobs.get(con, number)).state is JobState.REVOKED
    assert "Docker does not answer" in capsys.readouterr().err
    await runner._reader.drop()
    bell.close()
    os.close(fd)
    writer.close()


def _me() -> tuple[int, int, str]:
    me = proctree.identity(os.getpid())
    return me.pid, me.start_ticks, me.boot_id
