"""Viewing a log of 1 and of 10 million lines, and one that grows by 100,000 lines a second: `hubtui view` beside less,
lnav and toolong, each from its exec on a terminal of 80x24, in turns.

The first screen: a line of the log stands on it, whichever. The end: the last line does, End having been pressed as
soon as the first screen stood. The search goes from the first line to a word that stands in one line, at 95 % of the
file; it is timed until that line is on the screen, and its speed is that of the bytes before it. ripgrep and grep stop
at the same place. Memory is the peak of all processes of the viewer, after all this. The rest is in `log_flood`.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks import log_flood, log_lines, scratch
from benchmarks.log_viewers import HUBTUI, View, Viewer, environment, present
from benchmarks.table import Figure, Row

SIZES = (1, 10)  # million lines
MOST_RUNS = {1: 3, 10: 2}
AIMS = {"first": 0.35, "end": 0.4, "peak": 60.0, "search": 0.5}  # s, s, MB, GB/s; on 10 million lines
WHAT = {"first": "first screen", "end": "last line, from exec", "peak": "peak memory", "search": "plain search"}
UNITS = {"first": "s", "end": "s", "peak": "MB", "search": "GB/s"}


@dataclass(slots=True)
class Seen:
    """What was measured of one viewer on one file, and what went wrong."""

    samples: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in WHAT})
    trouble: str = ""

    def figure(self, name: str, of: str = "") -> Figure | None:
        found = self.samples[name]
        return Figure.median(found, UNITS[name], of) if found else None


def measure(runs: int) -> Sequence[Row]:
    rows: list[Row] = []
    with scratch.folder() as root:
        peers, absent = present(root)
        env = environment(root / "home")
        for viewer in (HUBTUI, *peers):  # warms every cache and does not count
            _session(viewer, log_lines.write(root / "site.log", 10 * log_lines.BLOCK), env, Seen())
        for size in SIZES:
            made = log_lines.write(root / "site.log", size * 1_000_000)
            rows += _viewed(made, size, peers, env, min(runs, MOST_RUNS[size]))
        rows += log_flood.searching(made, peers, env)
        made.path.unlink()
        rows += log_flood.following(root, peers, env)
    return rows + [Row(f"viewing a log beside {name}", None, why) for name, why in absent.items()]


def _viewed(made: log_lines.Made, size: int, peers: Sequence[Viewer], env: Mapping[str, str], runs: int) -> list[Row]:
    viewers = [HUBTUI, *peers]
    seen = {viewer.name: Seen() for viewer in viewers}
    for _ in range(runs):
        for viewer in viewers:
            if not seen[viewer.name].trouble:
                _session(viewer, made, env, seen[viewer.name])
    greps = {name: _grep(command, made, env, runs) for name, command in _greps(made).items()}
    rows: list[Row] = []
    for name in WHAT:
        rows += [_row(name, size, seen, peer) for peer in peers]
        if name == "search":
            mine = seen[HUBTUI.name].figure(name)
            rows += [
                Row(f"{WHAT[name]}, {size} M lines", mine, Figure.median(found, "GB/s", f"{grep}:"))
                for grep, found in greps.items()
            ]
    return rows


def _row(name: str, size: int, seen: Mapping[str, Seen], peer: Viewer) -> Row:
    mine, theirs = seen[HUBTUI.name].figure(name), seen[peer.name].figure(name, f"{peer.name}:")
    aim, met = "", None
    if size == SIZES[-1]:
        more = name == "search"
        aim = f"{'>=' if more else '<'} {AIMS[name]:g} {UNITS[name]}"
        met = None if mine is None else (mine.value >= AIMS[name]) if more else (mine.value < AIMS[name])
    if mine is None and theirs is None:
        return Row(f"{WHAT[name]}, {size} M lines", None, f"hubtui view: {seen[HUBTUI.name].trouble}")
    return Row(f"{WHAT[name]}, {size} M lines", mine, theirs or f"{peer.name}: {seen[peer.name].trouble}", aim, met)


def _session(viewer: Viewer, made: log_lines.Made, env: Mapping[str, str], seen: Seen) -> None:
    """One viewer from its exec to its end. What it does not show in time is its trouble; what came before it counts."""
    with View(viewer, made.path, env) as view:
        try:
            seen.samples["first"].append(view.until(view.has(log_lines.EVERY), view.began))
            view.write(viewer.end)
            seen.samples["end"].append(view.until(view.has(log_lines.LAST), view.began))
            view.settle()
            at = view.write(viewer.home)
            view.until(view.has(log_lines.FIRST), at)
            view.settle()
            at = view.ask(log_lines.NEEDLE)
            took = view.until(view.has(f"{log_lines.EVERY} {log_lines.NEEDLE}"), at, pressing=viewer.again)
            seen.samples["search"].append(made.before_needle / took / 1e9)
        except TimeoutError as error:
            seen.trouble = str(error)
        if seen.samples["first"]:
            seen.samples["peak"].append(view.tree_peak())


def _greps(made: log_lines.Made) -> dict[str, list[str]]:
    """The two that search and do nothing else, stopping at the first hit."""
    commands = {"ripgrep": ["rg", "-F", "-m1"], "grep": ["grep", "-F", "-m1"]}
    return {name: [*c, log_lines.NEEDLE, str(made.path)] for name, c in commands.items() if shutil.which(c[0])}


def _grep(command: Sequence[str], made: log_lines.Made, env: Mapping[str, str], runs: int) -> list[float]:
    return [made.before_needle / scratch.timed(command, env) / 1e9 for _ in range(runs + 1)][1:]
