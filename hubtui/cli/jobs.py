"""`start`, `stop`, `restart`, `rebuild`, `adopt`, `cancel`, `retry`: each writes a job and says its number at once."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

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
_environment = click.option(
    "--environment", metavar="E", help="In this named environment: `hubtui config --environments` shows them."
)
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
@_environment
@_empty
@_priority
@_wait
@options.as_json
def start_verb(
    words: tuple[str, ...],
    profiles: tuple[str, ...],
    environment: str | None,
    empty_volumes: tuple[str, ...],
    priority: str,
    wait: bool,
    as_json: bool,
) -> int:
    from hubtui.workers.logind import will_logout_kill

    if (finding := will_logout_kill()) is not None:
        output.warn(finding.message, finding.hint)
    how = _How(profiles, empty_volumes, Priority(priority), environment)
    return _ask(JobType.START, words, how, wait=wait, as_json=as_json)


@click.command("stop", help=by_id("stop").help)
@options.many_targets
@_wait
@options.as_json
def stop_verb(words: tuple[str, ...], wait: bool, as_json: bool) -> int:
    return _ask(JobType.STOP, words, wait=wait, as_json=as_json)


@click.command("restart", help="Stop the stack, or one service of it, and start it again.")
@options.many_targets
@_profiles
@_environment
@_priority
@_wait
@options.as_json
def restart_verb(
    words: tuple[str, ...],
    profiles: tuple[str, ...],
    environment: str | None,
    priority: str,
    wait: bool,
    as_json: bool,
) -> int:
    how = _How(profiles, priority=Priority(priority), environment=environment)
    return _ask(JobType.RESTART, words, how, wait=wait, as_json=as_json)


@click.command("rebuild", help="Build the images of the stack, or of one service, anew and start it with them.")
@options.many_targets
@_profiles
@_environment
@_empty
@_priority
@_wait
@options.as_json
def rebuild_verb(
    words: tuple[str, ...],
    profiles: tuple[str, ...],
    environment: str | None,
    empty_volumes: tuple[str, ...],
    priority: str,
    wait: bool,
    as_json: bool,
) -> int:
    how = _How(profiles, empty_volumes, Priority(priority), environment)
    return _ask(JobType.REBUILD, words, how, wait=wait, as_json=as_json)


@click.command("adopt", help="Take over what runs of a project in Docker, whoever started it; nothing is restarted.")
@options.many_targets
@_wait
@options.as_json
def adopt_verb(words: tuple[str, ...], wait: bool, as_json: bool) -> int:
    return _ask(JobType.ADOPT, words, wait=wait, as_json=as_json)


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


@dataclass(frozen=True, slots=True)
class _How:
    """What the options say of the jobs."""

    profiles: Sequence[str] = ()
    empty_volumes: Sequence[str] = ()
    priority: Priority = Priority.NORMAL
    environment: str | None = None


def _ask(
    verb: JobType,
    words: Sequence[str],
    how: _How = _How(),
    *,
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
                found = operations.ask(
                    hub,
                    verb,
                    target.project.name,
                    target.services,
                    how.profiles,
                    empty_volumes=how.empty_volumes,
                    priority=how.priority,
                    environment=how.environment,
                )
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
    if asked.job.environment:
        name += f"  in {safe_text(asked.job.environment)}"
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
