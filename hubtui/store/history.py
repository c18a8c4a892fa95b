"""The history, a page at a time: which jobs are wanted, the page after another one, and how many there are.

Pages follow the numbers of the jobs (`id < the last one's`), so that a page far down costs what the first one costs,
and jobs that come meanwhile move nothing.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from hubtui import when
from hubtui.models import Job, JobState, JobType, now
from hubtui.store.job_rows import job_of
from hubtui.store.query import Query, stamp

PAGE = 200
ACTIVE = (JobState.PENDING, JobState.BUILDING, JobState.RUNNING, JobState.RETRY)
KINDS = {  # the words of people for a group of states, in the order in which the screen goes through them
    "active": ACTIVE,
    "failed": (JobState.FAILURE,),
    "done": (JobState.SUCCESS,),
    "cancelled": (JobState.REVOKED,),
}
_HOLDS = [f"{name} LIKE ? ESCAPE '!'" for name in ("project", "services", "message", "error_message", "requested_by")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs: those that fit every field that says something. `texts` each stand in one of the job's sentences or
    names, in any case of letters."""

    project: str = ""
    states: tuple[JobState, ...] = ()
    types: tuple[JobType, ...] = ()
    since: datetime | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A query with its parameters."""

    query: Query[Job]
    parameters: tuple[Any, ...]

    def read(self, con: sqlite3.Connection) -> list[Job]:
        return self.query.all(con, *self.parameters)


@dataclass(slots=True)
class _Where:
    """The conditions of a query, and what stands for their question marks."""

    terms: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)

    def add(self, term: str, *parameters: Any) -> None:
        self.terms.append(term)
        self.parameters += parameters

    @property
    def sql(self) -> str:
        return f" WHERE {' AND '.join(self.terms)}" if self.terms else ""


def _where(wanted: Wanted) -> _Where:
    found = _Where()
    if wanted.project:
        found.add("project = ?", wanted.project)
    if wanted.states:  # as literals: only so is an index over some states of use
        found.add(f"state IN ({', '.join(repr(s.value) for s in wanted.states)})")
    if wanted.types:
        found.add(f"type IN ({', '.join('?' * len(wanted.types))})", *wanted.types)
    if wanted.since is not None:
        begin = stamp(wanted.since)
        # jobs are numbered in the order of their times, unless the clock went back: so little is looked at in vain
        found.add("id >= (SELECT min(+id) FROM jobs WHERE created_at >= ?) AND created_at >= ?", begin, begin)
    for text in wanted.texts:
        told = re.sub(r"([%_!])", r"!\1", text)
        found.add(f"({' OR '.join(_HOLDS)})", *[f"%{told}%"] * len(_HOLDS))
    return found


def older(wanted: Wanted, before: int | None = None, limit: int = PAGE) -> Page:
    """The newest jobs, newest first, of those asked for before job `before` where one is named."""
    return _page(wanted, "id < ?", before, "DESC", limit)


def newer(wanted: Wanted, after: int | None = None, limit: int = PAGE) -> Page:
    """The oldest jobs, oldest first, of those asked for after job `after` where one is named."""
    return _page(wanted, "id > ?", after, "ASC", limit)


def between(wanted: Wanted, oldest: int, newest: int | None, limit: int) -> Page:
    """The jobs from `newest` (None: whatever has come) down to `oldest`, newest first."""
    where = _where(wanted)
    where.add("id >= ?", oldest)
    if newest is not None:
        where.add("id <= ?", newest)
    return _select(where, "DESC", limit)


def _page(wanted: Wanted, term: str, job: int | None, direction: str, limit: int) -> Page:
    where = _where(wanted)
    if job is not None:
        where.add(term, job)
    return _select(where, direction, limit)


def _select(where: _Where, direction: str, limit: int) -> Page:
    sql = f"SELECT * FROM jobs{where.sql} ORDER BY id {direction} LIMIT ?"  # noqa: S608
    return Page(Query(sql, job_of), (*where.parameters, limit))


def count(wanted: Wanted) -> tuple[Query[int], tuple[Any, ...]]:
    """The query for how many jobs there are of those wanted, and its parameters."""
    where = _where(wanted)
    sql = f"SELECT count(*) AS n FROM jobs{where.sql}"  # noqa: S608
    return Query(sql, lambda row: int(row["n"])), tuple(where.parameters)


def moment(text: str) -> datetime:
    """A time as people type it (`hubtui.when`): an age, a time of the day, a date. Raises UsageError."""
    return datetime.fromtimestamp(when.moment(text, now().timestamp()), UTC)


def typed(words: str, projects: Sequence[str], scope: Wanted) -> Wanted:
    """What a person who typed this wants, within `scope`: each word a project, a state (FAILURE, or failed), a type,
    `since:2h`, or a text. Raises UsageError for a `since:` that is no time."""
    found = scope
    known = {name.lower(): name for name in projects}
    types = {t.value: t for t in JobType}
    states: dict[str, tuple[JobState, ...]] = {s.value.lower(): (s,) for s in JobState} | KINDS
    for word in words.split():
        low = word.lower()
        if low.startswith("since:"):
            found = replace(found, since=moment(word.partition(":")[2]))
        elif low in known:
            found = replace(found, project=known[low])
        elif low in states:
            found = replace(found, states=tuple(dict.fromkeys((*found.states, *states[low]))))
        elif low in types:
            found = replace(found, types=tuple(dict.fromkeys((*found.types, types[low]))))
        else:
            found = replace(found, texts=(*found.texts, word))
    return found
