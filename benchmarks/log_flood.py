"""What a log viewer does while it is busy.

Searching: a word that is nowhere is searched for in 10 million lines; meanwhile page down is pressed again and again,
and timed until the lines on the screen have moved. Following: a program appends 100,000 lines a second, each with the
time it was written at; every 20 ms the newest time on the screen is compared with the clock: so far it is behind. The
viewer's processor time is taken, too. In a second flood, letters are typed into the prompt of the search, each timed
until it stands there.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

import psutil

from benchmarks import log_lines, scratch
from benchmarks.log_viewers import HUBTUI, PATIENCE, View, Viewer
from benchmarks.table import Figure, Row, percentile

RATE, SECONDS = 100_000, 5.0
LOOK = 0.02  # seconds between two looks at the screen
AIM_BEHIND, AIM_KEY = 200.0, 50.0  # ms
PRESSES = 1.0  # seconds of pressing, while 1 GB is searched
LETTERS = 25
T = TypeVar("T")
Env: TypeAlias = Mapping[str, str]
STAMP = re.compile(r"q(\d{9})q")


class Flood(NamedTuple):
    """How far the screen is behind (ms, one of each look), when it had all after the last line (s), processor s."""

    behind: list[float]
    caught_up: float
    cpu: float


def searching(made: log_lines.Made, peers: Sequence[Viewer], env: Env) -> list[Row]:
    """How soon keys are answered while a search runs through the whole file."""
    found = {v.name: _tried(_press_page, v, made.path, env) for v in (HUBTUI, *peers) if v.moves_while_searching}
    deaf = {v.name: "its keys move nothing while a search is open" for v in peers if not v.moves_while_searching}
    return _key_rows("key while it searches, p95", {**found, **deaf})


def following(root: Path, peers: Sequence[Viewer], env: Env) -> list[Row]:
    """How far behind each is, and how soon keys are answered meanwhile."""
    file = root / "flood.log"
    floods = {v.name: _tried(_flood, v, file, env) for v in (HUBTUI, *peers)}
    typed = {v.name: _tried(_type, v, file, env) for v in (HUBTUI, *peers) if v.types_while_following}
    deaf = {v.name: "it takes no keys while it follows" for v in peers if not v.types_while_following}
    return [*_flood_rows(floods), *_key_rows("key while it follows, p95", {**typed, **deaf})]


def _tried(measure: Callable[[Viewer, Path, Env], T], viewer: Viewer, file: Path, env: Env) -> T | str:
    """What was measured, or why it could not be."""
    try:
        return measure(viewer, file, env)
    except (TimeoutError, OSError, psutil.Error) as error:
        return f"could not be measured: {error}"


def _press_page(viewer: Viewer, file: Path, env: Env) -> list[float]:
    """Milliseconds from each press of page down until the lines have moved."""
    with View(viewer, file, env) as view:
        view.until(view.has(log_lines.EVERY), view.began)
        view.write(viewer.home)
        view.until(view.has(log_lines.FIRST), view.began)
        view.settle()
        begun, found = view.ask("that-is-in-no-line"), []
        while time.perf_counter() < begun + PRESSES:
            before = view.body()
            at = view.write(viewer.page)
            found.append(1000 * view.until(lambda: view.body() != before, at))  # noqa: B023
            time.sleep(LOOK)
        return found


def _flood(viewer: Viewer, file: Path, env: Env) -> Flood:
    """How far one viewer is behind a writer, from its second second on."""
    with _following(viewer, file, env) as view:
        spent, begun = view.tree_cpu(), time.perf_counter()
        with _writer(file) as writer:
            writer.wait()
        ended, cpu = time.perf_counter(), view.tree_cpu() - spent
        view.settle(0.7, PATIENCE)
        behind, caught_up, last, newest = [], None, _newest([_last_line(file)]), 0
        for at, rows in view.looks(LOOK, begun, time.perf_counter()):
            newest = max(newest, _newest(rows))
            if begun + 1 < at < ended and newest:
                behind.append(1000 * at - newest)
            if caught_up is None and newest == last:
                caught_up = max(at - ended, 0.0)
    if caught_up is None or not behind:
        raise TimeoutError(f"never showed the last line within {PATIENCE:g} s")
    return Flood(behind, caught_up, cpu)


def _type(viewer: Viewer, file: Path, env: Env) -> list[float]:
    """Milliseconds from typing each letter at the prompt until it stands there, in a flood."""
    with _following(viewer, file, env) as view, _writer(file):
        time.sleep(1)
        view.write(viewer.find)
        time.sleep(0.5)
        found = []
        for count in range(1, LETTERS + 1):
            at = view.write(b"z")
            found.append(1000 * view.until(view.has("z" * count), at, 10))
            time.sleep(LOOK)
        return found


@contextlib.contextmanager
def _following(viewer: Viewer, file: Path, env: Env) -> Iterator[View]:
    """A viewer that follows a log with a screen of lines in it."""
    file.write_bytes(b"".join(b"%s line %d before the flood\n" % (log_lines.EVERY.encode(), n) for n in range(100)))
    try:
        with View(viewer, file, env) as view:
            view.until(view.has(log_lines.EVERY), view.began)
            view.settle()
            view.write(viewer.follow)
            view.settle()
            yield view
    finally:
        file.unlink()


@contextlib.contextmanager
def _writer(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program that floods the log; ended with the block."""
    with subprocess.Popen(scratch.python("log_writer", str(file), str(RATE), str(SECONDS))) as writer:
        try:
            yield writer
        finally:
            writer.kill()


def _newest(rows: Sequence[str]) -> int:
    """The newest time on the screen, 0 if there is none."""
    return max((int(at) for row in rows for at in STAMP.findall(row)), default=0)


def _last_line(file: Path) -> str:
    with open(file, "rb") as lines:
        lines.seek(-200, 2)
        return lines.read().decode().splitlines()[-1]


def _flood_rows(floods: Mapping[str, Flood | str]) -> list[Row]:
    rows = []
    for title, unit, aim, value in (
        ("behind, p95", "ms", AIM_BEHIND, lambda f: percentile(f.behind, 0.95)),
        ("all shown after its end", "s", None, lambda f: f.caught_up),
        (f"processor time of {SECONDS:g} s", "s", None, lambda f: f.cpu),
    ):
        made = {n: f if isinstance(f, str) else value(f) for n, f in floods.items()}
        rows += _beside(f"following {RATE:,} lines/s: {title}", unit, aim, made)
    return rows


def _key_rows(title: str, found: Mapping[str, list[float] | str]) -> list[Row]:
    made = {n: f if isinstance(f, str) else percentile(f, 0.95) for n, f in found.items()}
    return _beside(title, "ms", AIM_KEY, made)


def _beside(title: str, unit: str, aim: float | None, made: Mapping[str, float | str]) -> list[Row]:
    """A row for each peer, or what it cannot."""
    ours = made[HUBTUI.name]
    mine = None if isinstance(ours, str) else Figure(ours, unit)
    met = None if mine is None or aim is None else mine.value < aim
    rows = []
    for name, theirs in made.items():
        if name != HUBTUI.name:
            peer = f"{name}: {theirs}" if isinstance(theirs, str) else Figure(theirs, unit, f"{name}:")
            rows.append(Row(title, mine, peer, "" if aim is None else f"< {aim:g} {unit}", met))
    return [*rows, Row(title, None, f"{HUBTUI.name}: {ours}")] if isinstance(ours, str) else rows
