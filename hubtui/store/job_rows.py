"""A row of the tables of jobs and attempts as a value."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from hubtui.models import Attempt, Job, JobError, JobState, JobType, Notice, Priority
from hubtui.store.query import names, time_of


def job_of(row: sqlite3.Row) -> Job:
    """A row of the table, whole."""
    created = time_of(row["created_at"])
    assert created is not None
    failed = row["error_kind"] is not None
    return Job(
        id=row["id"],
        project=row["project"],
        run=row["run"],
        type=JobType(row["type"]),
        state=JobState(row["state"]),
        message=row["message"],
        services=names(row["services"]),
        profiles=names(row["profiles"]),
        environment=row["environment"],
        empty_volumes=names(row["empty_volumes"]),
        arguments=names(row["arguments"]),
        priority=Priority(row["priority"]),
        slot=bool(row["slot"]),
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        parent=row["parent"],
        progress=row["progress"],
        step=row["step"],
        eta_at=time_of(row["eta_at"]),
        eta_late_at=time_of(row["eta_late_at"]),
        basis=row["basis"],
        queue_position=row["queue_position"],
        waits_for=names(row["waits_for"]),
        retry_at=time_of(row["retry_at"]),
        notices=notices_of(row["notices"]),
        changes=names(row["changes"]),
        events_dropped=row["events_dropped"],
        requested_by=row["requested_by"],
        host=row["host"],
        created_at=created,
        started_at=time_of(row["started_at"]),
        finished_at=time_of(row["finished_at"]),
        result=row["result"],
        error=JobError(row["error_kind"], row["error_message"], row["error_hint"]) if failed else None,
    )


def notices_of(text: str) -> tuple[Notice, ...]:
    """Stored notices."""
    return tuple(Notice(n["kind"], n["message"], datetime.fromisoformat(n["since"])) for n in json.loads(text))


def attempt_of(row: sqlite3.Row) -> Attempt:
    started = time_of(row["started_at"])
    assert started is not None
    finished = time_of(row["finished_at"])
    return Attempt(row["number"], row["generation"], started, finished, JobState(row["state"]), row["message"])
