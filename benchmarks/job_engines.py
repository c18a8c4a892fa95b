"""Asking for a job until it begins, with its runner up, beside job queues that are as warm: Celery on Redis and huey on
SQLite, all in one run, in turns.

Ours is the time from `operations.ask` until another connection sees the job claimed, which is after the claim's own
synced commit; theirs until the first line of the task, by the task's own clock, with nothing written about it. Then a
burst of jobs that have nothing to do: how many are asked for, and how many done, in a second. Ours are starts of
services that are up, in two projects, since two jobs at once is what a host does; each worker has two hands, too.
Each of our jobs reads its compose file anew and leaves its attempt, steps and events in the store; of theirs nothing
is left.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import psutil

from benchmarks import queues, scratch
from benchmarks.table import Figure, Row
from hubtui.models import JobType
from tests.doubles import stacks
from tests.doubles.host import Host

TURNS = 5  # a request is short: five for each run that was asked for
GAP = 0.02  # seconds between two, as between two requests of a person
BURST = 200  # jobs
BURSTS = 5
IDLE = 5.0  # seconds
SERVICES = ("a", "b", "c", "d", "e", "f", "g")  # their 127 sets are as many starts that differ
AHEAD = "< 1x"


def measure(runs: int) -> Sequence[Row]:
    """Those that wait for a word are all up at once; the one that polls all the time would slow them, and has a turn of
    its own with hubtui."""
    with scratch.host() as (here, root), scratch.watching(here) as watch:
        ours = _Ours(here, watch, root)
        quiet = _beside(runs, ours, root / "quiet", [peer for peer in queues.PEERS if not peer.polls])
        return [*quiet, *_beside(runs, ours, root / "polling", [peer for peer in queues.PEERS if peer.polls])]


def _beside(runs: int, ours: _Ours, root: Path, peers: Sequence[queues.Peer]) -> list[Row]:
    absent = {peer.name: why for peer in peers if (why := queues.missing(peer))}
    found: list[queues.Queue] = []
    with ExitStack() as stack:
        for number, peer in enumerate(p for p in peers if p.name not in absent):
            try:
                found.append(stack.enter_context(queues.opened(peer, root / str(number))))
            except Exception as error:
                absent[peer.name] = f"not measured: {type(error).__name__}: {error}"
        idle = _idle([ours.worker, *(queue.worker for queue in found)]) if found else []
        begun = scratch.interleaved(runs * TURNS, *map(_spaced, [ours.one, *(queue.one for queue in found)]))
        bursts = scratch.interleaved(min(runs, BURSTS), *map(_burst, [ours.burst, *(queue.burst for queue in found)]))
    rows: list[Row] = []
    for number, queue in enumerate(found, 1):
        rows += _latency(queue, begun[0], begun[number])
        rows += _throughput(queue, ours.told, bursts[0], bursts[number])
        shares = (Figure(idle[0], "% of a core"), Figure(idle[number], "% of a core", f"{queue.peer.name}:"))
        rows.append(Row("the warm worker, idle", *shares))
    return rows + [Row(f"asked to begun, beside {name}", None, why) for name, why in absent.items()]


def _idle(workers: Sequence[int]) -> list[float]:
    """Per cent of a core that each of these processes takes with its children, in the same seconds."""
    before = [_spent(pid) for pid in workers]
    time.sleep(IDLE)
    return [100 * (_spent(pid) - spent) / IDLE for pid, spent in zip(workers, before, strict=True)]


def _spent(pid: int) -> float:
    """Processor time so far, by CPU clocks: /proc/PID/stat counts in ticks of 10 ms only."""
    family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    return sum(time.clock_gettime(~member << 3 | 2) for member in family)


def _spaced(side: Callable[[], float]) -> Callable[[], float]:
    def turn() -> float:
        time.sleep(GAP)
        return 1000 * side()

    return turn


def _burst(side: Callable[[int], tuple[float, float]]) -> Callable[[], tuple[float, float]]:
    return lambda: side(BURST)


def _latency(queue: queues.Queue, mine: Sequence[float], theirs: Sequence[float]) -> Iterator[Row]:
    """p50 and p95. To be ahead is an aim only where the other keeps what it acknowledged, as hubtui does."""
    for label, figure in (("p50", Figure.median), ("p95", Figure.p95)):
        row = Row(f"asked to begun, {label}", figure(mine, "ms"), figure(theirs, "ms", f"{queue.peer.name}:"))
        assert row.ratio is not None
        yield Row(row.name, row.mine, row.peer, *((AHEAD, row.ratio < 1) if queue.peer.durable else ()))


def _throughput(
    queue: queues.Queue, told: float, mine: Sequence[tuple[float, float]], theirs: Sequence[tuple[float, float]]
) -> Iterator[Row]:
    """`told` is how many events each of our jobs left in the store."""
    for number, label in enumerate(("asked for", f"done, {told:.0f} events a job in the store")):
        yield Row(
            f"burst of {BURST}: {label}",
            Figure.median([BURST / pair[number] for pair in mine], "jobs/s"),
            Figure.median([BURST / pair[number] for pair in theirs], "jobs/s", f"{queue.peer.name}:"),
        )


class _Ours:
    """Two projects that are up, and what is asked of them."""

    def __init__(self, here: Host, watch: scratch.Watch, root: Path) -> None:
        self._here, self._watch = here, watch
        services = {name: {"process": scratch.SLEEP} for name in SERVICES}
        self._projects = [here.add(stacks.write(root / name, services)) for name in ("left", "right")]
        for project in self._projects:
            here.start(project)
        self.worker = here.runner(self._projects[0])
        self.told = 0.0  # events of one job of the last burst
        sets = [c for size in range(1, len(SERVICES) + 1) for c in itertools.combinations(SERVICES, size)]
        self._wanted = [(project, services) for services in sets for project in self._projects]

    def one(self) -> float:
        begun = time.perf_counter()
        job = self._here.ask(JobType.START, self._projects[0])
        seen = self._watch.until(scratch.CLAIMED, job.id)
        self._here.finished(job)
        return seen - begun

    def burst(self, count: int) -> tuple[float, float]:
        begun = time.perf_counter()
        asked = [self._here.ask(JobType.START, project, services) for project, services in self._wanted[:count]]
        between = time.perf_counter()
        assert len({job.id for job in asked}) == count
        done = self._watch.until(_ALL_DONE, asked[0].id, seconds=120)
        self.told = self._here.con.execute(_TOLD, (asked[0].id,)).fetchone()[0] / count
        return between - begun, done - begun


_TOLD = "SELECT count(*) FROM events WHERE job >= ?"
_ALL_DONE = "SELECT count(*) = 0 FROM jobs WHERE id >= ? AND finished_at IS NULL"
