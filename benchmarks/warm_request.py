"""A request to a runner that is up: from `operations.ask` (insert, commit, doorbell) until another connection sees the
job claimed. The project is up already, so the job itself has nothing to do.

The peer is SQLite with a doorbell and nothing else: a loop of ten lines in a process of its own that waits for a
datagram and claims with one UPDATE, on a store of one table, synced at every commit like ours.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import scratch
from benchmarks.bare_store import BareStore
from benchmarks.table import Figure, Row
from hubtui.models import JobType
from tests.doubles import stacks

AIM = 2.5  # milliseconds
TURNS = 5  # a request is short: five for each run that was asked for
GAP = 0.02  # seconds between two, as between two requests of a person


def measure(runs: int) -> Sequence[Row]:
    with scratch.host() as (here, root), scratch.watching(here) as watch, _bare(root) as bare:
        project = here.add(stacks.write(root / "held", {"one": {"process": scratch.SLEEP}}))
        here.start(project)

        def ours() -> tuple[float, float]:
            begun = time.perf_counter()
            job = here.ask(JobType.START, project)
            asked = time.perf_counter()
            seen = watch.until(scratch.CLAIMED, job.id)
            here.finished(job)
            time.sleep(GAP)
            return 1000 * (seen - begun), 1000 * (asked - begun)

        def theirs() -> tuple[float, float]:
            begun = time.perf_counter()
            job = bare.ask()
            asked = time.perf_counter()
            seen = bare.store.watch.until(scratch.CLAIMED, job)
            time.sleep(GAP)
            return 1000 * (seen - begun), 1000 * (asked - begun)

        mine, peer = scratch.interleaved(runs * TURNS, ours, theirs)
    claimed, bare_claimed = (Figure.median([s for s, _ in side], "ms") for side in (mine, peer))
    asked, bare_asked = (Figure.median([a for _, a in side], "ms") for side in (mine, peer))
    return [
        Row("request to claimed, runner up", claimed, bare_claimed, f"< {AIM} ms", claimed.value < AIM),
        Row("... until the caller has it committed and the bell rung", asked, bare_asked),
    ]


class _Bare:
    def __init__(self, store: BareStore, bell: Path) -> None:
        self.store = store
        self._bell = str(bell)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def ask(self) -> int:
        job = self.store.insert()
        self._socket.sendto(b"!", self._bell)
        return job

    def end(self) -> None:
        self._socket.sendto(b"end", self._bell)
        self._socket.close()


@contextmanager
def _bare(root: Path) -> Iterator[_Bare]:
    database, bell = root / "bare.db", root / "bell"
    with BareStore(database) as store:
        command = scratch.python("bare_worker", str(database), str(bell))
        with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:
            assert worker.stdout is not None
            worker.stdout.readline()
            bare = _Bare(store, bell)
            try:
                yield bare
            finally:
                bare.end()
