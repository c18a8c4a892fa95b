"""What is asked for, and what is shown of it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.errors import UsageError
from hubtui.models import EndReason, JobState, JobType, Project, Service, ServiceState
from hubtui.paths import Home
from hubtui.store import connect, jobs, projects, requests, runners, runs, services
from hubtui.workers import operations


@pytest.fixture
def con(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    home = Home(tmp_path / "state")
    found, lock = connect.open_writer(home)
    projects.insert(found, Project("web", tmp_path, "process", "a test"), [])
    services.declare(found, "web", [Service("a", ServiceState.STOPPED)], ["a"])
    yield found
    found.close()
    os.close(lock)


def ask(con: sqlite3.Connection, type_: JobType, *wanted: str) -> operations.Asked:
    return operations.write_job(con, type_, "web", wanted, (), "somebody")


def begin(con: sqlite3.Connection, job: int) -> None:
    """A runner takes the job and opens a run for it."""
    generation = runners.register(con, "web", 1, 1, "boot")
    assert jobs.claim(con, job, generation) is not None
    if runs.ACTIVE_OF_PROJECT.first(con, "web") is None:
        runs.begin(con, "web", "process", generation, "boot", ())


def test_the_job_under_way_is_shown_before_those_that_wait(con: sqlite3.Connection) -> None:
    start = ask(con, JobType.START).job
    begin(con, start.id)
    waiting = ask(con, JobType.RESTART, "a").job
    assert waiting.message == f"waits for start #{start.id} to end"
    for shown in (projects.view(con, "web").project.job, projects.listing(con)[0].job):
        assert shown is not None
        assert shown.id == start.id
    jobs.finish(con, start.id, JobState.SUCCESS, "done")
    assert projects.listing(con)[0].job == jobs.get(con, waiting.id)


def test_the_same_twice_is_one_job_and_another_is_another(con: sqlite3.Connection) -> None:
    first, second, other = ask(con, JobType.START), ask(con, JobType.START), ask(con, JobType.START, "a")
    assert (first.created, second.created, other.created) == (True, False, True)
    assert first.job.id == second.job.id != other.job.id


def test_a_stop_after_a_cancel_does_not_take_the_grace(con: sqlite3.Connection) -> None:
    start = ask(con, JobType.START).job
    begin(con, start.id)
    requests.ask(con, "web", "cancel", "ann", job=start.id, reason="cancelled by ann")
    for request in requests.OPEN.all(con, "web"):
        requests.obeyed(con, request.id)
    assert ask(con, JobType.STOP).created
    assert requests.OPEN.all(con, "web") == [], "a second cancel would shorten what the first one began"


def test_a_stop_revokes_what_waits_and_tells_what_runs_to_end(con: sqlite3.Connection) -> None:
    running = ask(con, JobType.START).job
    begin(con, running.id)
    waiting = ask(con, JobType.RESTART).job
    stop = ask(con, JobType.STOP).job
    assert stop.state is JobState.PENDING
    assert jobs.get(con, waiting.id).state is JobState.REVOKED
    assert [r.job for r in requests.OPEN.all(con, "web")] == [running.id]


def test_a_stop_of_nothing_is_done_at_once(con: sqlite3.Connection) -> None:
    stop = ask(con, JobType.STOP).job
    assert (stop.state, stop.message) == (JobState.SUCCESS, "nothing was running")


def test_unknown_names_are_refused_with_the_known_ones(con: sqlite3.Connection) -> None:
    with pytest.raises(UsageError, match="no service 'b'") as refused:
        ask(con, JobType.START, "b")
    assert refused.value.hint == "Its services: a"
    with pytest.raises(UsageError, match="no project 'nobody'"):
        operations.write_job(con, JobType.START, "nobody", (), (), "somebody")


def test_a_project_that_is_up_cannot_be_forgotten(con: sqlite3.Connection) -> None:
    job = ask(con, JobType.START).job
    begin(con, job.id)
    with pytest.raises(UsageError, match="cannot be forgotten"):
        projects.remove(con, "web")
    jobs.finish(con, job.id, JobState.SUCCESS, "done")
    run = runs.ACTIVE_OF_PROJECT.first(con, "web")
    assert run is not None
    runs.end(con, run.id, EndReason.STOPPED)
    projects.remove(con, "web")
    assert projects.listing(con) == []


def test_progress_never_goes_back(con: sqlite3.Connection) -> None:
    job = ask(con, JobType.START).job
    begin(con, job.id)
    for percent in (60, 30, 80, 10):
        jobs.progress(con, job.id, state=JobState.RUNNING, percent=percent, message="", step=None)
    assert jobs.get(con, job.id).progress == 80
    jobs.finish(con, job.id, JobState.FAILURE, "no")
    assert jobs.get(con, job.id).progress == 80
    assert not jobs.finish(con, job.id, JobState.SUCCESS, "yes"), "the first end stands"
