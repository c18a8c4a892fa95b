"""`exec`: a command inside a service, on this terminal; its exit code is this one's."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence

import click

from hubtui.cli import options
from hubtui.errors import HubtuiError, UsageError
from hubtui.models import Project


@click.command(
    "exec",
    help="Run a command inside a service: in its container, or beside its process. Exits with the command's code.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("word", metavar="PROJECT/SERVICE")
@click.argument("command", metavar="CMD...", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_verb(word: str, command: tuple[str, ...]) -> int:
    from hubtui.cli.target import one

    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        target = one(con, word, "exec ")
        if not target.services:
            raise UsageError(f"{word} is a whole project.", f"Name one of its services: hubtui exec {word}/SERVICE CMD")
        argv, folder, env = _call(target.project, target.services[0], command)
    sys.stdout.flush()
    try:
        os.chdir(folder)
        os.execvpe(argv[0], argv, env)  # noqa: S606  just what was asked for
    except OSError as error:
        raise HubtuiError(f"{argv[0]} cannot be run in {folder}: {error.strerror}.") from error


def _call(project: Project, service: str, command: Sequence[str]) -> tuple[list[str], str, Mapping[str, str]]:
    """(argv, folder, environment). Raises UsageError where the engine lets nobody in."""
    from hubtui.workers.upkeep import stack_of

    if project.engine == "compose":
        from hubtui.stacks.engines.compose import program
        from hubtui.stacks.engines.compose.cli import argv_of

        stack = stack_of(project)
        tty = () if sys.stdin.isatty() and sys.stdout.isatty() else ("--no-TTY",)
        argv = argv_of(program.find(), stack, "exec", *tty, service, *command)
        return argv, str(stack.folder), os.environ
    if project.engine == "process":
        stack = stack_of(project)
        return list(command), str(stack.folder), {**os.environ, **stack.services[service].environment}
    raise UsageError(
        f"{project.name} is on the {project.engine} engine, which lets nobody into a service that runs.",
        f"What it prints: hubtui logs {project.name}/{service}",
    )
