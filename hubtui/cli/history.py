"""`jobs` and `job`: what was asked for and what became of it."""

from __future__ import annotations

import contextlib
import re
from datetime import datetime, timedelta

import click

from hubtui.cli import options, output
from hubtui.commands import by_id
from hubtui.errors import UsageError
from hubtui.models import Attempt, Job, JobState, JobType, Step, now
from hubtui.safetext import safe_text
from hubtui.shapes import as_json
from hubtui.steptree import as_tree

_STATES = click.Choice([s.value for s in JobState], case_sensitive=False)
_TYPES = click.Choice([t.value for t in JobType], case_sensitive=False)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@click.command("jobs", help=by_id("history").help.replace("The project's jobs", "Jobs"))
@options.maybe_project
@click.option("--state", type=_STATES, help="Only jobs in this state.")
@click.option("--type", "kind", type=_TYPES, help="Only jobs of this type.")
@click.option("--since", metavar="X", help="Only jobs asked for since then: 10m, 2h, 3d or 2026-11-22T13:00.")
@click.option("-n", "count", type=click.IntRange(min=1), default=20, show_default=True, help="So many at most.")
@options.as_json
def jobs_verb(
    name: str | None, state: str | None, kind: str | None, since: str | None, count: int, as_json: bool
) -> int:
    from hubtui.cli.target import named
    from hubtui.store import jobs

    begin = moment(since) if since else None
    filtered = state or kind or begin
    limit = -1 if filtered else count  # SQLite: no limit; the history itself is bounded
    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        if name:
            found = jobs.NEWEST_OF_PROJECT.all(con, named(con, name, "restart ").name, limit)
        else:
            found = jobs.NEWEST.all(con, limit)
    wanted = [
        job
        for job in found
        if state in (None, job.state) and kind in (None, job.type) and (begin is None or job.created_at >= begin)
    ][:count]
    if as_json:
        output.print_json(wanted)
    elif wanted:
        output.table([_row(j) for j in wanted], header=("JOB", "PROJECT", "TYPE", "STATE", "ASKED", "TOOK", ""))
    else:
        output.line("No such jobs." if filtered or name else "No jobs yet.  hubtui start PROJECT")
    return 0


def _row(job: Job) -> tuple[str, ...]:
    where = f"{job.project}/{','.join(job.services)}" if job.services else job.project
    took = output.span(job.started_at, job.finished_at) if job.started_at else "-"
    message = job.message if job.finished else f"{job.progress} %  {job.message}"
    return (f"#{job.id}", where, job.type, output.job_cell(job), output.clock(job.created_at), took, message)


def moment(text: str) -> datetime:
    """A time given as an age (10m, 2h, 3d) or as ISO 8601, local unless it names a zone. Raises UsageError."""
    if match := re.fullmatch(r"(\d{1,6})\s*([smhd])", text.strip()):
        return now() - timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} is no time.", "Say 10m, 2h, 3d or 2026-11-22T13:00.") from None


@click.command("job", help="One job, whole: its steps, its tries, and why it failed.")
@click.argument("number", metavar="ID", callback=options.job_number)
@options.as_json
def job_verb(number: int, as_json: bool) -> int:
    from hubtui.store import jobs, steps

    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        job = jobs.ONE.first(con, number)
        if job is None:
            raise UsageError(f"There is no job #{number}.", "hubtui jobs")
        its_steps, attempts = steps.OF_JOB.all(con, number), jobs.ATTEMPTS.all(con, number)
    if as_json:
        output.print_json(whole(job, its_steps, attempts))
    else:
        _print(job, its_steps, attempts)
    return 0


def whole(job: Job, its_steps: list[Step], attempts: list[Attempt]) -> dict[str, object]:
    """The shape of `job --json`: the Job with `steps` and `attempts`."""
    return {**as_json(job), "steps": as_json(its_steps), "attempts": as_json(attempts)}


def _print(job: Job, its_steps: list[Step], attempts: list[Attempt]) -> None:
    cell = output.job_cell(job)
    output.line(f"{safe_text(output.job_name(job))}  {output.paint(cell, cell.colour)}  {safe_text(job.message)}")
    took = output.span(job.started_at, job.finished_at) if job.started_at else "not begun"
    asked = f"asked {output.clock(job.created_at)} by {safe_text(job.requested_by)}"
    output.line(f"  {asked}  took {took}" + ("" if job.finished else f"  {job.progress} %"))
    if job.error is not None:
        output.line(f"  {output.paint('✗', 'red')} {safe_text(job.error.message)}  ({safe_text(job.error.kind)})")
        for part in job.error.hint.splitlines():
            output.line(f"    {safe_text(part)}")
    rows = []
    for depth, step in as_tree(its_steps):
        took = output.span(step.started_at, step.finished_at)
        rows.append((" ", output.step_cell(step.state), "  " * depth + step.name, took, step.message))
    output.table(rows)
    for attempt in attempts if len(attempts) > 1 else []:
        took = output.span(attempt.started_at, attempt.finished_at)
        output.line(f"  try {attempt.number}: {attempt.state}  {took}  {safe_text(attempt.message)}")
