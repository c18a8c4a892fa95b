"""Finding jobs among many, a page at a time, and what they come to."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hubtui.errors import UsageError
from hubtui.models import JobState, JobType
from hubtui.store import history, statistics
from hubtui.store.history import Wanted
from hubtui.store.query import stamp
from tests.doubles.past import Past, register, write

FAILED, REVOKED = JobState.FAILURE, JobState.REVOKED


def ids(con: sqlite3.Connection, wanted: Wanted) -> list[int]:
    return [job.id for job in history.older(wanted).read(con)]


def count(con: sqlite3.Connection, wanted: Wanted) -> int | None:
    query, parameters = history.count(wanted)
    return query.first(con, *parameters)


def plan(con: sqlite3.Connection, sql: str, parameters: tuple[Any, ...]) -> str:
    return "\n".join(row["detail"] for row in con.execute(f"EXPLAIN QUERY PLAN {sql}", parameters))


class TestPages:
    def test_one_after_the_other_they_are_all_jobs_though_some_come_meanwhile(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        asked = write(store, [Past()] * 450)
        seen, last = [], None
        while page := history.older(Wanted(), last).read(store):
            seen += [job.id for job in page]
            last = page[-1].id
            write(store, [Past()] * 3)
        assert seen == asked[::-1]

    def test_upwards_they_are_the_same(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        asked = write(store, [Past()] * 450)
        first = history.newer(Wanted()).read(store)
        second = history.newer(Wanted(), first[-1].id).read(store)
        assert [job.id for job in first + second] == asked[:400]

    def test_between_two_jobs(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        asked = write(store, [Past()] * 9)
        found = history.between(Wanted(), asked[2], asked[5], 100).read(store)
        assert [job.id for job in found] == asked[5:1:-1]
        assert len(history.between(Wanted(), asked[2], None, 100).read(store)) == 7


class TestFilters:
    @pytest.fixture
    def five(self, store: sqlite3.Connection) -> sqlite3.Connection:
        register(store, "web", "api")
        write(
            store,
            [
                Past("web", JobType.START, age=timedelta(days=3)),
                Past("web", JobType.STOP, FAILED, timedelta(hours=5), message="port 5432 is taken, 100%_sure"),
                Past("api", JobType.START, FAILED, timedelta(minutes=50), message="Backend exited"),
                Past("api", JobType.START, REVOKED, timedelta(minutes=40), message="cancelled by ann"),
                Past("api", JobType.RESTART, JobState.PENDING, timedelta(minutes=1), message="waits"),
            ],
        )
        return store

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ("", [5, 4, 3, 2, 1]),
            ("web", [2, 1]),
            ("WEB", [2, 1]),
            ("failure", [3, 2]),
            ("failed web", [2]),
            ("active", [5]),
            ("done cancelled", [4, 1]),
            ("start stop", [4, 3, 2, 1]),
            ("start failed", [3]),
            ("since:2h", [5, 4, 3]),
            ("since:2h api failed", [3]),
            ("backend", [3]),
            ("5432 taken", [2]),
            ("100%_s", [2]),
            ("%", [2]),
            ("_", [2]),
            ("5432 backend", []),
        ],
    )
    def test_words_that_a_person_types(self, five: sqlite3.Connection, words: str, expected: list[int]) -> None:
        wanted = history.typed(words, ["web", "api"], Wanted())
        assert ids(five, wanted) == expected
        assert count(five, wanted) == len(expected)

    def test_they_narrow_the_scope(self, five: sqlite3.Connection) -> None:
        assert ids(five, history.typed("failed", ["web", "api"], Wanted(project="api"))) == [3]

    def test_a_job_is_found_by_its_time_though_the_clock_went_back_before_it(self, five: sqlite3.Connection) -> None:
        write(five, [Past("web", age=timedelta(hours=30)), Past("web", age=timedelta(minutes=2))])
        assert ids(five, Wanted(since=history.moment("2h"))) == [7, 5, 4, 3]

    @pytest.mark.parametrize("text", ["soon", "since", "2", "2y", "99999999999d", "2026-13-01", "999999d"])
    def test_what_is_no_time_is_said_with_what_is(self, text: str) -> None:
        with pytest.raises(UsageError) as refused:
            history.moment(text)
        assert "2h" in refused.value.hint

    def test_times_are_ages_or_dates(self) -> None:
        assert abs(history.moment("2h") - (datetime.now(UTC) - timedelta(hours=2))) < timedelta(seconds=5)
        assert history.moment("2026-11-22T13:00+01:00") == datetime(2026, 11, 22, 12, tzinfo=UTC)
        assert history.moment("2026-11-22").astimezone().hour == 0

    def test_no_filter_by_project_state_or_time_looks_at_every_job(self, five: sqlite3.Connection) -> None:
        for wanted in (
            Wanted(project="web"),
            Wanted(states=(FAILED,)),
            Wanted(project="web", types=(JobType.STOP,), states=(FAILED,)),
            Wanted(since=history.moment("2h")),
        ):
            page = history.older(wanted)
            assert "SCAN jobs" not in plan(five, page.query.sql, page.parameters)
            assert "TEMP B-TREE" not in plan(five, page.query.sql, page.parameters)


class TestStatistics:
    def test_of_each_operation_of_each_project(self, store: sqlite3.Connection) -> None:
        register(store, "web", "api")
        write(store, [Past("web", took=seconds) for seconds in (40, 10, 20, 30)])
        write(store, [Past("web", state=FAILED, took=900, attempt=3), Past("web", state=REVOKED, took=800, parent=1)])
        write(store, [Past("api", JobType.STOP, took=seconds) for seconds in range(1, 21)])
        write(store, [Past("api", JobType.STOP, JobState.PENDING), Past("api", JobType.REBUILD, REVOKED)])
        rebuild, stop, start = statistics.BY_KIND.all(store)
        assert (start.project, start.type, start.count, start.failures, start.retried) == ("web", "start", 6, 1, 2)
        assert start.failure_rate == pytest.approx(0.2)
        assert (start.average, start.median, start.p90) == pytest.approx((25, 25, 40))
        assert (stop.count, stop.failure_rate) == (21, 0)
        assert (stop.median, stop.p90) == pytest.approx((10.5, 18))
        assert (rebuild.type, rebuild.count, rebuild.failure_rate, rebuild.median) == ("rebuild", 1, None, None)

    def test_a_clock_that_went_back_counts_as_nothing(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        write(store, [Past(took=-3600)])
        (only,) = statistics.BY_KIND.all(store)
        assert (only.average, only.median, only.p90) == (0, 0, 0)

    def test_overall(self, store: sqlite3.Connection) -> None:
        register(store, "web")
        hour = timedelta(hours=1)
        write(store, [Past(state=FAILED, age=3 * hour), Past(state=FAILED, age=hour / 2), Past(age=hour / 2)])
        write(store, [Past(state=JobState.RETRY), Past(state=JobState.PENDING)])
        found = statistics.OVERALL.first(store, stamp(datetime.now(UTC) - hour))
        assert found == statistics.Overall(active=2, failed_last_hour=1, kept=5)

    def test_of_no_jobs(self, store: sqlite3.Connection) -> None:
        assert statistics.BY_KIND.all(store) == []

    def test_nothing_is_sorted_but_the_few_rows_of_the_answer(self, store: sqlite3.Connection) -> None:
        lines = plan(store, statistics.BY_KIND.sql, ()).splitlines()
        assert any("good_jobs" in line for line in lines) and any("jobs_by_kind" in line for line in lines)
        ranked = lines[next(i for i, line in enumerate(lines) if "ranked" in line) :]
        walk = next(i for i, line in enumerate(ranked) if "good_jobs" in line)
        assert not any("TEMP B-TREE" in line for line in ranked[: walk + 1])
