"""From asking to a start's first progress where no runner is up: `operations.ask` in this process (a job committed, a
guard and a runner started, the job claimed) until another connection sees the job's row leave PENDING.

The limit is a Python that imports sqlite3 alone, opens a store and claims a row in it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import scratch
from benchmarks.bare_store import BareStore
from benchmarks.table import Figure, Row
from hubtui.models import JobType
from tests.doubles import stacks

AIM = 0.3  # seconds
_CLAIM = (
    "import sqlite3, sys; con = sqlite3.connect(sys.argv[1]); con.execute('PRAGMA synchronous=FULL');"
    "con.execute(\"UPDATE jobs SET state = 'BUILDING' WHERE state = 'PENDING'\"); con.commit()"
)


def measure(runs: int) -> Sequence[Row]:
    with scratch.host() as (here, root), scratch.watching(here) as watch, BareStore(root / "bare.db") as bare:
        project = here.add(stacks.write(root / "trivial", {"one": {"process": scratch.TRUE}}))

        def ours() -> float:
            begun = time.perf_counter()
            job = here.ask(JobType.START, project)
            seconds = watch.until(scratch.CLAIMED, job.id) - begun
            here.finished(job)
            scratch.free(here, project)
            return seconds

        mine, theirs = scratch.interleaved(runs, ours, lambda: _bare(bare, root / "bare.db"))
    figure = Figure.median(mine, "s")
    limit = Figure.median(theirs, "s", "Python + sqlite3 that claims a row:")
    return [Row("start to first progress, cold runner", figure, limit, f"< {AIM} s", figure.value < AIM)]


def _bare(store: BareStore, path: Path) -> float:
    begun = time.perf_counter()
    job = store.insert()
    with subprocess.Popen([sys.executable, "-P", "-c", _CLAIM, str(path)]):
        return store.watch.until(scratch.CLAIMED, job) - begun
