"""`jobs`, `job`, `retry`: finding jobs, what they come to, one of them whole, and doing one again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from hubtui.models import JobError, JobState, JobType, Notice, Priority, StepState, now
from hubtui.store import attempts, jobs, slots, steps
from hubtui.workers.hub import Hub
from tests.doubles.past import Past, tell, write
from tests.unit.cli.support import JOB, loaded, refused, said

ERROR = JobError("network", "the registry did not answer", "Try again.")


def change(work: Callable[[sqlite3.Connection], object]) -> None:
    """What a runner would write."""
    with Hub() as hub:
        hub.writer.run(work)


class TestJobs:
    @pytest.fixture
    def past(self, harbor: Path) -> None:
        hours = [timedelta(hours=n) for n in (5, 3, 1, 0)]
        types = JobType.START, JobType.STOP, JobType.START, JobType.RESTART
        states = JobState.SUCCESS, JobState.SUCCESS, JobState.FAILURE, JobState.PENDING
        found = [Past("harbor", t, s, age=a, took=12) for t, s, a in zip(types, states, hours, strict=True)]
        change(lambda con: write(con, found))

    @pytest.mark.usefixtures("past")
    def test_several_states_and_types(self) -> None:
        assert [j["id"] for j in loaded("jobs", "--state", "failure", "--state", "PENDING")] == [4, 3]
        assert [j["id"] for j in loaded("jobs", "--type", "start", "--type", "stop", "-n", "2")] == [3, 2]
        assert [j["id"] for j in loaded("jobs", "harbor", "--since", "2h", "--type", "start")] == [3]
        assert said("jobs", "--state", "REVOKED") == "No such jobs.\n"

    @pytest.mark.usefixtures("past")
    def test_a_filter_looks_beyond_the_newest(self) -> None:
        change(lambda con: write(con, [Past("harbor", JobType.RESTART)] * 30))
        assert [j["id"] for j in loaded("jobs", "--type", "stop", "-n", "1")] == [2]

    @pytest.mark.usefixtures("past")
    def test_what_is_wrong_says_what_is_allowed(self) -> None:
        assert "yesterday 12:04, 2026-11-26, 2026-11-26 12:04" in refused("jobs", "--since", "some day")
        for words in ("jobs", "-n"), ("events", "--after"):
            assert "is not in the range" in refused(*words, str(2**63))
        assert "'pending', 'building'" in refused("jobs", "--state", "broken")
        assert "hubtui jobs [PROJECT] --stats" in refused("jobs", "--stats", "--state", "FAILURE")

    @pytest.mark.usefixtures("past")
    def test_stats(self) -> None:
        shape = loaded("jobs", "--stats")
        assert (shape["active"], shape["failed_last_hour"], shape["kept"]) == (1, 1, 4)
        start = next(row for row in shape["operations"] if row["type"] == "start")
        assert start == {
            **{"project": "harbor", "type": "start", "count": 2, "failures": 1, "failure_rate": 0.5, "retried": 0},
            **{"average": 12.0, "median": 12.0, "p90": 12.0},
        }
        lines = said("jobs", "harbor", "--stats").splitlines()
        assert lines[0].startswith("1 active now, 1 failed in the last hour, 4 jobs kept")
        assert lines[1].split() == [
            "PROJECT",
            "OPERATION",
            "JOBS",
            "FAILED",
            "RATE",
            "AGAIN",
            "AVERAGE",
            "MEDIAN",
            "P90",
        ]
        assert ["harbor", "start", "2", "1", "50", "%", "0", "0:12", "0:12", "0:12"] in [row.split() for row in lines]
        assert "There is no project" in refused("jobs", "reef", "--stats")

    def test_stats_of_nothing(self, here: Path) -> None:
        assert loaded("jobs", "--stats")["operations"] == []
        assert said("jobs", "--stats").startswith("0 active now")


class TestRetry:
    def test_a_new_job_that_names_the_old_one(self, harbor: Path) -> None:
        said("start", "harbor", "--priority", "high")
        said("cancel", "1")
        assert said("retry", "#1") == "start #2 harbor  (tries #1 again)\n"
        assert said("retry", "1") == "start #2 harbor  (was asked for already)\n"
        shape = loaded("retry", "1")
        assert set(shape) >= JOB
        assert (shape["id"], shape["parent"], shape["priority"]) == (2, 1, "high")
        assert "tries job #1 again" in said("job", "2")

    def test_what_cannot_be_done_again(self, harbor: Path) -> None:
        said("start", "harbor")
        assert "Job #1 is still PENDING" in refused("retry", "1")
        assert "There is no job #9" in refused("retry", "9")


class TestPriority:
    @pytest.mark.parametrize("verb", ["start", "restart", "rebuild"])
    def test_it_is_kept(self, harbor: Path, verb: str) -> None:
        (job,) = loaded(verb, "harbor", "--priority", "LOW")
        assert job["priority"] == "low"
        assert "priority low" in said("job", "1")

    def test_it_is_normal_unless_said(self, harbor: Path) -> None:
        assert loaded("start", "harbor")[0]["priority"] == Priority.NORMAL
        assert "'high', 'normal', 'low'" in refused("restart", "harbor", "--priority", "urgent")


class TestOneJob:
    @pytest.fixture
    def begun(self, harbor: Path) -> None:
        said("start", "harbor")

        def work(con: sqlite3.Connection) -> None:
            jobs.claim(con, 1, 1)
            steps.put(con, "harbor", 1, "w", "pull web", StepState.RUNNING)

        change(work)

    @pytest.mark.usefixtures("begun")
    def test_each_try_with_its_own_steps(self) -> None:
        def work(con: sqlite3.Connection) -> None:
            jobs.allow(con, 1, 3)
            attempts.retry_later(con, 1, "the registry did not answer", ERROR, now() + timedelta(seconds=42))
            jobs.claim(con, 1, 1)
            steps.put(con, "harbor", 1, "w", "pull web", StepState.DONE, attempt=2)
            steps.put(con, "harbor", 1, "x", "web", StepState.RUNNING, attempt=2)

        change(work)
        lines = said("job", "1").splitlines()
        first, second = (next(i for i, line in enumerate(lines) if f"try {n}  " in line) for n in (1, 2))
        assert "✗ FAILURE" in lines[first] and "the registry did not answer" in lines[first]
        assert "✗  pull web" in lines[first + 1] and second == first + 2
        assert "✓  pull web" in lines[second + 1] and "◐  web" in lines[second + 2]
        assert "  try 2 of 3" in lines
        assert [(s["attempt"], s["name"]) for s in loaded("job", "1")["steps"]] == [
            *((1, "pull web"), (2, "pull web"), (2, "web")),
        ]

    @pytest.mark.usefixtures("begun")
    def test_when_it_is_tried_again(self) -> None:
        change(lambda con: attempts.retry_later(con, 1, "no answer", ERROR, now() + timedelta(seconds=42)))
        assert "tried again in 4" in said("job", "1")

    @pytest.mark.usefixtures("begun")
    def test_what_is_to_be_noted_and_what_changed(self) -> None:
        def work(con: sqlite3.Connection) -> None:
            attempts.note(con, 1, [Notice("stuck", "possibly stuck in pull web: 14 min, usually 3 min", now())])
            attempts.compare(con, 1, {"compose": "b"}, ["the compose file", "the image of web\x1b[2J"])
            tell(con, "harbor", 1, 3)
            con.execute("UPDATE jobs SET events_dropped = 7 WHERE id = 1")

        change(work)
        text = said("job", "1")
        assert "! possibly stuck in pull web: 14 min, usually 3 min" in text
        assert "changed since the last good one: the compose file" in text
        assert "7 events dropped" in text and "\x1b" not in text

    @pytest.mark.usefixtures("begun")
    def test_how_long_it_should_take(self) -> None:
        def estimate(seconds: float | None, basis: str) -> str:
            eta = now() + timedelta(seconds=seconds) if seconds is not None else None
            change(lambda con: jobs.progress(con, 1, message="", step=None, eta=(eta, eta), basis=basis))
            return said("job", "1")

        assert "about 2 min left, from 12 earlier starts" in estimate(125, "12 earlier starts")
        assert "should have ended by now, from 12 earlier starts" in estimate(-5, "12 earlier starts")
        assert "  first run, no estimate\n" in estimate(None, "first run, no estimate")

    def test_its_place_in_the_line(self, harbor: Path) -> None:
        said("start", "harbor")
        change(lambda con: slots.keep_place(con, 1, slots.Place(False, 2, ("reef", "cove"))))
        text = said("job", "1")
        assert "number 2 in the line: reef, cove hold the slots" in text
