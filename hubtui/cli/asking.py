"""Writing a job for each target of a verb, saying its number at once, and following it where that is wanted."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubtui.cli import options, output
from hubtui.errors import HubtuiError
from hubtui.models import Job, JobType, Priority
from hubtui.safetext import safe_text
from hubtui.workers import operations
from hubtui.workers.hub import Hub

if TYPE_CHECKING:
    from hubtui.cli.target import Target


@dataclass(frozen=True, slots=True)
class How:
    """What the options say of the jobs."""

    profiles: Sequence[str] = ()
    empty_volumes: Sequence[str] = ()
    priority: Priority = Priority.NORMAL
    environment: str | None = None
    arguments: Sequence[str] = ()


def ask(
    verb: JobType,
    words: Sequence[str],
    how: How = How(),
    *,
    wait: bool = False,
    as_json: bool = False,
) -> int:
    """Write a job for each target, once all of them were found; with `wait`, follow the jobs to their ends."""
    from hubtui.cli.target import targets

    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        wanted = [(target, how) for target in targets(con, words, verb)]
        return ask_for(hub, con, verb, wanted, wait=wait, as_json=as_json)


def ask_for(
    hub: Hub,
    con: sqlite3.Connection,
    verb: JobType,
    wanted: Sequence[tuple[Target, How]],
    *,
    wait: bool,
    as_json: bool,
) -> int:
    """The same for targets that are known, each in its own way; the exit code."""
    from hubtui.store import events

    asked: list[Job] = []
    seq = events.LAST_SEQ.first(con) or 0
    try:
        for target, how in wanted:
            found = operations.ask(
                hub,
                verb,
                target.project.name,
                target.services,
                how.profiles,
                empty_volumes=how.empty_volumes,
                priority=how.priority,
                environment=how.environment,
                arguments=how.arguments,
            )
            asked.append(found.job)
            if not as_json:
                output.line(said(found))
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


def said(asked: operations.Asked) -> str:
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
