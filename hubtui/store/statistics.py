"""What the history comes to: how often each operation of each project was asked for, failed, and how long it took."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from hubtui.models import JobType
from hubtui.store import jobs
from hubtui.store.query import Query


@dataclass(frozen=True, slots=True)
class Figures:
    """One operation of one project. `failure_rate`: failures among those that ended by themselves, 0..1 (what was
    cancelled says nothing). `average`, `median`, `p90`: seconds that its successes took, `p90` the least that nine of
    ten did not exceed (nearest rank). `retried`: tried more than once, or asked for once more after another had ended.
    None where there is nothing to tell it from."""

    project: str
    type: JobType
    count: int
    failures: int
    failure_rate: float | None
    average: float | None
    median: float | None
    p90: float | None
    retried: int


@dataclass(frozen=True, slots=True)
class Overall:
    """Of all projects: jobs that have not ended, jobs that failed within the last hour, all jobs that are kept."""

    active: int
    failed_last_hour: int
    kept: int


def _figures(row: sqlite3.Row) -> Figures:
    ended = row["failures"] + row["successes"]
    return Figures(
        project=row["project"],
        type=JobType(row["type"]),
        count=row["count"],
        failures=row["failures"],
        failure_rate=row["failures"] / ended if ended else None,
        average=row["average"],
        median=row["median"],
        p90=row["p90"],
        retried=row["retried"],
    )


# Both halves walk an index in the order of its groups, so nothing is sorted; SQLite alone would take another.
_GOOD = "FROM jobs INDEXED BY good_jobs WHERE state = 'SUCCESS' AND took IS NOT NULL"
BY_KIND = Query(
    f"""
    WITH kinds AS (
      SELECT project, type, count(*) AS count, sum(state = 'FAILURE') AS failures, sum(state = 'SUCCESS') AS successes,
             sum(attempt > 1 OR parent IS NOT NULL) AS retried
        FROM jobs INDEXED BY jobs_by_kind GROUP BY project, type),
    good AS (SELECT project, type, count(*) AS n, avg(took) AS average {_GOOD} GROUP BY project, type),
    ranked AS (
      SELECT project, type, took, row_number() OVER (PARTITION BY project, type ORDER BY took) AS rank {_GOOD}),
    marks AS (
      SELECT good.*, avg(CASE WHEN rank IN ((n + 1) / 2, (n + 2) / 2) THEN took END) AS median,
             max(CASE WHEN rank = (9 * n + 9) / 10 THEN took END) AS p90
        FROM ranked JOIN good ON good.project = ranked.project AND good.type = ranked.type
       WHERE rank IN ((n + 1) / 2, (n + 2) / 2, (9 * n + 9) / 10) GROUP BY good.project, good.type)
    SELECT kinds.*, average, median, p90
      FROM kinds LEFT JOIN marks ON marks.project = kinds.project AND marks.type = kinds.type
     ORDER BY kinds.project, kinds.type
    """,  # noqa: S608
    _figures,
)
# `?` is the time one hour ago, as it is stored.
OVERALL = Query(
    f"SELECT (SELECT count(*) FROM jobs WHERE {jobs.IS_OPEN}) AS active,"  # noqa: S608
    " (SELECT count(*) FROM jobs WHERE finished_at >= ? AND +state = 'FAILURE') AS failed,"
    " (SELECT count(*) FROM jobs) AS kept",
    lambda row: Overall(row["active"], row["failed"], row["kept"]),
)
