"""What of the history goes, what never does, and that it goes in small slices."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

from hubtui.models import EndReason, JobState, JobType
from hubtui.store import events, jobs, requests, retention, runs, steps
from tests.doubles.past import Past, register, tell, write

OLD = timedelta(days=40)
FAILED = JobState.FAILURE


def ids(con: sqlite3.Connection) -> list[int]:
    return [row["id"] for row in con.execute("SELECT id FROM jobs ORDER BY id")]


def rows(con: sqlite3.Connection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) AS n FROM {table}").fetchone()["n"])


def all_slices(con: sqlite3.Connection, days: int = 30, keep: int = 1000, limit: int = 500) -> int:
    """Trim until there is nothing left to trim; how many slices that took."""
    slices = 0
    while retention.trim(con, days, keep, limit):
        slices += 1
    return slices


class TestJobs:
    def test_old_ones_go_with_all_that_is_theirs(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        old, young = write(store, [Past(age=OLD), Past()])
        store.execute(
            "INSERT INTO requests (project, job, kind, requested_by, created_at) VALUES ('web', ?, 'cancel', 'x', 'y')",
            (old,),
        )
        assert all_slices(store) == 1
        assert ids(store) == [young]
        assert (rows(store, "attempts"), rows(store, "steps")) == (1, 2)
        assert requests.OPEN.all(store, "web") == []
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []

    def test_of_young_ones_the_newest_are_kept(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        asked = write(store, [Past()] * 30)
        all_slices(store, keep=10)
        assert ids(store) == asked[-10:]

    def test_never_one_that_is_open_nor_the_newest_of_a_project(self, store: sqlite3.Connection) -> None:
        register(store, "web", "api", "idle")
        write(store, [Past("web", state=JobState.RETRY, age=OLD)])
        write(store, [Past("idle", state=FAILED, age=OLD), Past("api", state=FAILED, age=OLD)])
        write(store, [Past("web", state=FAILED, age=OLD), Past("api", state=JobState.PENDING, age=OLD)])
        all_slices(store, days=1, keep=1)
        assert ids(store) == [1, 2, 4, 5]

    def test_never_the_last_good_one_of_its_kind(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        write(store, [Past(age=OLD), Past(age=OLD), Past(type=JobType.STOP, age=OLD)])
        write(store, [Past(age=OLD, services='["api"]'), Past(age=OLD, services='["api"]')])
        write(store, [Past(state=FAILED, age=OLD)] * 20)
        all_slices(store, days=1, keep=1)
        assert ids(store) == [2, 3, 5, 25]

    def test_a_job_that_another_names_as_its_parent(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        (old,) = write(store, [Past(state=FAILED, age=OLD)])
        (young,) = write(store, [Past(parent=old)])
        all_slices(store)
        found = jobs.get(store, young)
        assert (found.parent, ids(store)) == (None, [young])

    def test_a_run_goes_with_its_last_job_but_never_the_newest_run(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        for reason in (EndReason.STOPPED, EndReason.LOST):
            runs.end(store, runs.begin(store, "web", "process", 1, "boot", ()), reason)
        first, second, _ = write(store, [Past(state=FAILED, age=OLD), Past(state=FAILED, age=OLD), Past()])
        jobs.attach(store, first, 1)
        jobs.attach(store, second, 1)
        assert retention.trim(store, 30, 1000, 3) == 3
        assert rows(store, "runs") == 2
        all_slices(store)
        newest = runs.NEWEST_OF_PROJECT.first(store, "web")
        assert (rows(store, "runs"), newest.id if newest else 0) == (1, 2)

    def test_a_slice_is_never_larger_than_asked_however_many_steps_a_job_has(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        write(store, [Past(age=OLD, steps=70), *[Past(age=OLD, steps=3)] * 30, Past()])
        before = rows(store, "jobs") + rows(store, "steps")
        while went := retention.trim(store, 30, 1000, 25):
            after = rows(store, "jobs") + rows(store, "steps")
            assert went == before - after <= 25
            before = after
        assert (rows(store, "jobs"), rows(store, "steps")) == (1, 2)

    def test_nothing_old_nothing_goes(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        write(store, [Past()] * 5)
        assert retention.trim(store, 30, 1000) == 0
        assert len(ids(store)) == 5


class TestEvents:
    def test_the_newest_of_all_are_kept_and_what_went_is_counted(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        first, second = write(store, [Past(), Past()])
        tell(store, "web", first, 60)
        tell(store, "web", second, 60)
        while went := retention.trim_events(store, 25, kept=100):
            assert went <= 25
        assert len(events.AFTER.all(store, 0)) == 100
        dropped = [jobs.get(store, job).events_dropped for job in (first, second)]
        assert dropped == [20, 0]

    def test_of_one_job_the_newest_are_kept(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        chatty, quiet = write(store, [Past(state=JobState.BUILDING), Past()])
        tell(store, "web", quiet, 10)
        tell(store, "web", chatty, 70)
        tell(store, "web", quiet, 10)
        while went := retention.trim_events(store, 8, kept_of_job=50):
            assert went <= 8
        left = [event for event in events.AFTER.all(store, 0) if event.job == chatty]
        assert [event.data["number"] for event in left] == list(range(20, 70))
        assert [jobs.get(store, job).events_dropped for job in (chatty, quiet)] == [20, 0]
        assert sum(event.job == quiet for event in events.AFTER.all(store, 0)) == 20

    def test_events_of_no_job_go_too(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        tell(store, "web", None, 50)
        retention.trim_events(store, kept=10)
        assert len(events.AFTER.all(store, 0)) == 10

    def test_an_open_job_is_counted_however_many_came_after_it(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        (long,) = write(store, [Past(state=JobState.RUNNING)])
        tell(store, "web", long, 30)
        write(store, [Past()] * (retention.WATCHED + 10))
        retention.trim_events(store, kept_of_job=5)
        assert jobs.get(store, long).events_dropped == 25

    def test_steps_of_a_job_stay_when_its_events_go(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        (job,) = write(store, [Past(state=JobState.RUNNING, steps=3)])
        tell(store, "web", job, 30)
        retention.trim_events(store, kept_of_job=5)
        assert len(steps.OF_JOB.all(store, job)) == 3
