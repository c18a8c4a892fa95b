"""What several verbs take."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import click

from hubtui.workers.hub import Hub

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
many_targets = click.argument("words", metavar="[TARGET]...", nargs=-1)
maybe_project = click.argument("name", metavar="[PROJECT]", required=False)


@contextlib.contextmanager
def opened() -> Iterator[Hub]:
    """The state folder, with the runs of dead runners marked before anything is shown or changed."""
    from hubtui.workers.reconcile import reconcile

    with Hub() as hub:
        reconcile(hub)
        yield hub


class Left(click.exceptions.Exit):
    """Ctrl-C was pressed while only looking: what was looked at goes on."""

    def __init__(self) -> None:
        super().__init__(130)
