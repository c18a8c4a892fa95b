"""`pull`, `scale`, `down`: what a project on the compose engine takes beyond a start and a stop."""

from __future__ import annotations

import contextlib

import click

from hubtui.cli import options
from hubtui.cli.asking import How, ask, ask_for
from hubtui.errors import UsageError
from hubtui.models import JobType


@click.command("pull", help="Pull the images of the stack, or of one service; what runs on an older one is recreated.")
@options.many_targets
@options.wait
@options.as_json
def pull_verb(words: tuple[str, ...], wait: bool, as_json: bool) -> int:
    return ask(JobType.PULL, words, wait=wait, as_json=as_json)


@click.command("down", help="Stop the stack and remove its containers and networks; images and volumes stay.")
@options.many_targets
@options.wait
@options.as_json
def down_verb(words: tuple[str, ...], wait: bool, as_json: bool) -> int:
    if single := [word for word in words if "/" in word]:
        raise UsageError(f"down is for whole projects, not for {single[0]}.", f"hubtui stop {single[0]}")
    return ask(JobType.DOWN, words, wait=wait, as_json=as_json)


@click.command("scale", help="Have so many containers of a service.")
@click.argument("words", metavar="PROJECT/SERVICE=N...", nargs=-1, required=True)
@options.wait
@options.as_json
def scale_verb(words: tuple[str, ...], wait: bool, as_json: bool) -> int:
    from hubtui.cli.target import one

    asked = [_scale(word) for word in words]
    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        found = [(one(con, word, "scale "), How(arguments=(count,))) for word, count in asked]
        return ask_for(hub, con, JobType.SCALE, found, wait=wait, as_json=as_json)


def _scale(word: str) -> tuple[str, str]:
    """(PROJECT/SERVICE, N). Raises UsageError."""
    target, sign, count = word.partition("=")
    if not sign or "/" not in target or not (count.isascii() and count.isdigit() and len(count) < 5):
        raise UsageError(f"{word!r} does not say how many of which service.", "hubtui scale PROJECT/SERVICE=3")
    return target, str(int(count))
