"""From writing `s` to the dashboard's terminal until another connection sees the job's row: acknowledged is committed
and synced. Then on until the row leaves PENDING: guard and runner started, the job claimed. A project of its own for
each press, from a list of a hundred; each job has ended and its runner left before the next."""

from __future__ import annotations

import time
from collections.abc import Sequence

from benchmarks import scratch
from benchmarks.key_to_paint import DOWN
from benchmarks.projects import hundred_projects, name
from benchmarks.screens import dashboard
from benchmarks.table import Figure, Row, short
from benchmarks.terminal import Terminal
from tests.doubles.host import Host
from tests.doubles.waiting import eventually

AIM, FIRST = 20.0, 0.3  # milliseconds; seconds
PRESSES = 30
_THERE = "SELECT 1 FROM jobs WHERE project = ?"
_CLAIMED = "SELECT state <> 'PENDING' FROM jobs WHERE project = ?"
_OVER = "SELECT finished_at IS NOT NULL FROM jobs WHERE project = ?"


def measure(runs: int) -> Sequence[Row]:
    with scratch.host() as (here, root), scratch.watching(here) as watch:
        names = hundred_projects(here, root)
        with dashboard(here) as terminal:
            terminal.shown(name(0))
            terminal.quiet(0.5)
            found = [_press(here, watch, terminal, project) for project in names[: PRESSES + 1]][1:]
    committed, claimed = [1000 * c for c, _ in found], [p for _, p in found]
    middle = Figure.median(committed, "ms")
    slow = Figure.p95(committed, "ms")
    first = Figure.median(claimed, "s")
    return [
        Row(
            f"`s` to job committed, p95 of {PRESSES}",
            slow,
            f"(median {short(middle.value)} ms)",
            f"< {AIM:.0f} ms",
            slow.value < AIM,
        ),
        Row("`s` to first progress, cold runner", first, "", f"< {FIRST} s", first.value < FIRST),
    ]


def _press(here: Host, watch: scratch.Watch, terminal: Terminal, project: str) -> tuple[float, float]:
    begun = terminal.write(b"s")
    committed = watch.until(_THERE, project) - begun
    claimed = watch.until(_CLAIMED, project) - begun
    watch.until(_OVER, project)
    scratch.free(here, project)
    terminal.quiet(0.2)
    eventually(lambda: _next(terminal), 10)
    return committed, claimed


def _next(terminal: Terminal) -> bool:
    """Move on to the next project and let the panel follow."""
    at = terminal.write(DOWN)
    time.sleep(0.2)
    return terminal.changed(at) is not None
