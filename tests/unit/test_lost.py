"""What is written when a runner has died: of what goes on without it, the next one is asked to take it over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.models import EndReason, JobError, JobState, JobType, Project
from hubtui.paths import Home
from hubtui.store import connect, jobs, projects, runs
from hubtui.workers import lost


@pytest.fixture
def store(tmp_path: Path) -> Iterator[connect.Writer]:
    writer = connect.Writer(Home(tmp_path))
    yield writer
    writer.close()


def lose(store: connect.Writer, engine: str, reason: EndReason = EndReason.LOST, *waiting: JobType) -> list[str]:
    """A run of this engine is lost while these jobs wait; the types of all open jobs afterwards."""

    def work(con: sqlite3.Connection) -> list[str]:
        if projects.ONE.first(con, "web") is None:
            projects.insert(con, Project("web", Path("/srv"), engine, "a test"), [])
        runs.begin(con, "web", engine, 1, "boot", (), "staging")
        for type_ in waiting:
            jobs.insert(con, "web", type_, (), (), "a test")
        lost.mark_in(con, "web", reason, "killed")
        lost.have_adopted(con, "web")
        return [str(job.type) for job in jobs.OPEN_OF_PROJECT.all(con, "web")]

    return store.run(work)


def test_containers_are_taken_over_by_the_next_runner(store: connect.Writer) -> None:
    assert lose(store, "compose") == ["adopt"]
    job = store.run(lambda con: jobs.OPEN_OF_PROJECT.all(con, "web"))[0]
    assert (job.environment, job.requested_by, job.slot) == ("staging", "hubtui", False)


def test_also_after_the_host_was_started_anew(store: connect.Writer) -> None:
    assert lose(store, "compose", EndReason.REBOOTED) == ["adopt"]


@pytest.mark.parametrize("engine", ["process", "dagger"])
def test_what_ended_with_its_runner_is_not(store: connect.Writer, engine: str) -> None:
    assert lose(store, engine) == []


def test_a_job_that_waits_takes_it_over_itself(store: connect.Writer) -> None:
    assert lose(store, "compose", EndReason.LOST, JobType.STOP) == ["stop"]


def test_a_runner_that_dies_of_taking_over_is_not_started_for_ever(store: connect.Writer) -> None:
    assert lose(store, "compose") == ["adopt"]

    def fail(con: sqlite3.Connection) -> None:
        job = jobs.OPEN_OF_PROJECT.all(con, "web")[0]
        jobs.finish(con, job.id, JobState.FAILURE, "lost", error=JobError("lost", "killed"))

    store.run(fail)
    assert lose(store, "compose") == []
