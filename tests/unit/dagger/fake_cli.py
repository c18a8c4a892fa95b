"""Tiny programs that stand for the `dagger` CLI, each good for one way of misbehaving."""

from __future__ import annotations

import json
from pathlib import Path

from hubtui.stacks import proctree

SILENT = "cat >/dev/null"  # until its standard input ends


def write(folder: Path, session: str, version: str = "echo dagger $VERSION") -> Path:
    """A program that does this as `dagger session`, and that as `dagger version`: both shell."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "dagger"
    program.write_text(f'#!/bin/sh\nif [ "$1" = version ]; then {version}; exit; fi\n{session}\n')
    program.chmod(0o755)
    return program


def shakes_hands(port: int) -> str:
    """The shell of a CLI whose session answers on `port`, until its standard input ends."""
    return f"echo '{json.dumps({'port': port, 'session_token': 'secret'})}'; {SILENT}"


def left(marker: str) -> list[str]:
    """The names of the processes that carry this marker and live."""
    return [proctree.name_of(who.pid) for who in proctree.find_marked(marker)]
