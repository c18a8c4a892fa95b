"""The host's line: who may begin, who is next, and that nobody starves."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubtui.models import JobError, JobState, JobType, Priority, Project
from hubtui.paths import Home
from hubtui.store import attempts, connect, jobs, projects, runners, slots

NAMES = ("a", "b", "c", "d")
AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    found, lock = connect.open_writer(Home(tmp_path / "state"))
    for name in NAMES:
        projects.insert(found, Project(name, tmp_path, "process", "a test"), [])
        runners.register(found, name, 1, 1, "boot")
    yield found
    found.close()
    os.close(lock)


def wait(con: sqlite3.Connection, project: str, priority: Priority = Priority.NORMAL, *names: str) -> int:
    return jobs.insert(con, project, JobType.START, names, (), "x", priority=priority, slot=True).id


def place(con: sqlite3.Connection, job: int, count: int = 1, silent: str = "") -> tuple[bool, int]:
    found = slots.place(con, job, count, lambda project: project != silent)
    return found.free, found.position


def begin(con: sqlite3.Connection, job: int) -> None:
    assert jobs.claim(con, job, 1) is not None


def test_so_many_may_begin_in_their_order(con: sqlite3.Connection) -> None:
    a, b, c = (wait(con, name) for name in "abc")
    assert [place(con, job, 2) for job in (a, b, c)] == [(True, 1), (True, 2), (False, 3)]
    begin(con, a)
    assert slots.holders(con) == ("a",)
    assert [place(con, job, 2) for job in (b, c)] == [(True, 1), (False, 2)]


def test_a_second_job_of_a_project_takes_nobodys_place(con: sqlite3.Connection) -> None:
    first, second, other = wait(con, "a"), wait(con, "a", Priority.NORMAL, "web"), wait(con, "b")
    assert place(con, other, 2) == (True, 2)
    begin(con, first)
    assert place(con, other, 2) == (True, 1), "a's second cannot begin while its first is under way"
    jobs.finish(con, first, JobState.SUCCESS, "done")
    assert place(con, second, 1) == (True, 1)


def test_a_project_stands_where_its_oldest_job_does(con: sqlite3.Connection) -> None:
    old = wait(con, "a", Priority.LOW)
    wait(con, "a", Priority.HIGH, "web")
    assert place(con, old) == (True, 1), "or nobody of this project ever began"


def test_one_that_waits_for_its_next_attempt_lets_all_pass(con: sqlite3.Connection) -> None:
    a, behind, b = wait(con, "a"), wait(con, "a", Priority.NORMAL, "web"), wait(con, "b")
    begin(con, a)
    assert attempts.retry_later(con, a, "later", JobError("network", "gone"), AT)
    assert slots.holders(con) == ()
    assert place(con, b) == (True, 1)
    attempts.due(con, a)
    assert place(con, a) == (True, 1)
    assert place(con, b) == (False, 2)
    assert place(con, behind)[0] is False


def test_what_stands_behind_one_that_is_tried_again_later_lets_all_pass(con: sqlite3.Connection) -> None:
    first = jobs.insert(con, "a", JobType.ADOPT, (), (), "x", slot=False).id
    begin(con, first)
    behind, other = wait(con, "a"), wait(con, "b")
    assert attempts.retry_later(con, first, "later", JobError("network", "gone"), AT)
    assert place(con, other) == (True, 1)
    assert place(con, behind)[0] is False


def test_nobody_waits_for_one_whose_runner_is_gone(con: sqlite3.Connection) -> None:
    wait(con, "a")
    assert place(con, wait(con, "b"), silent="a") == (True, 1)


def test_fewer_slots_than_are_held_let_nobody_begin(con: sqlite3.Connection) -> None:
    for name in "ab":
        begin(con, wait(con, name))
    assert place(con, wait(con, "c"), 1) == (False, 1)


def test_what_is_known_already_is_not_told_again(con: sqlite3.Connection) -> None:
    begin(con, wait(con, "a"))
    job = wait(con, "b")
    found = slots.place(con, job, 1, lambda project: True)
    assert found.sentence == "waits for a slot: a"
    assert slots.keep_place(con, job, found)
    assert not slots.keep_place(con, job, found)
    assert jobs.get(con, job).waits_for == ("a",)


@given(st.lists(st.sampled_from(Priority), min_size=1, max_size=60))
def test_nobody_starves(priorities: list[Priority]) -> None:
    """A job is passed by at most WORTH later ones for each class between."""
    line = sorted(enumerate(priorities), key=lambda entry: slots.order(*entry))
    classes = [Priority.HIGH, Priority.NORMAL, Priority.LOW]
    for at, (job, priority) in enumerate(line):
        passed = [(other, p) for other, p in line[:at] if other > job]
        assert len(passed) <= 2 * slots.WORTH
        assert all(classes.index(p) < classes.index(priority) for _, p in passed)
