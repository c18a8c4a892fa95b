"""`jobs` and `job`: what was asked for and what became of it."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import timedelta

import click

from hubtui.cli import options, output
from hubtui.errors import UsageError
from hubtui.models import Attempt, Job, JobState, JobType, Step, now
from hubtui.shapes import as_json as as_json_shape
from hubtui.store import history, statistics
from hubtui.store.history import Wanted
from hubtui.store.query import stamp
from hubtui.store.statistics import Figures

_STATES = click.Choice([s.value for s in JobState], case_sensitive=False)
_TYPES = click.Choice([t.value for t in JobType], case_sensitive=False)
_COUNT = click.IntRange(1, options.MANY)


@click.command("jobs", help="Jobs, newest first: all, or those of a project. With --stats, what they come to.")
@options.maybe_project
@click.option("--state", "states", type=_STATES, multiple=True, help="Only jobs in this state; may be repeated.")
@click.option("--type", "kinds", type=_TYPES, multiple=True, help="Only jobs of this type; may be repeated.")
@click.option("--since", metavar="X", help="Only jobs asked for since then: 10m, 2h, 12:04 or 2026-11-22T13:00.")
@click.option("-n", "count", type=_COUNT, default=20, show_default=True, help="So many at most.")
@click.option("--stats", is_flag=True, help="Counts, failures and times by project and operation, of all that is kept.")
@options.as_json
def jobs_verb(
    name: str | None,
    states: tuple[str, ...],
    kinds: tuple[str, ...],
    since: str | None,
    count: int,
    stats: bool,
    as_json: bool,
) -> int:
    from hubtui.cli.target import named

    begin = history.moment(since) if since else None
    wanted = Wanted(states=tuple(map(JobState, states)), types=tuple(map(JobType, kinds)), since=begin)
    if stats and wanted != Wanted():
        raise UsageError("--stats counts all jobs that are kept.", "hubtui jobs [PROJECT] --stats")
    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        project = named(con, name, "restart ").name if name else ""
        if stats:
            return _stats(con, project, as_json=as_json)
        wanted = Wanted(project, wanted.states, wanted.types, begin)
        found = history.older(wanted, limit=count).read(con)
    if as_json:
        output.print_json(found)
    elif found:
        output.table([_row(j) for j in found], header=("JOB", "PROJECT", "TYPE", "STATE", "ASKED", "TOOK", ""))
    else:
        output.line("No such jobs." if wanted != Wanted() else "No jobs yet.  hubtui start PROJECT")
    return 0


def _row(job: Job) -> tuple[str, ...]:
    where = f"{job.project}/{','.join(job.services)}" if job.services else job.project
    took = output.span(job.started_at, job.finished_at) if job.started_at else "-"
    message = job.message if job.finished or job.started_at is None else f"{job.progress} %  {job.message}"
    return (f"#{job.id}", where, job.type, output.job_cell(job), output.clock(job.created_at), took, message)


def _stats(con: sqlite3.Connection, project: str, *, as_json: bool) -> int:
    overall = statistics.OVERALL.first(con, stamp(now() - timedelta(hours=1)))
    assert overall is not None
    found = [f for f in statistics.BY_KIND.all(con) if project in ("", f.project)]
    if as_json:
        output.print_json({**as_json_shape(overall), "operations": found})
        return 0
    told = f"{overall.active} active now, {overall.failed_last_hour} failed in the last hour, {overall.kept} jobs kept"
    output.line(told + (" (of all projects)" if project else ""))
    header = ("PROJECT", "OPERATION", "JOBS", "FAILED", "RATE", "AGAIN", "AVERAGE", "MEDIAN", "P90")
    output.table([_stats_row(f) for f in found], header=header if found else ())
    return 0


def _stats_row(figures: Figures) -> tuple[str, ...]:
    rate = figures.failure_rate
    times = [output.duration(s) for s in (figures.average, figures.median, figures.p90)]
    counts = [str(n) for n in (figures.count, figures.failures)]
    return (figures.project, figures.type, *counts, output.percent(rate), str(figures.retried), *times)


@click.command("job", help="One job, whole: its steps, its tries, and why it failed.")
@click.argument("number", metavar="ID", callback=options.job_number)
@click.option("--waterfall", is_flag=True, help="Its steps as bars on an axis of time, the critical chain marked.")
@options.as_json
def job_verb(number: int, waterfall: bool, as_json: bool) -> int:
    from hubtui.store import jobs, steps

    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        job = jobs.ONE.first(con, number)
        if job is None:
            raise UsageError(f"There is no job #{number}.", "hubtui jobs")
        if waterfall and not as_json:
            from hubtui.cli.waterfall import show

            show(con, job)
            return 0
        its_steps, attempts = steps.OF_JOB.all(con, number), jobs.ATTEMPTS.all(con, number)
    if as_json:
        output.print_json(whole(job, its_steps, attempts))
    else:
        from hubtui.cli import job_page

        job_page.show(job, its_steps, attempts)
    return 0


def whole(job: Job, its_steps: list[Step], attempts: list[Attempt]) -> dict[str, object]:
    """The shape of `job --json`: the Job with `steps` and `attempts`."""
    return {**as_json_shape(job), "steps": as_json_shape(its_steps), "attempts": as_json_shape(attempts)}
