"""Looking for what a user types through a log of half a gigabyte, beside `rg -c` and `grep -c`: plain, in any case, as
a regular expression, where hits are few and where a third of all lines are hits; and reading all that a filter leaves
of it, beside `rg` and `grep` that print the same lines. Time of the processor on each side, the file in the page cache.
"""

from __future__ import annotations

import random
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import scratch
from benchmarks.table import Figure, Row
from hubtui.logs.filtered import Filtered
from hubtui.logs.filters import Filters
from hubtui.logs.levels import Level, level_of
from hubtui.logs.opening import open_lines
from hubtui.logs.patterns import Pattern
from hubtui.logs.search import Search

SIZE = 512 * 1024 * 1024
AIM = 0.5  # GB/s
_TEXTS = (
    "INFO request served status=200 path=/api/v1/items ms=12",
    "INFO \x1b[32mGET\x1b[0m /health 200",
    "DEBUG cache miss key=user:8812",
    '{"level":"info","msg":"handled","status":200}',
    "INFO query took 14.2ms rows=20",
    "WARN slow query duration=1204ms",
    "INFO connection accepted from 10.0.0.7",
)


@dataclass(frozen=True, slots=True)
class _Look:
    name: str
    typed: str
    regex: bool = False
    case: bool = False
    aim: bool = True

    @property
    def options(self) -> list[str]:
        return [*([] if self.regex else ["-F"]), *([] if self.case else ["-i"])]


LOOKS = (
    _Look("plain", "connection refused", case=True),
    _Look("plain in any case", "connection refused"),
    _Look("plain, a third of the lines", "status", aim=False),
    _Look("letters beyond ASCII in any case", "verbindung zurückgewiesen"),
    _Look("regex", r"rror: \w+ refused", regex=True, case=True),
    _Look("regex at the line's end", r"refused id=\w+$", regex=True),
    _Look("regex without a fixed text", r"[5-9]\d{3}ms\b", regex=True, aim=False),
)


@dataclass(frozen=True, slots=True)
class _Sift:
    """`peer`: options of rg and grep that leave the same lines; None: they know no levels."""

    name: str
    filters: Filters
    peer: tuple[str, ...] | None = None


SIFTS = (
    _Sift(
        "show two of seven lines", Filters().add(Pattern("DEBUG")).add(Pattern("slow")), ("-e", "DEBUG", "-e", "slow")
    ),
    _Sift("hide a third of the lines", Filters().add(Pattern("status"), hides=True), ("-v", "-e", "status")),
    _Sift("hide all lines", Filters().add(Pattern("id="), hides=True), ("-v", "-e", "id=")),
    _Sift("error and worse", Filters(level=Level.ERROR)),
    _Sift("warning and worse", Filters(level=Level.WARNING)),
)


def measure(runs: int) -> Sequence[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.log"
        _write(path)
        rows = [row for look in LOOKS for row in _beside(look, path, min(runs, 5))]
        return rows + [row for sift in SIFTS for row in _sifted(sift, path, min(runs, 2))]


def _beside(look: _Look, path: Path, runs: int) -> list[Row]:
    peers = [name for name in ("rg", "grep") if shutil.which(name)]
    sides: list[Callable[[], float]] = [lambda: _ours(look, path)]
    sides += [lambda peer=peer: _theirs(peer, look, path) for peer in peers]  # type: ignore[misc]
    mine, *theirs = (Figure.median([SIZE / 1e9 / s for s in one], "GB/s") for one in scratch.interleaved(runs, *sides))
    aim, met = (f"> {AIM} GB/s", mine.value > AIM) if look.aim else ("", None)
    name = f"search: {look.name}"
    if not theirs:
        return [Row(name, mine, "neither ripgrep nor grep is here", aim, met)]
    figures = [
        Figure(one.value, one.unit, f"{peer} -c", one.low, one.high) for peer, one in zip(peers, theirs, strict=True)
    ]
    return [Row(name, mine, figures[0], aim, met), *(Row("... beside grep", mine, one) for one in figures[1:])]


def _ours(look: _Look, path: Path) -> float:
    lines = open_lines([path])
    try:
        search = Search(lines, Pattern(look.typed, regex=look.regex, case=look.case))
        begun = time.process_time()
        while not search.count(time.monotonic() + 0.05).exact:
            pass
        return time.process_time() - begun
    finally:
        lines.close()


def _theirs(peer: str, look: _Look, path: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    perl = ["-P"] if peer == "grep" and look.regex else []
    # Into a pipe: grep sees /dev/null and ends at the first hit.
    subprocess.run([peer, "-c", *perl, *look.options, "--", look.typed, path], stdout=subprocess.PIPE, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _sifted(sift: _Sift, path: Path, runs: int) -> list[Row]:
    peers = [name for name in ("rg", "grep") if sift.peer is not None and shutil.which(name)]
    sides: list[Callable[[], float]] = [lambda: _left(sift, path)]
    sides += [lambda peer=peer: _printed(peer, sift, path) for peer in peers]  # type: ignore[misc]
    mine, *theirs = (Figure.median([SIZE / 1e9 / s for s in one], "GB/s") for one in scratch.interleaved(runs, *sides))
    name = f"filter: {sift.name}"
    if not theirs:
        return [Row(name, mine, "" if sift.peer else "the peers know no levels")]
    return [
        Row(name, mine, Figure(one.value, one.unit, f"{peer}:", one.low, one.high))
        for peer, one in zip(peers, theirs, strict=True)
    ]


def _left(sift: _Sift, path: Path) -> float:
    """All lines that are left, a screen or two at a time, as an export or `hubtui logs` reads them."""
    lines = open_lines([path])
    try:
        left = Filtered(lines, sift.filters, level_of)
        begun, place, done = time.process_time(), left.start, False
        while not done:
            chunk = left.read(place, 500, until=time.monotonic() + 0.05)
            place, done = chunk.reached, chunk.done
        return time.process_time() - begun
    finally:
        lines.close()


def _printed(peer: str, sift: _Sift, path: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen([peer, "-F", *(sift.peer or ()), "--", path], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        while running.stdout.read(1 << 20):
            pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _write(path: Path) -> None:
    dice = random.Random(8)
    lines = []
    for n in range(100_000):
        text = dice.choice(_TEXTS) if n % 5000 else "ERROR Error: connection refused"
        lines.append(
            f"2026-11-26T03:{dice.randrange(60):02}:{dice.randrange(60):02}Z {text} id={dice.getrandbits(32):08x}\n"
        )
    block = "".join(lines).encode()
    with path.open("wb") as file:
        for _ in range(SIZE // len(block) + 1):
            file.write(block)
        file.truncate(SIZE)
