"""From pressing `down` in the list of a hundred projects until the screen has changed, 50 presses each, in turns; the
list begins to scroll on the way. Beside the bare Textual app's DataTable."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import scratch
from benchmarks.projects import hundred_projects, name
from benchmarks.screens import BARE, bare_app, dashboard
from benchmarks.table import Figure, Row, percentile, short
from benchmarks.terminal import Terminal

AIM = 1.5  # ratio
PRESSES = 50
DOWN = b"\x1b[B"


def measure(runs: int) -> Sequence[Row]:
    with scratch.host() as (here, root):
        hundred_projects(here, root)
        with dashboard(here) as ours, bare_app() as bare:
            for terminal in (ours, bare):
                terminal.shown(name(0))
                terminal.quiet(0.5)
            mine, peer = scratch.interleaved(PRESSES, lambda: _press(ours), lambda: _press(bare))
    row = Row("down to paint", Figure.median(mine, "ms"), Figure.median(peer, "ms", BARE))
    assert row.ratio is not None
    slow = f"p95 {short(percentile(mine, 0.95))} ms beside {short(percentile(peer, 0.95))}"
    return [Row(f"{row.name} ({PRESSES} presses; {slow})", row.mine, row.peer, f"<= {AIM}x", row.ratio <= AIM)]


def _press(terminal: Terminal) -> float:
    at = terminal.write(DOWN)
    terminal.quiet(0.2, since=at)
    changed = terminal.changed(at)
    if changed is None:
        raise TimeoutError("a press of down changed nothing")
    return 1000 * changed
