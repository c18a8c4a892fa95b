"""What a stack still needs to know before it can start, and the `.env` that tells it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from hubtui.paths import Home
from hubtui.stacks.spec.dotenv import parse_dotenv
from hubtui.stacks.spec.env_values import put_values, with_values
from hubtui.stacks.spec.new_env import NAME, NewEnv, compose_env, find_example, refuse_existing, save_env
from hubtui.stacks.spec.project import read_project
from hubtui.stacks.spec.resolve.sources import Wanted
from hubtui.stacks.spec.shell import without_compose
from hubtui.stacks.spec.source import read_text
from hubtui.stacks.spec.wants import Want, wants
from hubtui.store import connect, services


def missing(folder: Path) -> list[Want]:
    """The variables that a start of this folder's stack would miss. Raises StackError for a stack that cannot be
    read."""
    environ = without_compose()
    return [want for want in wants(read_project(folder, Wanted(), environ), environ) if want.missing]


def write_first(home: Home, folder: Path, wanted: Sequence[Want], values: Mapping[str, str]) -> tuple[Path, NewEnv]:
    """Write the `.env` of a stack that has none: from its example where it has one, with these values. Raises
    UsageError where there is one or it cannot be written, StackError for an example that is none."""
    file = folder / NAME
    refuse_existing(file)
    text = None
    if (example := find_example(folder)) is not None:
        text = read_text(example, what="example", as_it_is=True)
        parse_dotenv(text, example, {})
    with contextlib.closing(connect.open_reader(home)) as con:
        busy = services.PUBLISHED.all(con)
    made = compose_env(wanted, text, busy)
    save_env(file, with_values(made.text, values) if values else made.text)
    return file, made


def give(home: Home, folder: Path, values: Mapping[str, str]) -> Path:
    """Set variables of the stack in its `.env`, which is made if there is none. Raises UsageError, StackError."""
    environ = without_compose()
    project = read_project(folder, Wanted(), environ)
    file = project.folder / NAME
    if os.path.exists(file):
        put_values(file, values)
    else:
        write_first(home, project.folder, wants(project, environ), values)
    return file
