"""Following the feed, and with it a job to its end: the doorbell wakes, a look once a second stands behind it."""

from __future__ import annotations

import contextlib
import select
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime

from hubtui.cli import output
from hubtui.models import Event, Job, JobState, StepState
from hubtui.safetext import safe_text
from hubtui.store import events, jobs
from hubtui.workers.doorbell import Bell
from hubtui.workers.hub import Hub

POLL = 1.0


def follow(hub: Hub, con: sqlite3.Connection, seq: int, project: str | None = None) -> Iterator[list[Event]]:
    """What is in the feed after `seq`, then what comes; an empty list at least once a second."""
    bell = _bell(hub)
    try:
        while True:
            if bell:
                bell.drain()  # before the look: a ring that comes during it wakes the next one
            found = after(con, seq, project)
            seq = found[-1].seq if found else seq
            yield found
            if not found:
                select.select([bell] if bell else [], [], [], POLL)
    finally:
        if bell:
            bell.close()


def after(con: sqlite3.Connection, seq: int, project: str | None = None) -> list[Event]:
    """A page of the feed."""
    return events.AFTER.all(con, seq) if project is None else events.AFTER_OF_PROJECT.all(con, seq, project)


def _bell(hub: Hub) -> Bell | None:
    with contextlib.suppress(OSError):  # a full disk: then only the poll looks
        return Bell.of_hub(hub.home)
    return None


def wait(hub: Hub, con: sqlite3.Connection, asked: Iterable[Job], seq: int, *, quiet: bool = False) -> list[Job]:
    """Follow jobs from `seq` to their ends, showing their steps; the finished jobs."""
    from hubtui.workers.reconcile import reconcile

    ids = [job.id for job in asked]
    progress = Progress(named=len(ids) > 1)
    current = [jobs.get(con, i) for i in ids]
    for batch in follow(hub, con, seq):
        for event in batch:
            if event.job in ids and not quiet and (text := progress.line(event)):
                output.line(text)
        if not batch:
            reconcile(hub)  # a runner and its guard may have died together: then nobody else would say so
        current = [jobs.get(con, i) for i in ids]
        if not batch and all(job.finished for job in current):
            break
    return current


class Progress:
    """Turns the events of jobs into lines, each said once."""

    def __init__(self, *, named: bool) -> None:
        self._named = named
        self._begun: dict[tuple[int | None, str], datetime] = {}
        self._said: set[tuple[int | None, str, str]] = set()

    def line(self, event: Event) -> str:
        """The line for one event, "" where it says nothing new."""
        text = ""
        if event.kind == "step.changed":
            text = self._step(event)
        elif event.kind == "job.changed":
            message = str(event.data.get("message", ""))
            if message and self._new(event.job, "message", message):
                text = f"{event.data.get('progress', 0):3} %  {safe_text(message)}"
        name = f"{safe_text(event.project)}: " if self._named else ""
        return f"  {name}{text}" if text else ""

    def _step(self, event: Event) -> str:
        key, state = str(event.data["key"]), StepState(event.data["state"])
        if state is StepState.RUNNING:
            self._begun.setdefault((event.job, key), event.time)
        if state in (StepState.WAITING, StepState.RUNNING) or not self._new(event.job, key, state):
            return ""
        glyph = output.step_cell(state)
        parts = [safe_text(str(event.data["name"])), safe_text(str(event.data.get("message", "")))]
        if (begun := self._begun.get((event.job, key))) is not None:
            parts.append(output.span(begun, event.time))
        return f"    {output.paint(glyph, glyph.colour)}  {'  '.join(p for p in parts if p)}"

    def _new(self, job: int | None, what: str, text: str) -> bool:
        known = (job, what, text) in self._said
        self._said.add((job, what, text))
        return not known


def report(finished: Iterable[Job], *, quiet: bool = False) -> int:
    """Say how jobs ended, failures on stderr with what to do next; the exit code. `quiet`: nothing on stdout."""
    code = 0
    for job in finished:
        if job.state is JobState.SUCCESS:
            if quiet:
                continue
            cell = output.job_cell(job)
            took = output.span(job.started_at or job.created_at, job.finished_at)
            name = f"{output.paint('✓', cell.colour)} {safe_text(output.job_name(job))}"
            output.line(f"{name}: {safe_text(job.message) or 'done'}  ({took})")
            continue
        code = 1
        complain(job)
    return code


def complain(job: Job) -> None:
    """Say on stderr why a job did not succeed."""
    why, hint = (job.error.message, job.error.hint) if job.error else (job.message, "")
    word = "failed" if job.state is JobState.FAILURE else "was revoked"
    output.warn(f"{output.job_name(job)} {word}: {why}", hint or f"hubtui job {job.id}")
