"""What may pass is tried again, each attempt with its own steps; what will not fails at once."""

from __future__ import annotations

import itertools
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hubtui.models import Job, JobError, JobState, JobType, Project, now
from hubtui.paths import Home
from hubtui.store import attempts, connect, jobs, projects, steps
from hubtui.workers import operations
from hubtui.workers.runner.claims import Claims
from tests.doubles import stacks
from tests.doubles.gates import Gate
from tests.doubles.host import Host
from tests.doubles.waiting import eventually

NETWORK = "curl: (6) Could not resolve host: Temporary failure in name resolution"


def flaky(host: Host, tmp_path: Path, words: str = NETWORK) -> tuple[str, Gate]:
    """A project whose build fails with these words until the gate opens."""
    gate = Gate(tmp_path / "gate")
    own = {"process": stacks.SLEEPER, "build_process": gate.build_or(words)}
    return host.add(stacks.write(tmp_path / "flaky", {"a": own})), gate


def retrying(host: Host, job: Job, attempt: int = 1) -> bool:
    found = host.job(job)
    return found.state is JobState.RETRY and found.attempt == attempt


def _seconds(begun: datetime | None, ended: datetime) -> float:
    assert begun is not None
    return (ended - begun).total_seconds()


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBTUI_JOBS__RETRY_DELAY", "0.2")


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBTUI_JOBS__RETRY_DELAY", "600")


@pytest.mark.usefixtures("quickly")
def test_three_attempts_are_rows_of_one_job(host: Host, tmp_path: Path) -> None:
    project, _ = flaky(host, tmp_path)
    ended = host.finished(host.ask(JobType.START, project))
    assert (ended.state, ended.attempt, ended.max_attempts) == (JobState.FAILURE, 3, 3)
    assert ended.error is not None and ended.error.kind == "network"
    attempts = jobs.ATTEMPTS.all(host.con, ended.id)
    assert [(a.number, a.state) for a in attempts] == [(n, JobState.FAILURE) for n in (1, 2, 3)]
    assert all(a.finished_at for a in attempts)
    rows = steps.OF_JOB.all(host.con, ended.id)
    assert {(s.attempt, s.state.value) for s in rows if s.key == "build:a"} == {(n, "failed") for n in (1, 2, 3)}
    waits = [_seconds(a.finished_at, b.started_at) for a, b in itertools.pairwise(attempts)]
    assert 0.18 <= waits[0] < waits[1], "the delay grows"


@pytest.mark.usefixtures("quickly")
def test_it_goes_on_by_itself_once_the_trouble_has_passed(host: Host, tmp_path: Path) -> None:
    project, gate = flaky(host, tmp_path)
    job = host.ask(JobType.START, project)
    eventually(lambda: host.job(job).attempt > 1 or host.job(job).state is JobState.RETRY)
    gate.open()
    ended = host.finished(job)
    assert (ended.state, ended.progress) == (JobState.SUCCESS, 100)
    assert ended.attempt in (2, 3)
    assert host.states(project) == {"a": "running"}


@pytest.mark.usefixtures("slowly")
def test_the_countdown_and_no_waiting_for_it(host: Host, tmp_path: Path) -> None:
    project, gate = flaky(host, tmp_path)
    job = host.ask(JobType.START, project)
    eventually(lambda: retrying(host, job))
    waiting = host.job(job)
    assert waiting.retry_at is not None
    assert waiting.message.startswith("try 1 of 3 failed: ")
    gate.open()
    operations.retry_now(host.hub, job.id, by="a test")
    ended = host.finished(job, 10)
    assert (ended.state, ended.attempt, ended.retry_at) == (JobState.SUCCESS, 2, None)


@pytest.mark.usefixtures("slowly")
def test_given_up_it_ends_with_who_and_nothing_is_left(host: Host, tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate")
    own = {
        "early": {"process": stacks.SLEEPER},
        "late": {"process": stacks.SLEEPER, "build_process": gate.build_or(NETWORK)},
    }
    project = host.add(stacks.write(tmp_path / "two", own))
    job = host.ask(JobType.START, project)
    eventually(lambda: retrying(host, job))
    operations.cancel(host.hub, job.id, by="ann on pts/3")
    ended = host.finished(job, 10)
    assert (ended.state, ended.message) == (JobState.REVOKED, "cancelled by ann on pts/3; nothing is up")
    assert [a.state for a in jobs.ATTEMPTS.all(host.con, job.id)] == [JobState.FAILURE]
    assert host.processes(project) == []
    eventually(lambda: not host.held(project))


@pytest.mark.usefixtures("slowly")
def test_a_stop_ends_it(host: Host, tmp_path: Path) -> None:
    project, _ = flaky(host, tmp_path)
    job = host.ask(JobType.START, project)
    eventually(lambda: retrying(host, job))
    assert host.stop(project).state is JobState.SUCCESS
    assert host.job(job).state is JobState.REVOKED


@pytest.mark.usefixtures("slowly")
def test_it_gives_its_slot_to_others_meanwhile(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBTUI_JOBS__CONCURRENCY", "1")
    project, _ = flaky(host, tmp_path)
    job = host.ask(JobType.START, project)
    eventually(lambda: retrying(host, job))
    other = host.add(stacks.write(tmp_path / "other", {"a": {"process": stacks.SLEEPER}}))
    assert host.start(other).state is JobState.SUCCESS
    assert host.job(job).state is JobState.RETRY


@pytest.mark.usefixtures("slowly")
def test_what_needs_no_slot_waits_for_its_next_attempt_too(host: Host, tmp_path: Path) -> None:
    """As the restart of one service of a stack that is up; a stop passes it."""
    project, gate = flaky(host, tmp_path)
    gate.open()
    host.start(project)
    gate.path.unlink()
    job = host.ask(JobType.RESTART, project, ["a"])
    eventually(lambda: host.job(job).attempt > 1 or retrying(host, job))
    assert host.stop(project).state is JobState.SUCCESS
    ended = host.job(job)
    assert (ended.state, ended.attempt) == (JobState.REVOKED, 1)


def test_one_that_is_due_and_gets_no_slot_does_not_keep_its_runner_awake(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBTUI_JOBS__CONCURRENCY", "1")
    con, lock = connect.open_writer(home)
    for name in ("web", "other"):
        projects.insert(con, Project(name, home.root, "process", "a test"), [])
        jobs.insert(con, name, JobType.START, (), (), "a test", slot=True)
    claims = Claims(home, "web", 1)
    assert claims.next(con) is not None
    attempts.retry_later(con, 1, "try 1 failed", JobError("network", "no network"), now())
    claims.put_off(1, 0.0)
    jobs.claim(con, 2, 1)
    assert claims.next(con) is None
    assert claims.waiting
    assert claims.until_due() is None, "when a slot gets free it is rung; until then nothing is to be done"
    con.close()
    os.close(lock)


def test_what_will_not_pass_fails_at_once(host: Host, tmp_path: Path) -> None:
    project, _ = flaky(host, tmp_path, "SyntaxError: invalid syntax")
    ended = host.finished(host.ask(JobType.START, project))
    assert (ended.state, ended.attempt) == (JobState.FAILURE, 1)
    assert ended.error is not None and ended.error.kind == "build_failed"


def test_a_service_that_exits_is_never_tried_again(host: Host, tmp_path: Path) -> None:
    own = {"process": ["/bin/sh", "-c", f"echo '{NETWORK}'; exit 3"], "health": "tcp://127.0.0.1:1"}
    project = host.add(stacks.write(tmp_path / "p", {"a": own}))
    ended = host.finished(host.ask(JobType.START, project))
    assert (ended.state, ended.attempt) == (JobState.FAILURE, 1)
    assert ended.error is not None and ended.error.kind == "service_exited"


def test_a_new_job_goes_on_where_the_other_failed(host: Host, tmp_path: Path) -> None:
    after = {"depends_on": {"first": {"condition": "service_started"}}}
    gate = Gate(tmp_path / "gate")
    script = f"if [ -e {gate.path} ]; then exec sleep 600; fi; exit 3"
    own: dict[str, dict[str, Any]] = {
        "first": {"process": stacks.SLEEPER},
        "second": {"process": ["/bin/sh", "-c", script], "health": ["test", "-e", str(gate.path)], **after},
    }
    project = host.add(stacks.write(tmp_path / "p", own))
    failed = host.start(project)
    assert failed.state is JobState.FAILURE
    first = host.pids(project)["first"]
    gate.open()
    asked = operations.retry(host.hub, failed.id, by="a test")
    assert asked.job.parent == failed.id
    assert host.finished(asked.job).state is JobState.SUCCESS
    assert host.pids(project)["first"] == first, "what was up was not started again"
    assert host.job(failed).state is JobState.FAILURE


def test_a_restart_that_failed_goes_on_with_its_profiles(host: Host, tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate")
    own = {"process": ["/bin/sh", "-c", f"test -e {gate.path} || exit 3; exec sleep 600"]}
    services = {"a": own, "extra": {"process": stacks.SLEEPER, "profiles": ["more"]}}
    project = host.add(stacks.write(tmp_path / "p", services))
    gate.open()
    host.finished(operations.ask(host.hub, JobType.START, project, profiles=["more"], by="a test").job)
    gate.path.unlink()
    failed = host.finished(host.ask(JobType.RESTART, project))
    assert failed.state is JobState.FAILURE
    host.stop(project)
    eventually(lambda: not host.held(project))
    gate.open()
    assert host.finished(operations.retry(host.hub, failed.id, by="a test").job).state is JobState.SUCCESS
    assert host.states(project) == {"a": "running", "extra": "running"}
