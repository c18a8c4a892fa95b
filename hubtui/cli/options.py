"""What several verbs take."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import click

from hubtui.cli import completion
from hubtui.workers.hub import Hub

MANY = 10**18  # more than there will ever be of anything, and a number that SQLite takes

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
wait = click.option("--wait", is_flag=True, help="Stay until the job has ended; exit 1 if it failed.")
many_targets = click.argument("words", metavar="[TARGET]...", nargs=-1, shell_complete=completion.targets)
maybe_project = click.argument("name", metavar="[PROJECT]", required=False, shell_complete=completion.names)


def job_number(_: click.Context, parameter: click.Parameter, text: str) -> int:
    """A job by its number: 12, or #12 as it is shown."""
    digits = text.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise click.BadParameter(f"{text!r} is no job's number; see `hubtui jobs`.", param=parameter)
    return int(digits)


@contextlib.contextmanager
def opened() -> Iterator[Hub]:
    """The state folder, with the runs of dead runners marked before anything is shown or changed."""
    from hubtui.workers.reconcile import reconcile

    with Hub() as hub:
        reconcile(hub)
        yield hub


def left(message: str, hint: str = "") -> click.exceptions.Exit:
    """What to raise where Ctrl-C ended only the looking: says that what was looked at goes on; exit code 130."""
    from hubtui.cli.output import warn

    warn(message, hint)
    return click.exceptions.Exit(130)
