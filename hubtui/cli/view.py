"""`view`: the log view on any file. Nothing heavy is imported before the first screen."""

from __future__ import annotations

import gc
import os
import stat
import sys
from pathlib import Path

import click

from hubtui.errors import UsageError

_STDIN = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")
_INSTEAD = "Use `less`, or `hubtui logs` for the log of a project's service."


@click.command("view", help="Read, search, filter and follow any log file, or several merged by time; - is stdin.")
@click.argument("files", metavar="FILE...", nargs=-1, type=click.Path(path_type=Path))
def view_verb(files: tuple[Path, ...]) -> int:
    from hubtui.cli.terminal import need_terminal

    gc.disable()  # what is made before the first screen stays: looking through it costs a tenth of the start
    piped = not sys.stdin.isatty()
    names = [file for file in files if str(file) not in _STDIN]
    wanted = len(names) < len(files) or not files
    if wanted and not piped:
        told = "Nothing comes through stdin: it is the terminal." if files else "There is no file to view."
        raise UsageError(told, "hubtui view FILE..., or pipe lines into `hubtui view`.")
    for file in names:
        _readable(file)
    pipe = _keys_from_the_terminal() if piped else None
    need_terminal("A log view", _INSTEAD)
    from hubtui.log_app import run_view

    return run_view(names, pipe if wanted else None)


def _readable(file: Path) -> None:
    """Raises UsageError for what cannot be read as lines."""
    try:
        if file.is_dir():
            raise UsageError(f"{file} is a folder.", "Name the files in it that you want to read.")
        kind = stat.S_IFMT(os.stat(file).st_mode)
        if kind not in (stat.S_IFREG, stat.S_IFIFO, stat.S_IFCHR):
            raise UsageError(f"{file} is no file.", "Name one that has lines: a file, a pipe, a device like /dev/kmsg.")
        if kind != stat.S_IFIFO:  # opening a named pipe would wait for who writes to it
            fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            is_terminal = os.isatty(fd)
            os.close(fd)
            if is_terminal:
                raise UsageError(f"{file} is a terminal.", "Pipe what is written to it into `hubtui view`.")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", "Look at its path and its rights.") from error


def _keys_from_the_terminal() -> int:
    """Lines come through stdin, so keys come from the terminal itself: a descriptor of what stdin was."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        raise UsageError("A log view needs a terminal, and here there is none.", _INSTEAD) from None
    pipe = os.dup(0)
    os.dup2(terminal, 0)
    os.close(terminal)
    return pipe
