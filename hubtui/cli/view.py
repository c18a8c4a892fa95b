"""`view`: the log view on any file. Nothing heavy is imported before the first screen."""

from __future__ import annotations

from pathlib import Path

import click

from hubtui.errors import UsageError


@click.command("view", help="Read, search, filter and follow any log file, or several merged by time.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
def view_verb(files: tuple[Path, ...]) -> int:
    from hubtui.cli.terminal import need_terminal

    for file in files:
        _readable(file)
    need_terminal("A log view", "Use `less`, or `hubtui logs` for the log of a project's service.")
    from hubtui.log_app import run_view

    return run_view(files)


def _readable(file: Path) -> None:
    """Raises UsageError for what cannot be read as lines."""
    try:
        if file.is_dir():
            raise UsageError(f"{file} is a folder.", "Name the files in it that you want to read.")
        with open(file, "rb"):
            pass
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", "Look at its path and its rights.") from error
