"""Registering and forgetting projects."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from pathlib import Path

from hubtui.errors import HubtuiError, UsageError
from hubtui.models import Project
from hubtui.paths import expanded
from hubtui.store import projects, services
from hubtui.workers.hub import Hub

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


def add(
    hub: Hub, path: Path, *, name: str | None = None, engine: str | None = None, template: str | None = None
) -> Project:
    """Register the folder `path`, or first fill it with `template`, on host ports that no other project publishes.
    Nothing is started; a folder that cannot be registered is left as it was.

    Raises StackError for a compose file that cannot be used, UsageError for a folder, name or engine that cannot.
    """
    folder = check_folder(path)
    if template is None:
        if not os.path.isdir(folder):
            raise UsageError(f"There is no folder {folder}.", "Name a folder that holds a compose.yaml.")
        return _register(hub, folder, name, engine)
    from hubtui.stacks import templates

    with contextlib.closing(hub.reader()) as con:
        busy = services.PUBLISHED.all(con)
    made = templates.install(template, folder, busy)
    try:
        return _register(hub, folder, name, engine)
    except (HubtuiError, sqlite3.Error):
        templates.uninstall(made)  # else the same command with another name would find the folder full
        raise


def _register(hub: Hub, folder: Path, name: str | None, engine: str | None) -> Project:
    from hubtui.stacks import describe, plan
    from hubtui.stacks.engines import select
    from hubtui.stacks.spec.load import load_stack
    from hubtui.stacks.spec.shell import without_compose
    from hubtui.workers.runner import settings

    stack = load_stack(folder, environ=without_compose())
    chosen = check_name(name or stack.name)
    kind, reason = select.decide(stack, engine, settings.load().dagger)
    enabled = plan.select(stack)
    shown = [(s.name, s.services) for s in plan.stages(stack, enabled)]
    project = Project(name=chosen, path=folder, engine=kind, engine_reason=reason)

    def work(con: sqlite3.Connection) -> Project:
        projects.insert(con, project, shown)
        services.declare(con, chosen, describe.services(stack, "127.0.0.1"), enabled)
        return projects.get(con, chosen)

    return hub.writer.run(work)


def remove(hub: Hub, name: str) -> Project:
    """Forget a project; its files and logs stay. Raises UsageError while it is up, or where it is unknown."""
    return hub.writer.run(lambda con: projects.remove(con, name))


def check_folder(path: Path) -> Path:
    """A folder as it is registered, links resolved. Raises UsageError for a path that cannot be shown."""
    folder = _to_be_shown(expanded(path).absolute())  # before its links are followed: a zero byte ends that
    return _to_be_shown(Path(os.path.realpath(folder)))  # as it is, too, where links lead in a circle


def _to_be_shown(folder: Path) -> Path:
    if not str(folder).isprintable():
        raise UsageError(f"The path {str(folder)!r} holds characters that cannot be shown.", "Rename the folder.")
    return folder


def check_name(name: str) -> str:
    """`name`. Raises UsageError where it cannot be a project's name."""
    if not _NAME.fullmatch(name) or name in (".", ".."):
        raise UsageError(
            f"{name!r} cannot be a project's name.",
            "Lower-case letters, digits, - _ . and at most 63 of them: choose one with --name NAME.",
        )
    return name
