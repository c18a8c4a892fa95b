"""TARGET: `PROJECT` or `PROJECT/SERVICE`; a bare word is always a project; none means this folder's project."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hubtui.cli import output
from hubtui.errors import HubtuiError, UsageError
from hubtui.few import names_hint
from hubtui.models import Project
from hubtui.paths import expanded
from hubtui.stacks.spec.find import NAMES
from hubtui.store import projects, services


@dataclass(frozen=True, slots=True)
class Target:
    """A project as registered, and one of its services or none for the whole stack."""

    project: Project
    services: tuple[str, ...] = ()


def targets(con: sqlite3.Connection, words: Sequence[str], verb: str) -> list[Target]:
    """What the words mean, each once. Raises UsageError with the words to use instead."""
    found = [one(con, word, verb) for word in words] or [Target(here(con))]
    return list({(t.project.name, t.services): t for t in found}.values())


def one(con: sqlite3.Connection, word: str, verb: str) -> Target:
    """What one word means. Raises UsageError."""
    name, slash, service = word.partition("/")
    project = named(con, name, f"{verb} ")
    if not slash:
        return Target(project)
    known = services.NAMES.all(con, project.name)
    if service not in known:
        what = f"{project.name} has no service {service!r}." if service else f"{word} names no service."
        raise UsageError(what, names_hint("Its services", service, known))
    return Target(project, (service,))


def named(con: sqlite3.Connection, name: str, verb: str = "") -> Project:
    """The project of this name. Where it is rather a service of this folder's project, the error says so."""
    project = projects.ONE.first(con, name)
    if project is not None:
        return project
    for local in _registered_here(con):
        if name in services.NAMES.all(con, local.name):
            raise UsageError(
                f"{name} is a service of this folder's project {local.name}: hubtui {verb}{local.name}/{name}"
            )
    return projects.get(con, name)  # its error names the projects there are


def here(con: sqlite3.Connection) -> Project:
    """This folder's project. Raises UsageError where there is none, or more than one."""
    found = _registered_here(con)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(p.name for p in found)
        raise UsageError(f"Several projects have this folder: {names}.", "Name the one you mean.")
    folder = stack_folder()
    if folder is not None:
        raise UsageError(f"The stack in {folder} is not registered yet.", f"hubtui add {_quoted(folder)}")
    raise UsageError(
        f"No project is named, and {current_folder()} holds no compose file, nor does a folder above it.",
        "Name one of `hubtui ls`, or register one: hubtui add PATH",
    )


def here_or_all(con: sqlite3.Connection) -> list[Project]:
    """This folder's project; all where the folder holds no stack. Raises UsageError for an unregistered one."""
    if stack_folder() is None and not _registered_here(con):
        return projects.ALL.all(con)
    return [here(con)]


def stack_folder() -> Path | None:
    """This folder or the nearest one above it that holds a compose file."""
    folder = current_folder()
    return next((f for f in (folder, *folder.parents) if any(os.path.lexists(f / n) for n in NAMES)), None)


def _registered_here(con: sqlite3.Connection) -> list[Project]:
    """The projects of this folder, else of the nearest one above it, but none above this folder's own stack."""
    folder, stack = current_folder(), stack_folder()
    for candidate in (folder, *folder.parents):
        found = projects.BY_PATH.all(con, str(candidate))
        if found or candidate == stack:
            return found
    return []


def current_folder() -> Path:
    """Where the command was typed. Raises UsageError where that was removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise UsageError("This folder was removed.", "Change to another one, or name a project.") from None


def stack_of(name: str | None) -> tuple[Path, Mapping[str, str]]:
    """The folder of a project and the variables that it is read with: for one that is registered none of Compose's own
    from this shell. Without a name that of this folder's stack, registered or not. Raises UsageError."""
    from hubtui.paths import Home
    from hubtui.stacks.spec.shell import without_compose
    from hubtui.store import connect

    if name is None and (found := _unnamed()) is not None:
        return found
    with contextlib.closing(connect.open_reader(Home.default())) as con:
        return (named(con, name, "logs ") if name else here(con)).path, without_compose()


def _unnamed() -> tuple[Path, Mapping[str, str]] | None:
    """This folder's stack. The store is asked only where it matters whether it is registered."""
    from hubtui.stacks.spec.shell import without_compose

    own = without_compose()
    left_out = sorted(os.environ.keys() - own.keys())
    if left_out and (project := _if_registered()) is not None:
        output.note(f"{project.name} is registered: {', '.join(left_out)} of this shell not counted (-f FILE: counted)")
        return project.path, own
    if os.environ.get("COMPOSE_FILE"):
        return current_folder(), os.environ
    if (folder := stack_folder()) is not None:
        return folder, os.environ
    if (current_folder() / ".env").is_file():  # it may name the files
        return current_folder(), os.environ
    return None


def _if_registered() -> Project | None:
    """The project of this folder; None also where there is no store, or none that can be read."""
    from hubtui.paths import Home
    from hubtui.store import connect

    with contextlib.suppress(HubtuiError, sqlite3.Error, OSError):
        if (home := Home.default()).birth_mark.exists():
            with contextlib.closing(connect.open_reader(home)) as con:
                return next(iter(_registered_here(con)), None)
    return None


def absolute(paths: Iterable[Path]) -> list[Path]:
    """Files on the command line are relative to where it was typed."""
    return [expanded(path).absolute() for path in paths]


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))
