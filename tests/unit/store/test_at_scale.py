"""What is asked of the store all day costs the same after years: counted in SQLite's own instructions, which no other
load on the machine changes."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hubtui.models import JobType
from hubtui.paths import Home
from hubtui.store import attempts, connect, events, jobs, projects, requests, runners, runs, services, slots, steps
from hubtui.store.query import Query
from hubtui.workers import operations, reconcile, registry
from hubtui.workers.hub import Hub
from tests.doubles import bigstore

JOBS, EVENTS = 20_000, 200_000
GRAIN = 100  # instructions between two counts
BUSY = bigstore.name(0)  # the project with most jobs
FEW = 5_000  # instructions: a handful of rows found by an index
EACH = 1_000  # for each of the projects


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("large") / "state")
    bigstore.make(home, JOBS, EVENTS)
    return home


@pytest.fixture
def con(large: Home) -> Iterator[sqlite3.Connection]:
    reader = connect.open_reader(large)
    yield reader
    reader.close()


def cost(con: sqlite3.Connection, look: Callable[[], object]) -> int:
    """How many instructions SQLite carries out for this."""
    count = 0

    def one_more() -> int:
        nonlocal count
        count += 1
        return 0

    con.set_progress_handler(one_more, GRAIN)
    try:
        look()
    finally:
        con.set_progress_handler(None, 0)
    return count * GRAIN


def test_the_store_is_as_large_as_it_should_be(con: sqlite3.Connection) -> None:
    counted = {
        table: con.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("projects", "jobs", "events")
    }
    assert counted == {"projects": bigstore.PROJECTS, "jobs": JOBS, "events": EVENTS}
    assert con.execute("PRAGMA foreign_key_check").fetchall() == []
    assert con.execute("PRAGMA quick_check").fetchone()[0] == "ok"
    look = con.execute("SELECT count(*) FROM jobs WHERE project = ?", (BUSY,)).fetchone()[0]
    assert look > JOBS / 10, "one project has so many jobs that reading them all would be seen"
    assert cost(con, lambda: con.execute("SELECT max(message) FROM jobs").fetchone()) > 2 * JOBS, "reading all is seen"


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        pytest.param(query, parameters, id=name)
        for name, query, parameters in (
            ("the job to show", jobs.SHOWN_OF_PROJECT, (BUSY,)),
            ("open jobs", jobs.OPEN_OF_PROJECT, (BUSY,)),
            ("the first open job", jobs.FIRST_OPEN_OF_PROJECT, (BUSY,)),
            ("the open job that tells what will be up", jobs.LAST_OPEN_TO_TELL, (BUSY,)),
            ("the job under way", jobs.CLAIMED_OF_PROJECT, (BUSY,)),
            ("the same job, open", jobs.OPEN_ALIKE, (BUSY, "start", "[]", "[]", "[]", "[]", None)),
            ("a project's newest jobs", jobs.NEWEST_OF_PROJECT, (BUSY, 20)),
            ("a job", jobs.ONE, (JOBS,)),
            ("its attempts", jobs.ATTEMPTS, (JOBS,)),
            ("its steps", steps.OF_LAST_ATTEMPT, (JOBS,)),
            ("what the last good job was made of", attempts.LAST_GOOD_FINGERPRINT, (JOBS,)),
            ("who holds slots", slots.HOLDERS, ()),
            ("who waits for a slot", slots.WAITING_PROJECTS, ()),
            ("requests", requests.OPEN, (BUSY,)),
            ("the run", runs.ACTIVE_OF_PROJECT, (BUSY,)),
            ("the newest run", runs.NEWEST_OF_PROJECT, (BUSY,)),
            ("its services", services.OF_PROJECT, (BUSY,)),
            ("its runner", runners.OF_PROJECT, (BUSY,)),
            ("the newest event", events.LAST_SEQ, ()),
            ("what is new", events.AFTER, (EVENTS - 5,)),
            ("what is new of a project", events.AFTER_OF_PROJECT, (EVENTS - 500, BUSY)),
        )
    ],
)
def test_a_look_at_one_thing_reads_a_few_rows(
    con: sqlite3.Connection, query: Query[Any], parameters: tuple[object, ...]
) -> None:
    assert cost(con, lambda: query.all(con, *parameters)) <= FEW


def test_a_list_of_projects_costs_for_each_project_not_for_each_job(con: sqlite3.Connection) -> None:
    assert cost(con, lambda: projects.listing(con)) <= EACH * bigstore.PROJECTS
    assert cost(con, lambda: projects.view(con, BUSY)) <= FEW
    assert cost(con, lambda: reconcile._SUSPECTS.all(con)) <= EACH * bigstore.PROJECTS


def test_the_job_to_show_is_the_one_under_way_else_the_newest(con: sqlite3.Connection, home: Home) -> None:
    shown = {job.project: job.id for job in jobs.SHOWN_OF_EACH.all(con)}
    newest = dict(con.execute("SELECT project, max(id) FROM jobs GROUP BY project").fetchall())
    assert shown == newest
    bigstore.make(home, 200, 200)
    with Hub(home) as hub:

        def work(con: sqlite3.Connection) -> tuple[int, int]:
            first = jobs.insert(con, BUSY, JobType.START, (), (), "a test")
            jobs.claim(con, first.id, 1)
            second = jobs.insert(con, BUSY, JobType.STOP, (), (), "a test")
            return first.id, second.id

        under_way, _ = hub.writer.run(work)
        with contextlib.closing(hub.reader()) as look:
            assert [job.id for job in jobs.SHOWN_OF_PROJECT.all(look, BUSY)] == [under_way]
            assert under_way in [job.id for job in jobs.SHOWN_OF_EACH.all(look)]


def test_asking_for_a_job_and_forgetting_a_project_read_no_more_than_their_own(tmp_path: Path) -> None:
    home = Home(tmp_path / "state")
    bigstore.make(home, JOBS, EVENTS)
    with Hub(home) as hub:

        def ask(con: sqlite3.Connection) -> int:
            return cost(con, lambda: operations.write_job(con, JobType.STOP, BUSY, (), (), "a test"))

        assert hub.writer.run(ask) <= 2 * FEW
        quiet = bigstore.name(bigstore.PROJECTS - 1)
        with contextlib.closing(hub.reader()) as look:
            own = look.execute("SELECT count(*) FROM jobs WHERE project = ?", (quiet,)).fetchone()[0]
        spent = hub.writer.run(lambda con: cost(con, lambda: projects.remove(con, quiet)))
        assert 0 < own < JOBS / 50
        assert spent <= own * EACH, "a project goes with its own jobs and runs; those of others are not looked at"
        assert registry.remove(hub, BUSY).name == BUSY
