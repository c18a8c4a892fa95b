"""The host's slots: how many jobs may build or start at once, and who is next.

A slot is nothing but a job at work that needs one, so a job that ended, however it did, has given its slot back. The
line is ordered by place: a job's number, moved up or down by what its priority is worth. That needs no clock, and
nobody starves: a job is overtaken by at most WORTH later ones of each class above its own.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from hubtui.models import Priority
from hubtui.store import events, jobs
from hubtui.store.query import Query

WORTH = 10  # places in the line between one class of priority and the next
_CLASS = {Priority.HIGH: -1, Priority.NORMAL: 0, Priority.LOW: 1}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job that needs a slot stands: whether it may begin, which one in the line it is, who holds slots."""

    free: bool
    position: int = 0
    holders: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        return f"waits for a slot: {', '.join(self.holders)}" if self.holders else "waits for its turn"


def order(job: int, priority: Priority) -> tuple[int, int]:
    """What the line is sorted by, the first first."""
    return job + WORTH * _CLASS[priority], job


HOLDERS = Query(
    f"SELECT project FROM jobs WHERE slot AND {jobs.IS_AT_WORK} ORDER BY id",  # noqa: S608
    lambda row: str(row["project"]),
)
# Of each project its oldest job, where that needs a slot and could begin now: none is under way, it does not wait for
# its next attempt. What stands behind one that needs no slot waits for that one first.
_OLDEST = "SELECT min(id) AS id, project, priority, state, retry_at, slot FROM jobs"
_WAITING = f"{_OLDEST} WHERE {jobs.IS_OPEN} AND state IN ('PENDING', 'RETRY')"
_BUSY = f"SELECT project FROM jobs WHERE {jobs.IS_AT_WORK}"  # noqa: S608
_LINE = Query(
    f"{_WAITING} AND project NOT IN ({_BUSY}) GROUP BY project HAVING slot AND (state = 'PENDING' OR retry_at IS NULL)",
    lambda row: (order(row["id"], Priority(row["priority"])), int(row["id"]), str(row["project"])),
)
WAITING_PROJECTS = Query(_LINE.sql, lambda row: str(row["project"]))


def holders(con: sqlite3.Connection) -> tuple[str, ...]:
    """The projects whose jobs hold a slot, in the order in which those were asked for."""
    return tuple(HOLDERS.all(con))


def place(con: sqlite3.Connection, job: int, slots: int, attends: Callable[[str], bool]) -> Place:
    """Where a job stands with so many slots, itself the oldest of its project that waits. Others count only where
    somebody `attends` to their project: what nobody would take lets the others pass."""
    held = holders(con)
    ahead = 0
    for _, other, project in sorted(_LINE.all(con)):
        if other == job:
            return Place(ahead < slots - len(held), 1 + ahead, held)
        ahead += attends(project)
    return Place(False, 1 + ahead, held)


def keep_place(con: sqlite3.Connection, job: int, found: Place) -> bool:
    """Tell where a job stands; nothing is written where that is known already. Returns whether it was news."""
    row = con.execute(
        "UPDATE jobs SET queue_position = ?1, waits_for = ?2, message = ?3"
        " WHERE id = ?4 AND state IN ('PENDING', 'RETRY')"
        " AND (queue_position IS NOT ?1 OR waits_for <> ?2 OR message <> ?3) RETURNING project, state",
        (found.position, json.dumps(list(dict.fromkeys(found.holders))), found.sentence, job),
    ).fetchone()
    if row is not None:
        events.emit(con, "job.waits", row["project"], job=job, position=found.position, waits_for=list(found.holders))
    return row is not None
