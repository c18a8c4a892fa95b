"""Registering and forgetting projects."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from hubtui.errors import StackError, UsageError
from hubtui.models import Project
from hubtui.store import projects, services
from hubtui.workers.hub import Hub

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


def add(
    hub: Hub, path: Path, *, name: str | None = None, engine: str | None = None, template: str | None = None
) -> Project:
    """Register the folder `path`, or first fill it with `template`. Nothing is started.

    Raises StackError for a compose file that cannot be used, UsageError for a folder, name or engine that cannot.
    """
    from hubtui.stacks import describe, plan, templates
    from hubtui.stacks.engines import select
    from hubtui.stacks.spec.load import load_stack
    from hubtui.workers.runner import settings

    folder = _folder(path)
    if template is not None:
        templates.install(template, folder)
    elif not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", "Name a folder that holds a compose.yaml.")
    try:
        stack = load_stack(folder)
    except StackError as e:
        if template is not None and (folder / ".env.example").exists():
            e.hint = f"Copy .env.example to .env in {folder}, fill it in, then: hubtui add {folder}"
        raise
    chosen = _name(name or stack.name)
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


def _folder(path: Path) -> Path:
    folder = path.expanduser().absolute()
    text = str(folder)
    if not text.isprintable():
        raise UsageError(f"The path {text!r} holds characters that cannot be shown.", "Rename the folder.")
    return folder.resolve()


def _name(name: str) -> str:
    if not _NAME.fullmatch(name) or name in (".", ".."):
        raise UsageError(
            f"{name!r} cannot be a project's name.",
            "Lower-case letters, digits, - _ . and at most 63 of them: choose one with --name NAME.",
        )
    return name
