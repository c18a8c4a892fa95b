"""How long earlier jobs and their steps took: what estimates are learned from, and what the project page tells.

Times are those of the last attempt alone. They come from the wall clock: where it was set back meanwhile, what has a
negative duration is thrown away. A start of the whole stack counts only if it opened the run: one that found everything
up says nothing about the time that a start takes.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from hubtui.models import FirstAndLater, Job, PastStep, Timeline
from hubtui.store.query import Query

_AHEAD = 1.0  # seconds that a step's own clock may be ahead of its job's
_WINDOW = 1000  # jobs looked through: as many as are kept by default, and a bound where all are kept
# The jobs of one kind that went well, newest first. Parameters by name; `window` bounds the look back.
_GOOD = """
    SELECT j.id, j.attempt, a.started_at AS began, a.finished_at AS ended
    FROM (SELECT * FROM jobs WHERE project = :project AND id < :below ORDER BY id DESC LIMIT :window) j
    JOIN attempts a ON a.job = j.id AND a.number = j.attempt
    LEFT JOIN runs r ON r.id = j.run
    WHERE j.type = :type AND j.services = :services AND j.profiles = :profiles
      AND j.environment IS :environment AND j.state = 'SUCCESS'
      AND a.finished_at IS NOT NULL
      AND (j.type <> 'start' OR j.services <> '[]' OR r.id IS NULL OR r.started_at >= j.started_at)
    ORDER BY j.id DESC LIMIT :count"""
_TIMELINES = f"""
    WITH good AS ({_GOOD})
    SELECT g.id, g.began, g.ended, s.key, s.name, s.parent, s.cached, s.started_at, s.finished_at
    FROM good g LEFT JOIN steps s ON s.job = g.id AND s.attempt = g.attempt
      AND s.state IN ('done', 'cached') AND s.started_at IS NOT NULL AND s.finished_at IS NOT NULL
    ORDER BY g.id DESC, s.id"""  # noqa: S608 - our own text


def earlier(con: sqlite3.Connection, job: Job, count: int = 20) -> tuple[Timeline, ...]:
    """The newest `count` jobs like this one that went well before it: of its project and type, with exactly its
    services and profiles, in its environment. The newest comes first."""
    parameters = {
        "project": job.project,
        "below": job.id,
        "window": _WINDOW,
        "type": job.type,
        "services": json.dumps(list(job.services)),
        "profiles": json.dumps(list(job.profiles)),
        "environment": job.environment,
        "count": count,
    }
    rows = con.execute(_TIMELINES, parameters).fetchall()
    found = (_timeline(list(of_one)) for _, of_one in groupby(rows, key=lambda row: row["id"]))
    return tuple(timeline for timeline in found if timeline is not None)


def _timeline(rows: Sequence[sqlite3.Row]) -> Timeline | None:
    zero = datetime.fromisoformat(rows[0]["began"])
    seconds = _seconds(zero, rows[0]["ended"])
    if seconds < 0:
        return None
    return Timeline(rows[0]["id"], seconds, tuple(_steps(rows, zero)))


def _steps(rows: Iterable[sqlite3.Row], zero: datetime) -> Iterable[PastStep]:
    for row in rows:
        if row["key"] is None:  # a job without steps
            continue
        began, ended = _seconds(zero, row["started_at"]), _seconds(zero, row["finished_at"])
        if began >= -_AHEAD and ended >= began:
            cached = bool(row["cached"])
            yield PastStep(row["key"], row["name"], row["parent"], cached, max(0.0, began), max(0.0, ended))


def _seconds(zero: datetime, stored: str) -> float:
    return (datetime.fromisoformat(stored) - zero).total_seconds()


_WHOLE = """
    SELECT j.id, a.started_at AS began, a.finished_at AS ended
    FROM {jobs} j JOIN attempts a ON a.job = j.id AND a.number = j.attempt LEFT JOIN runs r ON r.id = j.run
    WHERE j.project = ?1 AND j.type = 'start' AND j.services = '[]' AND j.state = 'SUCCESS'
      AND a.finished_at >= a.started_at AND (r.id IS NULL OR r.started_at >= j.started_at)
    ORDER BY j.id {order} LIMIT {count}"""
_NEWEST = f"(SELECT * FROM jobs WHERE project = ?1 ORDER BY id DESC LIMIT {_WINDOW})"  # noqa: S608
_FIRST, _LATER = (
    _WHOLE.format(jobs="jobs", order="ASC", count=1),
    _WHOLE.format(jobs=_NEWEST, order="DESC", count=100),
)
WHOLE_STARTS = Query(
    f"SELECT * FROM ({_FIRST}) UNION SELECT * FROM ({_LATER}) ORDER BY id",  # noqa: S608 - our own text
    lambda row: _seconds(datetime.fromisoformat(row["began"]), row["ended"]),
)
"""Seconds of a project's first start of its whole stack, as far as it is still known, and of its newest 100; in order.
Parameter: the project."""


def split_first(seconds: Sequence[float]) -> FirstAndLater:
    """What the first and the later starts of the whole stack took, from what `WHOLE_STARTS` found."""
    first, *later = seconds or (None,)
    return FirstAndLater(first, statistics.median(s for s in later if s is not None) if later else None, len(later))


BUILDS = Query(
    "SELECT substr(s.key, 7) AS service, s.started_at AS began, s.finished_at AS ended"  # noqa: S608 - our own text
    f" FROM {_NEWEST} j JOIN steps s ON s.job = j.id"
    " WHERE s.key GLOB 'build:*' AND s.state = 'done' AND NOT s.cached"
    " AND s.started_at IS NOT NULL AND s.finished_at >= s.started_at ORDER BY s.id DESC",
    lambda row: (row["service"], _seconds(datetime.fromisoformat(row["began"]), row["ended"])),
)
"""(service, seconds) of the project's builds that were really made, newest first. Parameter: the project."""


def build_costs(builds: Iterable[tuple[str, float]]) -> dict[str, float]:
    """What a build of each service usually takes, in seconds: the median of what `BUILDS` found."""
    found: dict[str, list[float]] = {}
    for service, seconds in builds:
        found.setdefault(service, []).append(seconds)
    return {service: statistics.median(seconds) for service, seconds in found.items()}
