"""What of the history goes, a slice at a time: each is one short transaction, so that nobody waits for it.

Of jobs, those that ended long ago or that too many came after; of events, those beyond the newest KEPT of all and the
newest KEPT_OF_JOB of one job. Events that are let go while their job stays are counted at it.
"""

from __future__ import annotations

import sqlite3
from datetime import timedelta

from hubtui.models import now
from hubtui.store import events, jobs
from hubtui.store.query import stamp

SLICE_OF_JOBS, SLICE_OF_EVENTS = 250, 2_000  # rows: either takes about 10 ms, with millions in the store too
KEPT_OF_JOB = 2_000  # events
WATCHED = 100  # the newest jobs, whose events are counted: an older one made its many while it was among them

# Never the newest job of a project (it says how the project stands), nor the last good one of those asked for in the
# same words (what a failure is compared with, and an estimate begins with).
_MAY_GO = """
    EXISTS (SELECT 1 FROM jobs AS later WHERE later.project = old.project AND later.id > old.id)
    AND (old.state <> 'SUCCESS' OR EXISTS (
      SELECT 1 FROM jobs AS later WHERE later.project = old.project AND later.type = old.type
         AND later.services = old.services AND later.profiles = old.profiles
         AND later.state = 'SUCCESS' AND later.id > old.id))
"""
_ENDED = "SELECT id, run, project, type, services, profiles, state FROM jobs WHERE finished_at IS NOT NULL"
_TOO_MANY = f"SELECT id, run FROM ({_ENDED} ORDER BY id LIMIT ?) AS old WHERE {_MAY_GO} LIMIT ?"  # noqa: S608
_TOO_OLD = f"SELECT id, run FROM ({_ENDED} AND finished_at < ? ORDER BY finished_at) AS old WHERE {_MAY_GO} LIMIT ?"  # noqa: S608
_EMPTY_RUN = """
    DELETE FROM runs AS old WHERE id = ? AND state = 'ended'
       AND NOT EXISTS (SELECT 1 FROM jobs WHERE run = old.id) AND NOT EXISTS (SELECT 1 FROM services WHERE run = old.id)
       AND EXISTS (SELECT 1 FROM runs AS later WHERE later.project = old.project AND later.id > old.id)
"""


def trim(con: sqlite3.Connection, keep_days: int, keep: int, limit: int = SLICE_OF_JOBS) -> int:
    """Forget finished jobs that ended more than `keep_days` days ago or are not among the newest `keep` finished ones,
    the oldest first, with their steps, attempts and requests, and with their run where it was the last job of an old
    one. Returns how many jobs and steps went, at most `limit`; 0: there is nothing left to forget."""
    ended = con.execute("SELECT count(*) AS n FROM jobs WHERE finished_at IS NOT NULL").fetchone()["n"]
    found = con.execute(_TOO_MANY, (max(ended - keep, 0), limit)).fetchall()
    if not found:
        found = con.execute(_TOO_OLD, (stamp(now() - timedelta(days=keep_days)), limit)).fetchall()
    left = limit
    for row in found:
        left -= con.execute(
            "DELETE FROM steps WHERE id IN (SELECT id FROM steps WHERE job = ? LIMIT ?)", (row["id"], left)
        ).rowcount
        if left <= 0:
            break  # it may have more of them: the next slice goes on here
        con.execute("UPDATE jobs SET parent = NULL WHERE parent = ?", (row["id"],))
        con.execute("DELETE FROM jobs WHERE id = ?", (row["id"],))
        con.execute(_EMPTY_RUN, (row["run"],))
        left -= 1
        if left <= 0:
            break
    return limit - left


def trim_events(
    con: sqlite3.Connection, limit: int = SLICE_OF_EVENTS, *, kept: int = events.KEPT, kept_of_job: int = KEPT_OF_JOB
) -> int:
    """Let go of events that are too many, at most `limit` of them, the oldest first; returns how many went."""
    newest = events.LAST_SEQ.first(con) or 0
    gone = _let_go(con, "seq <= ?", (newest - kept,), limit)
    for job in _watched(con):
        if gone >= limit:
            break
        first_too_many = con.execute(
            "SELECT seq FROM events WHERE job = ? ORDER BY seq DESC LIMIT 1 OFFSET ?", (job, kept_of_job)
        ).fetchone()
        if first_too_many is not None:
            gone += _let_go(con, "job = ? AND seq <= ?", (job, first_too_many["seq"]), limit - gone)
    return gone


def _watched(con: sqlite3.Connection) -> list[int]:
    """The jobs that may have made too many events since somebody looked: all that are open, and the newest."""
    found = con.execute(
        f"SELECT id FROM jobs WHERE {jobs.IS_OPEN}"  # noqa: S608
        " UNION SELECT id FROM (SELECT id FROM jobs ORDER BY id DESC LIMIT ?)",
        (WATCHED,),
    )
    return [int(row["id"]) for row in found.fetchall()]


def _let_go(con: sqlite3.Connection, which: str, parameters: tuple[int, ...], limit: int) -> int:
    """Delete the first of the events that `which` tells, whose last question mark is their highest number, and count
    them at their jobs."""
    page = f"SELECT max(seq) AS last FROM (SELECT seq FROM events WHERE {which} ORDER BY seq LIMIT ?)"  # noqa: S608
    last = con.execute(page, (*parameters, limit)).fetchone()["last"]
    if last is None:
        return 0
    told = *parameters[:-1], last
    con.execute(  # `+`: grouped by what was found, not by a walk over the index of all
        "UPDATE jobs SET events_dropped = events_dropped + counted.n FROM"  # noqa: S608
        f" (SELECT job, count(*) AS n FROM events WHERE {which} GROUP BY +job) AS counted WHERE jobs.id = counted.job",
        told,
    )
    return con.execute(f"DELETE FROM events WHERE {which}", told).rowcount  # noqa: S608
