"""What the shell offers behind a verb, after `eval "$(_HUBTUI_COMPLETE=bash_source hubtui)"` or its zsh or fish sister.

Nothing is made or marked for it, and whatever cannot be read is offered as nothing: a key in a shell is no place for
errors.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import click

from hubtui.errors import HubtuiError


def names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The projects whose name begins so."""
    return [name for name in _known() if name.startswith(incomplete)]


def targets(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The same; behind PROJECT/ its services."""
    project, slash, service = incomplete.partition("/")
    if not slash:
        return names(ctx, parameter, incomplete)
    return [f"{project}/{name}" for name in _known(project) if name.startswith(service)]


def _known(project: str = "") -> Sequence[str]:
    """All projects, or the services of one."""
    import sqlite3

    from hubtui.paths import Home
    from hubtui.store import connect, projects, services

    home = Home.default()
    try:
        if not home.database.exists():
            return ()
        with contextlib.closing(connect.open_reader(home)) as con:
            return services.NAMES.all(con, project) if project else [p.name for p in projects.ALL.all(con)]
    except (HubtuiError, OSError, sqlite3.Error):
        return ()
