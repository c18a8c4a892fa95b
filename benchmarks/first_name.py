"""From exec until the first of a hundred projects stands on a screen of 80x24, and the memory at its peak a moment
later: `hubtui` beside a bare Textual app with the same hundred rows in a DataTable."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import scratch
from benchmarks.projects import hundred_projects, name
from benchmarks.screens import BARE, bare_app, dashboard
from benchmarks.table import Figure, Row
from benchmarks.terminal import Terminal

AIM, MEMORY = 1.6, 55.0  # ratio; MB


def measure(runs: int) -> Sequence[Row]:
    with scratch.host() as (here, root):
        hundred_projects(here, root)
        mine, peer = scratch.interleaved(runs, lambda: _look(dashboard(here)), lambda: _look(bare_app()))
    shown = Figure.median([s for s, _ in mine], "s")
    row = Row("first project on the screen", shown, Figure.median([s for s, _ in peer], "s", BARE))
    memory = Figure.median([m for _, m in mine], "MB")
    bare_memory = Figure.median([m for _, m in peer], "MB", BARE)
    assert row.ratio is not None
    return [
        Row(row.name, row.mine, row.peer, f"<= {AIM}x", row.ratio <= AIM),
        Row("... memory at its peak", memory, bare_memory, f"< {MEMORY:.0f} MB", memory.value < MEMORY),
    ]


def _look(terminal: Terminal) -> tuple[float, float]:
    with terminal:
        seconds = terminal.shown(name(0))
        terminal.quiet(0.3)
        return seconds, terminal.peak_memory()
