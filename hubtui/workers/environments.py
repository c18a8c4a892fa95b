"""Which named environment a job is done in, and which one a project's next starts use."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace

from hubtui.errors import UsageError
from hubtui.models import JobType, Project
from hubtui.store import jobs, projects, runs
from hubtui.workers.hub import Hub


def check(hub: Hub, project: str, name: str) -> None:
    """Raises UsageError where the project has no such environment, StackError where its files do not tell."""
    from hubtui.stacks.spec import named_environments
    from hubtui.stacks.spec.shell import without_compose

    with contextlib.closing(hub.reader()) as con:
        found = projects.get(con, project)
    named_environments.find(found.path, name, without_compose())


def choose(hub: Hub, project: str, name: str | None) -> Project:
    """Have the project's next starts use this environment; None: the folder as Compose reads it. Raises as `check`."""
    if name is not None:
        check(hub, project, name)

    def work(con: sqlite3.Connection) -> Project:
        found = projects.set_environment(con, project, name)
        return replace(found, run=runs.NEWEST_OF_PROJECT.first(con, found.name))

    return hub.writer.run(work)


def said(project: Project) -> str:
    """A sentence about a choice that was just made."""
    where = f"in {project.environment}" if project.environment else "in no named environment"
    if project.environment_in_use == project.environment:
        return f"{project.name} starts {where} from now on."
    up = project.environment_in_use or "no named environment"
    return f"{project.name} starts {where} after its next stop; what is up stays in {up}."


def of_job(
    con: sqlite3.Connection,
    project: Project,
    type: JobType,  # noqa: A002
    services: tuple[str, ...],
    asked: str | None,
) -> str | None:
    """The environment of a job that is about to be written: the one of what is up or about to be, else the last run's
    (for a start: the project's), else the project's. A run has one: only a restart of all of it changes that.

    Raises UsageError where another one was asked for.
    """
    if type.ends:
        return None
    up, current = _current(con, project.name)
    whole = type is JobType.RESTART and not services
    if asked is not None:
        if up and asked != current and not whole:
            raise other(project.name, current, asked)
        return asked
    if up:
        return current
    if type is not JobType.START and (last := runs.NEWEST_OF_PROJECT.first(con, project.name)):
        return last.environment
    return project.environment


def other(project: str, current: str | None, asked: str | None) -> UsageError:
    """What to raise where a part of a stack that is up is to start in another environment than the rest."""
    up, wanted = (f"in {name}" if name else "in no named environment" for name in (current, asked))
    option = f" --environment {asked}" if asked else ""
    hint = f"All of it starts anew with: hubtui restart {project}{option}"
    return UsageError(f"{project} is up {up}: nothing of it starts {wanted}.", hint)


def _current(con: sqlite3.Connection, project: str) -> tuple[bool, str | None]:
    """(whether something will be up once the open jobs are done, in which environment)."""
    if (last := jobs.LAST_OPEN_TO_TELL.first(con, project)) is not None:
        return not last.type.ends, last.environment
    run = runs.ACTIVE_OF_PROJECT.first(con, project)
    return run is not None, run.environment if run else None
