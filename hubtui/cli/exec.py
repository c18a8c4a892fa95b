"""`exec`: a command inside a service, on this terminal; its exit code is this one's."""

from __future__ import annotations

import contextlib
import os
import sys

import click

from hubtui.cli import completion, options
from hubtui.errors import HubtuiError, UsageError


@click.command(
    "exec",
    help="Run a command inside a service: in its container, or beside its process. Exits with the command's code.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("word", metavar="PROJECT/SERVICE", shell_complete=completion.targets)
@click.argument("command", metavar="CMD...", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_verb(word: str, command: tuple[str, ...]) -> int:
    from hubtui.cli.target import one
    from hubtui.workers.upkeep import inside

    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        target = one(con, word, "exec ")
        if not target.services:
            raise UsageError(f"{word} is a whole project.", f"Name one of its services: hubtui exec {word}/SERVICE CMD")
        terminal = sys.stdin.isatty() and sys.stdout.isatty()
        argv, folder, env = inside(target.project, target.services[0], command, terminal=terminal)
    sys.stdout.flush()
    try:
        os.chdir(folder)
        os.execvpe(argv[0], argv, env)  # noqa: S606  just what was asked for
    except OSError as error:
        raise HubtuiError(f"{argv[0]} cannot be run in {folder}: {error.strerror}.") from error
