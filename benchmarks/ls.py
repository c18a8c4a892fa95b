"""`hubtui ls` on a hundred projects, the whole process from exec to exit, output to nowhere. The peer only imports what
any such program has to: click and sqlite3."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks import scratch
from benchmarks.projects import hundred_projects
from benchmarks.table import Figure, Row

AIM = 0.25  # seconds


def measure(runs: int) -> Sequence[Row]:
    with scratch.host() as (here, root):
        hundred_projects(here, root)
        env = scratch.environment(HUBTUI_HOME=str(here.home.root))
        command, peer = [*scratch.hubtui(), "ls"], [sys.executable, "-c", "import click, sqlite3"]
        mine, theirs = scratch.interleaved(runs, lambda: scratch.timed(command, env), lambda: scratch.timed(peer, env))
    figure = Figure.median(mine, "s")
    limit = Figure.median(theirs, "s", '`python -c "import click, sqlite3"`:')
    return [Row("`hubtui ls`, 100 projects", figure, limit, f"< {AIM} s", figure.value < AIM)]
