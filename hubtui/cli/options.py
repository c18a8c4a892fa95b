"""What several verbs take."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import click

from hubtui.workers.hub import Hub

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
many_targets = click.argument("words", metavar="[TARGET]...", nargs=-1)
maybe_project = click.argument("name", metavar="[PROJECT]", required=False)


class JobNumber(click.ParamType):
    """A job by its number: 12, or #12 as it is shown."""

    name = "JOB"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).removeprefix("#")
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            self.fail(f"{value!r} is no job's number; see `hubtui jobs`.", param, ctx)
        return int(text)


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
