"""What earlier jobs took, as it is learned from and told."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import timedelta

import pytest

from hubtui.models import EndReason, FirstAndLater, Job, JobError, JobState, JobType, PastStep, Project, StepState
from hubtui.paths import Home
from hubtui.store import attempts, connect, durations, jobs, projects, runs, steps
from tests.conftest import Clock


@pytest.fixture
def con(home: Home) -> Iterator[sqlite3.Connection]:
    found, lock = connect.open_writer(home)
    for name in ("web", "other"):
        projects.insert(found, Project(name, home.root / name, "process", "a test"), [])
    yield found
    found.close()
    os.close(lock)


def first_and_later(con: sqlite3.Connection, project: str) -> FirstAndLater:
    return durations.split_first(durations.WHOLE_STARTS.all(con, project))


class Host:
    """Does jobs in no time but that which is told."""

    def __init__(self, con: sqlite3.Connection, clock: Clock) -> None:
        self.con, self.clock = con, clock

    def ask(self, type_: JobType = JobType.START, *services: str, project: str = "web", profile: str = "") -> Job:
        return jobs.insert(self.con, project, type_, services, [profile] if profile else [], "somebody")

    def claim(self, job: Job, *, up: bool = False) -> None:
        assert jobs.claim(self.con, job.id, 1) is not None
        active = runs.ACTIVE_OF_PROJECT.first(self.con, job.project)
        if active is not None and not up:
            runs.end(self.con, active.id, EndReason.STOPPED)
            active = None
        run = active.id if active else runs.begin(self.con, job.project, "process", 1, "boot", ())
        jobs.attach(self.con, job.id, run)

    def step(self, job: Job, seconds: float, key: str = "build:a", *, attempt: int = 1) -> None:
        for state in (StepState.RUNNING, StepState.DONE):
            steps.put(self.con, job.project, job.id, key, key.title(), state, attempt=attempt, parent="stage:x")
            if state is StepState.RUNNING:
                self.clock.pass_(seconds)

    def do(self, job: Job, seconds: float, state: JobState = JobState.SUCCESS, *, up: bool = False) -> Job:
        self.claim(job, up=up)
        self.step(job, seconds)
        jobs.finish(self.con, job.id, state, "over")
        return job


@pytest.fixture
def host(con: sqlite3.Connection, clock: Clock) -> Host:
    return Host(con, clock)


def seconds(host: Host, job: Job, count: int = 20) -> list[float]:
    return [timeline.seconds for timeline in durations.earlier(host.con, job, count)]


def test_steps_are_told_in_seconds_since_their_job_began(host: Host) -> None:
    first = host.ask()
    host.claim(first)
    host.clock.pass_(1)
    host.step(first, 2.5)
    times = (host.clock.time.timestamp() - 0.5, host.clock.time.timestamp() - 0.25)
    steps.put(host.con, "web", first.id, "span:1", "RUN", StepState.CACHED, parent="build:a", times=times)
    steps.put(host.con, "web", first.id, "service:a", "a", StepState.WAITING)
    host.clock.pass_(0.5)
    jobs.finish(host.con, first.id, JobState.SUCCESS, "up")
    (found,) = durations.earlier(host.con, host.ask())
    assert (found.job, found.seconds) == (first.id, 4.0)
    assert found.steps == (
        PastStep("build:a", "Build:A", "stage:x", False, 1.0, 3.5),
        PastStep("span:1", "RUN", "build:a", True, 3.0, 3.25),
    )


def test_only_those_like_it_that_went_well_before_it_count_the_newest_first(host: Host) -> None:
    for number in range(1, 5):
        host.do(host.ask(), number)
    host.do(host.ask(), 100, JobState.FAILURE)
    host.do(host.ask(JobType.RESTART), 101)
    host.do(host.ask(JobType.START, "a"), 102)
    host.do(host.ask(profile="agents"), 103)
    host.do(host.ask(project="other"), 104)
    job = host.ask()
    host.do(host.ask(), 105)
    assert seconds(host, job) == [4, 3, 2, 1]
    assert seconds(host, job, 2) == [4, 3]
    assert seconds(host, host.ask(JobType.START, "a")) == [102]
    assert seconds(host, host.ask(JobType.REBUILD)) == []


def test_only_the_last_attempt_counts(host: Host) -> None:
    job = host.ask()
    host.claim(job)
    host.step(job, 50)
    attempts.retry_later(host.con, job.id, "again", JobError("network", "no network"), host.clock.time)
    host.clock.pass_(60)
    host.claim(job, up=True)
    host.step(job, 3, attempt=2)
    jobs.finish(host.con, job.id, JobState.SUCCESS, "up")
    (found,) = durations.earlier(host.con, host.ask())
    assert found.seconds == 3
    assert [(s.began, s.ended) for s in found.steps] == [(0, 3)]


def test_what_a_clock_that_was_set_back_made_negative_is_thrown_away(host: Host) -> None:
    job = host.ask()
    host.claim(job)
    host.step(job, -30)
    host.step(job, 40, "build:b")
    jobs.finish(host.con, job.id, JobState.SUCCESS, "up")
    (found,) = durations.earlier(host.con, host.ask())
    assert (found.seconds, found.steps) == (10, ())  # b began before its job did
    host.do(host.ask(), -5)
    assert seconds(host, host.ask()) == [10]


def test_a_start_that_found_the_stack_up_says_nothing_of_starts(host: Host) -> None:
    host.do(host.ask(), 120)
    host.clock.pass_(5)
    host.do(host.ask(), 0.1, up=True)
    assert seconds(host, host.ask()) == [120]
    assert first_and_later(host.con, "web") == FirstAndLater(120, None, 0)


def test_first_and_later_starts_of_the_whole_stack(host: Host) -> None:
    assert first_and_later(host.con, "web") == FirstAndLater(None, None, 0)
    host.do(host.ask(), 7, JobState.FAILURE)
    host.do(host.ask(), 130)
    assert first_and_later(host.con, "web") == FirstAndLater(130, None, 0)
    for took in (34, 20, 600):
        host.do(host.ask(), took)
        host.do(host.ask(JobType.RESTART), 1000)
        host.do(host.ask(JobType.START, "a"), 1000)
    assert first_and_later(host.con, "WEB") == FirstAndLater(130, 34, 3)


def test_a_start_is_remembered_as_the_first_however_many_came_after(host: Host) -> None:
    host.con.execute("BEGIN")
    host.do(host.ask(), 130)
    for _ in range(120):
        host.do(host.ask(), 2)
    host.con.execute("COMMIT")
    assert first_and_later(host.con, "web") == FirstAndLater(130, 2, 100)


def test_a_long_history_is_not_read_as_a_whole(con: sqlite3.Connection) -> None:
    asked: list[str] = []
    con.set_trace_callback(asked.append)
    durations.earlier(con, Job(10**6, "web", None, JobType.START, JobState.PENDING, "", created_at=Clock().time))
    first_and_later(con, "web")
    con.set_trace_callback(None)
    assert len(asked) == 2
    for sql in asked:
        plan = [row["detail"] for row in con.execute(f"EXPLAIN QUERY PLAN {sql}")]
        assert any(line.startswith("SEARCH jobs USING INDEX jobs_of_project") for line in plan), plan
        assert not [line for line in plan if line.startswith(("SCAN jobs", "SCAN a", "SCAN s", "SCAN r"))], plan


def test_a_call_that_still_waits_has_not_begun(host: Host) -> None:
    job = host.ask()
    host.claim(job)
    called = host.clock.time.timestamp()
    begun = (host.clock.time + timedelta(seconds=60)).timestamp()
    steps.put(host.con, "web", job.id, "span:1", "RUN", StepState.WAITING, times=(called, None))
    assert steps.OF_JOB.all(host.con, job.id)[0].started_at is None
    steps.put(host.con, "web", job.id, "span:1", "RUN", StepState.RUNNING, times=(begun, None))
    (step,) = steps.OF_JOB.all(host.con, job.id)
    assert step.started_at is not None
    assert step.started_at.timestamp() == begun
