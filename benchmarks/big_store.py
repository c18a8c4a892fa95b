"""A hundred thousand jobs and five million events in the store, beside the same fifty projects with a month of them:
what years of history cost whoever opens the dashboard, asks for a list or follows the feed."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence

from benchmarks import scratch
from benchmarks.table import Figure, Row
from benchmarks.terminal import Terminal
from hubtui.paths import Home
from hubtui.store import connect, events, jobs, projects
from tests.doubles import bigstore

JOBS, EVENTS = 100_000, 5_000_000
SIZE = "100,000 jobs, 5 M events"
OPENS, PAGE = 1.0, 10.0  # seconds; milliseconds
LOOKS = 20  # a look at the store is short: so many for each run that was asked for
YOUNG = "with 2,000 jobs:"


def measure(runs: int) -> Sequence[Row]:
    with scratch.folder() as root:
        old, young = Home(root / "old"), Home(root / "young")
        begun = time.monotonic()
        bigstore.make(old, JOBS, EVENTS)
        bigstore.make(young, 2000, 4000)
        made = time.monotonic() - begun
        assert made < 60, f"it took {made:.0f} s to make"
        shown = scratch.interleaved(runs, lambda: _opens(old), lambda: _opens(young))
        rows = [_row(f"first project on the screen, {SIZE}", shown, "s", OPENS)]
        for words in (["ls"], ["jobs"], ["jobs", bigstore.name(0), "-n", "100"]):
            took = scratch.interleaved(runs, lambda w=words: _answers(old, w), lambda w=words: _answers(young, w))  # type: ignore[misc]
            rows.append(_row(f"`hubtui {' '.join(words)}`, {SIZE}", took, "s", None))
        return rows + _looks(runs, old, young)


def _row(name: str, sides: Sequence[Sequence[float]], unit: str, aim: float | None) -> Row:
    mine, peer = Figure.median(sides[0], unit), Figure.median(sides[1], unit, YOUNG)
    return Row(name, mine, peer, *((f"< {aim:g} {unit}", mine.value < aim) if aim else ()))


def _opens(home: Home) -> float:
    with Terminal(scratch.hubtui(), scratch.environment(HUBTUI_HOME=str(home.root))) as terminal:
        return terminal.shown(bigstore.name(0))


def _answers(home: Home, words: Sequence[str]) -> float:
    return scratch.timed([*scratch.hubtui(), *words], scratch.environment(HUBTUI_HOME=str(home.root)))


def _looks(runs: int, old: Home, young: Home) -> list[Row]:
    """Reads of a screen and of the feed, by a connection that is open already."""
    busy = bigstore.name(0)
    looks: dict[str, Callable[[sqlite3.Connection], object]] = {
        "list of all projects": projects.listing,
        "one project, whole": lambda con: projects.view(con, busy),
        "100 jobs of a project": lambda con: jobs.NEWEST_OF_PROJECT.all(con, busy, 100),
        "the feed's look after a change": _tick,
    }
    cons = [connect.open_reader(home) for home in (old, young)]
    try:
        return [
            _row(f"{name}, {SIZE}", scratch.interleaved(LOOKS * runs, *(_timed(look, con) for con in cons)), "ms", PAGE)
            for name, look in looks.items()
        ]
    finally:
        for con in cons:
            con.close()


def _tick(con: sqlite3.Connection) -> None:
    """What the feed reads of three new events of one project."""
    for event in events.AFTER.all(con, (events.LAST_SEQ.first(con) or 0) - 3):
        projects.view(con, event.project)


def _timed(look: Callable[[sqlite3.Connection], object], con: sqlite3.Connection) -> Callable[[], float]:
    def turn() -> float:
        begun = time.perf_counter()
        look(con)
        return 1000 * (time.perf_counter() - begun)

    return turn
