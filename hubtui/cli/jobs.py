"""`start`, `stop`, `restart`, `rebuild`, `cancel`, `retry`: each writes a job and says its number at once."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence

import click

from hubtui.cli import options, output
from hubtui.commands import by_id
from hubtui.errors import HubtuiError
from hubtui.models import Job, JobType, Priority
from hubtui.safetext import safe_text
from hubtui.workers import operations
from hubtui.workers.hub import Hub

_wait = click.option("--wait", is_flag=True, help="Stay until the job has ended; exit 1 if it failed.")
_profiles = click.option("--profile", "profiles", multiple=True, metavar="P", help="Also start services of profile P.")
_empty = click.option(
    "--empty-volume",
    "empty_volumes",
    multiple=True,
    metavar="V",
    help="Go on with an empty volume V where its data is lost.",
)
_priority = click.option(
    "--priority",
    type=click.Choice([p.value for p in Priority], case_sensitive=False),
    default=Priority.NORMAL.value,
    show_default=True,
    help="Who goes first where jobs wait for a slot.",
)


@click.command("start", help=by_id("start").help)
@options.many_targets
@_profiles
@_empty
@_priority
@_wait
@options.as_json
def start_verb(
    words: tuple[str, ...],
    profiles: tuple[str, ...],
    empty_volumes: tuple[str, ...],
    priority: str,
    wait: bool,
    as_json: bool,
) -> int:
    from hubtui.workers.logind import will_logout_kill

    if (finding := will_logout_kill()) is not None:
        output.warn(finding.message, finding.hint)
    more = Priority(priority)
    return _ask(JobType.START, words, profiles, empty_volumes, priority=more, wait=wait, as_json=as_json)


@click.command("stop", help=by_id("stop").help)
@options.many_targets
@_wait
@options.as_json
def stop_verb(words: tuple[str, ...], wait: bool, as_json: bool) -> int:
    return _ask(JobType.STOP, words, wait=wait, as_json=as_json)


@click.command("restart", help="Stop the stack, or one service of it, and start it again.")
@options.many_targets
@_profiles
@_priority
@_wait
@options.as_json
def restart_verb(words: tuple[str, ...], profiles: tuple[str, ...], priority: str, wait: bool, as_json: bool) -> int:
    return _ask(JobType.RESTART, words, profiles, priority=Priority(priority), wait=wait, as_json=as_json)


@click.command("rebuild", help="Build the images of the stack, or of one service, anew and start it with them.")
@options.many_targets
@_profiles
@_empty
@_priority
@_wait
@options.as_json
def rebuild_verb(
    words: tuple[str, ...],
    profiles: tuple[str, ...],
    empty_volumes: tuple[str, ...],
    priority: str,
    wait: bool,
    as_json: bool,
) -> int:
    more = Priority(priority)
    return _ask(JobType.REBUILD, words, profiles, empty_volumes, priority=more, wait=wait, as_json=as_json)


@click.command("cancel", help="End a job: at once while it waits, else its runner ends it.")
@click.argument("job", callback=options.job_number)
@options.as_json
def cancel_verb(job: int, as_json: bool) -> int:
    with options.opened() as hub:
        found = operations.cancel(hub, job)
    if as_json:
        output.print_json(found)
    elif found.finished:
        output.line(f"{safe_text(output.job_name(found))} has ended: {found.state}, {safe_text(found.message)}")
    else:
        output.line(f"{safe_text(output.job_name(found))} is told to end: hubtui job {found.id}")
    return 0


@click.command("retry", help="Do again what a finished job was to do, as a new job; what is up stays up.")
@click.argument("job", callback=options.job_number)
@options.as_json
def retry_verb(job: int, as_json: bool) -> int:
    with options.opened() as hub:
        asked = operations.retry(hub, job)
    if as_json:
        output.print_json(asked.job)
    else:
        output.line(_said(asked) + (f"  (tries #{job} again)" if asked.created and not asked.job.finished else ""))
    return 0


def _ask(
    verb: JobType,
    words: Sequence[str],
    profiles: Sequence[str] = (),
    empty_volumes: Sequence[str] = (),
    *,
    priority: Priority = Priority.NORMAL,
    wait: bool = False,
    as_json: bool = False,
) -> int:
    """Write a job for each target, once all of them were found; with `wait`, follow the jobs to their ends."""
    from hubtui.cli.target import targets
    from hubtui.store import events

    asked: list[Job] = []
    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        wanted = targets(con, words, verb)
        seq = events.LAST_SEQ.first(con) or 0
        try:
            for target in wanted:
                what = hub, verb, target.project.name, target.services, profiles
                found = operations.ask(*what, empty_volumes=empty_volumes, priority=priority)
                asked.append(found.job)
                if not as_json:
                    output.line(_said(found))
        except HubtuiError:
            if as_json and asked:  # what is committed is said, whatever came after it
                output.print_json(asked)
            raise
        if wait:
            asked = _wait_for(hub, con, asked, seq, quiet=as_json)
    if as_json:
        output.print_json(asked)
    if not wait:
        return 0
    from hubtui.cli import feed

    return feed.report(asked, quiet=as_json)


def _said(asked: operations.Asked) -> str:
    """`start #12 harbor`, and what is worth knowing about it beyond that."""
    name = safe_text(output.job_name(asked.job))
    if not asked.created:
        return f"{name}  (was asked for already)"
    return f"{name}  ({safe_text(asked.job.message)})" if asked.job.finished else name


def _wait_for(hub: Hub, con: sqlite3.Connection, asked: list[Job], seq: int, *, quiet: bool) -> list[Job]:
    from hubtui.cli import feed

    try:
        return feed.wait(hub, con, asked, seq, quiet=quiet)
    except KeyboardInterrupt:
        names = ", ".join(output.job_name(job) for job in asked)
        raise options.left(f"{names} goes on.", "\n".join(f"hubtui job {job.id}" for job in asked)) from None
