"""The command line: verbs over the same functions that the screens use. Each verb's module is imported when it is used.

Errors go to stderr as one sentence with what to do next, never as a traceback. Exit codes: 0 done, 1 failed, 2 wrong
use, 130 left by Ctrl-C.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import click

from hubtui import __version__
from hubtui.errors import HubtuiError, UsageError
from hubtui.few import did_you_mean, few

if TYPE_CHECKING:
    from hubtui.paths import Home

VERBS = {  # verb -> its module; the order is that of --help
    "add": "projects",
    "rm": "projects",
    "ls": "reading",
    "status": "reading",
    "start": "jobs",
    "stop": "jobs",
    "restart": "jobs",
    "rebuild": "jobs",
    "up": "jobs",
    "adopt": "jobs",
    "pull": "upkeep",
    "scale": "upkeep",
    "down": "upkeep",
    "exec": "exec",
    "clean": "clean",
    "jobs": "history",
    "job": "history",
    "cancel": "jobs",
    "retry": "jobs",
    "reconcile": "reconcile",
    "events": "reading",
    "logs": "logs",
    "view": "view",
    "config": "config",
    "env": "env",
    "disk": "cache",
    "prune": "cache",
    "doctor": "doctor",
    "demo": "demo",
}


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Verbs(click.Group):
    """The group of all verbs, each imported only when it is asked for, and the one place where errors become words."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"hubtui.cli.{VERBS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_verb")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and args[0][:1].isalnum() and not ctx.resilient_parsing:
            raise UsageError(f"There is no verb {args[0]!r}.", f"{did_you_mean(args[0], VERBS)}hubtui --help")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
            return code
        except BrokenPipeError:  # `hubtui ls | head` has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0

    def main(self, *args: Any, **options: Any) -> NoReturn:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # a terminal that is not UTF-8 still gets an answer
        try:
            code = super().main(*args, **{**options, "prog_name": "hubtui", "standalone_mode": False})
        except (Exception, KeyboardInterrupt) as error:
            sys.exit(explain(error))
        sys.exit(code if isinstance(code, int) else 0)


def explain(error: BaseException) -> int:
    """Say what went wrong, on stderr; the exit code for it."""
    import sqlite3

    from hubtui.cli.output import warn

    if isinstance(error, sqlite3.Error):  # a store that failed in the middle of a reading
        from hubtui.paths import Home
        from hubtui.store import connect

        error = connect.explain(error, Home.default())
    if isinstance(error, HubtuiError):
        for one in getattr(error, "mistakes", (error,)):  # all that is wrong with a compose file
            warn(one.message, one.hint)
        return error.exit_code
    if isinstance(error, click.ClickException):
        ctx = getattr(error, "ctx", None)
        warn(error.format_message(), f"{ctx.command_path} --help" if ctx else "")
        return error.exit_code
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        return 130
    if isinstance(error, OSError) and error.filename is None and error.errno in _NO_ROOM:  # `hubtui ls > file`
        warn(f"What was asked for cannot be written: {error.strerror}.", "Free space where the output goes.")
        return 1
    if os.environ.get("HUBTUI_DEBUG"):
        import traceback

        traceback.print_exception(error)
        return 1
    warn(
        f"Something unexpected happened: {type(error).__name__}: {error}",
        "This is a mistake in hubtui. HUBTUI_DEBUG=1 shows where; `hubtui doctor` shows what is here.",
    )
    return 1


@click.group(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> int | None:
    """Project stacks on this host: start, stop, watch. Without a verb, the dashboard opens.

    TARGET is PROJECT or PROJECT/SERVICE. Without one, a verb means the project of this folder.
    """
    if ctx.invoked_subcommand is not None:
        return None
    from hubtui.paths import Home

    home = Home.default()
    open_dashboard(home)
    click.echo(f"Jobs go on. {still_running(home)}".rstrip())
    return 0


def open_dashboard(home: Home, prepare: Callable[[], None] = lambda: None) -> None:
    """The full-screen dashboard, until it is left. Raises UsageError where there is no terminal to draw on; `prepare`
    is called once it is known that there is one."""
    from hubtui.cli.terminal import need_terminal

    need_terminal("The dashboard", "Use the verbs: `hubtui ls`, `hubtui status`; all of them: `hubtui --help`.")
    prepare()
    from hubtui.app import run_app

    run_app(home)


def still_running(home: Home) -> str:
    """What goes on after the dashboard was left: `harbor is up; reef: start #12 BUILDING.`"""
    from hubtui.safetext import safe_text
    from hubtui.store import connect, projects

    con = connect.open_reader(home)
    try:
        listing = projects.listing(con)
    finally:
        con.close()
    parts = []
    for project in listing:
        if project.job is not None and not project.job.finished:
            parts.append(f"{project.name}: {project.job.type} #{project.job.id} {project.job.state}")
        elif project.run is not None and project.run.active:
            parts.append(f"{project.name} is {project.run.state}")
    return f"Still running: {safe_text(few(parts, 8, '; '))}." if parts else "Nothing is running."


def main() -> NoReturn:
    """The `hubtui` program."""
    cli.main()
