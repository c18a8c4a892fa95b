"""Take every measure, or those named, and print one table. It reports; it never fails a build."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import scratch
from benchmarks.table import Row, failed, markdown

MEASURES = (
    "first_name",
    "key_to_paint",
    "key_to_job",
    "cold_runner",
    "warm_request",
    "job_engines",
    "ls",
    "compose_config",
    "compose_start",
    "idle",
    "big_store",
    "log_drawing",
    "log_search",
    "hundred",
    "chatty",
    "log_view",
    "dagger",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASURES)}; all if none is given")
    parser.add_argument("--runs", type=int, default=15, help="how many of each side (default 15)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="keep the table in this file, too")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(MEASURES):
        parser.error(f"no measure is called {', '.join(sorted(unknown))}; there are: {', '.join(MEASURES)}")
    with scratch.folder() as settings:
        scratch.clean_environment(settings)
        rows = [row for name in chosen.names or MEASURES for row in take(name, max(1, chosen.runs))]
    text = markdown(rows, chosen.runs)
    print(text)
    if chosen.write:
        chosen.write.parent.mkdir(parents=True, exist_ok=True)
        chosen.write.write_text(text, encoding="utf-8")


def take(name: str, runs: int) -> Sequence[Row]:
    """One measure; what goes wrong in it becomes its row."""
    begun = time.monotonic()
    try:
        rows: Sequence[Row] = importlib.import_module(f"benchmarks.{name}").measure(runs)
    except Exception as error:
        rows = [failed(name, error)]
    for row in rows:
        ratio = "" if row.ratio is None else f", {row.ratio:.2f}x of {row.peer}"
        print(f"{row.name}: {row.mine or row.peer}{ratio}", file=sys.stderr)
    print(f"  {name} took {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return rows


main()
