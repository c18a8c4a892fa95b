"""A hundred projects listed, all stopped, nothing happens: share of a core and bytes over the line in windows of 10 s,
the dashboard and the bare Textual app side by side in the same windows."""

from __future__ import annotations

import time
from collections.abc import Sequence

from benchmarks import scratch
from benchmarks.projects import hundred_projects, name
from benchmarks.screens import BARE, bare_app, dashboard
from benchmarks.table import Figure, Row

AIM = 0.5  # per cent of a core
SECONDS, WINDOWS, SETTLE = 10.0, 3, 3.0


def measure(runs: int) -> Sequence[Row]:
    with scratch.host() as (here, root):
        hundred_projects(here, root)
        with dashboard(here) as ours, bare_app() as bare:
            both = (ours, bare)
            for terminal in both:
                terminal.shown(name(0))
            time.sleep(SETTLE)
            cpu: list[list[float]] = [[], []]
            line: list[list[float]] = [[], []]
            for _ in range(min(runs, WINDOWS)):
                before = [(t.cpu_seconds(), t.received) for t in both]
                time.sleep(SECONDS)
                for i, terminal in enumerate(both):
                    cpu[i].append(100 * (terminal.cpu_seconds() - before[i][0]) / SECONDS)
                    line[i].append((terminal.received - before[i][1]) / SECONDS)
    share, sent = Figure.median(cpu[0], "% of a core"), Figure(max(line[0]), "bytes/s")
    bare_share, bare_sent = Figure.median(cpu[1], "% of a core", BARE), Figure(max(line[1]), "bytes/s", BARE)
    return [
        Row(f"idle, {SECONDS:.0f} s", share, bare_share, f"< {AIM} %", share.value < AIM),
        Row("... sent to the terminal", sent, bare_sent, "0 bytes/s", sent.value == 0),
    ]
