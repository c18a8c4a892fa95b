"""The feed: one row for every change, written in the transaction of the change."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from hubtui.models import Event, now
from hubtui.store.query import Query, stamp, time_of

KEPT = 100_000  # events of all projects; older ones go, see `retention`


def _event(row: sqlite3.Row) -> Event:
    time = time_of(row["time"])
    assert time is not None
    return Event(row["seq"], time, row["project"], row["run"], row["job"], row["kind"], json.loads(row["data"]))


AFTER = Query("SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT 1000", _event)
AFTER_OF_PROJECT = Query("SELECT * FROM events WHERE seq > ? AND project = ? ORDER BY seq LIMIT 1000", _event)
LAST_SEQ = Query("SELECT coalesce(max(seq), 0) AS seq FROM events", lambda row: int(row["seq"]))


def emit(
    con: sqlite3.Connection,
    kind: str,
    project: str,
    *,
    run: int | None = None,
    job: int | None = None,
    **data: Any,
) -> int:
    """Append one event and return its sequence number."""
    cursor = con.execute(
        "INSERT INTO events (time, project, run, job, kind, data) VALUES (?, ?, ?, ?, ?, ?)",
        (stamp(now()), project, run, job, kind, json.dumps(data)),
    )
    return cursor.lastrowid or 0
