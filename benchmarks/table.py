"""What a measure found, and the one table in Markdown that all of it ends in."""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

_COLUMNS = ("measure", "hubtui", "peer or limit", "ratio", "aim", "met?")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of one side; `low` and `high` are the extremes it is taken from, `what` names the side."""

    value: float
    unit: str
    what: str = ""
    low: float | None = None
    high: float | None = None

    @staticmethod
    def median(samples: Sequence[float], unit: str, what: str = "") -> Figure:
        return Figure(statistics.median(samples), unit, what, min(samples), max(samples))

    @staticmethod
    def p95(samples: Sequence[float], unit: str, what: str = "") -> Figure:
        return Figure(percentile(samples, 0.95), unit, what, min(samples), max(samples))

    def __str__(self) -> str:
        spread = f" ({short(self.low)} to {short(self.high)})" if self.low is not None and self.high is not None else ""
        return " ".join(filter(None, [self.what, f"**{short(self.value)} {self.unit}**"])) + spread


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `peer` is a figure, or a sentence on why there is none; `met` None: no aim to judge by."""

    name: str
    mine: Figure | None
    peer: Figure | str = ""
    aim: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float | None:
        """Ours by theirs."""
        if self.mine is None or not isinstance(self.peer, Figure) or not self.peer.value:
            return None
        return self.mine.value / self.peer.value


def failed(name: str, error: BaseException) -> Row:
    """A measure that could not be taken: the benchmarks report, they never fail."""
    said = " ".join(str(error).split())[:160].replace("|", "/")
    return Row(name, None, f"could not be measured: {type(error).__name__}: {said}")


def percentile(samples: Sequence[float], share: float) -> float:
    """The sample that `share` of all samples do not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def short(value: float | None) -> str:
    """Three digits that matter: 0.0123, 1.23, 12.3, 1,230,000."""
    if value is None:
        return "?"
    if abs(value) >= 100:
        digits = len(f"{abs(value):.0f}")
        return f"{round(value, 3 - digits):,.0f}"
    return f"{value:.3g}"


def markdown(rows: Sequence[Row], runs: int) -> str:
    """The head, which says what these figures are worth, and the table."""
    return "\n".join([*_head(runs), _line(_COLUMNS), _line(["---"] * len(_COLUMNS)), *map(_cells, rows), ""])


def _head(runs: int) -> list[str]:
    load = " ".join(f"{x:.1f}" for x in os.getloadavg())
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return [
        "# Benchmarks",
        "",
        "`make bench` prints this table, `python -m benchmarks --write docs/benchmarks.md` keeps it. How each figure is"
        " taken stands in the file of its measure under `benchmarks/`.",
        "",
        f"Taken {when} on a shared, noisy machine: {os.cpu_count()} cores ({_processor()}), {platform.system()}"
        f" {platform.release().split('-')[0]}, Python {platform.python_version()}, load average {load} and"
        f" {short(_sync_ms())} ms for an fdatasync of 4 KB (median) at the end."
        f" Medians of {runs} runs unless said otherwise, in brackets the smallest and the largest; both sides took"
        " turns in the same minutes. Absolute figures are of this machine at this time: trust the ratio (ours by"
        " theirs), and take it anew on yours.",
        "",
    ]


def _sync_ms() -> float:
    """What one committed page costs here and now: no job can be acknowledged sooner."""
    found = []
    with tempfile.TemporaryFile() as file:
        for _ in range(31):
            file.write(b"x" * 4096)
            file.flush()
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            found.append(1000 * (time.perf_counter() - begun))
    return statistics.median(found)


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as table:
            return next(line.partition(":")[2].strip() for line in table if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def _cells(row: Row) -> str:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    met = {True: "yes", False: "**no**", None: ""}[row.met]
    return _line([row.name, str(row.mine or "-"), str(row.peer or "-"), ratio, row.aim, met])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
