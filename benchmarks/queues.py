"""The job queues that hubtui is measured beside, each ready for use: a broker or a store, and one warm worker."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks import scratch
from benchmarks.peers.sheet import Sheet
from tests.doubles.stacks import free_ports

PLACES = 100_000  # jobs that one side may be asked for
FASTEST = 0.001  # seconds between two polls of huey: below it its worker does little else
READY = 20.0  # seconds for a worker to begin its first job


class Opened(NamedTuple):
    """How to ask for job number N, and the worker's process."""

    ask: Callable[[int], object]
    worker: int


@dataclass(frozen=True, slots=True)
class Peer:
    """How a queue is called, whether what it acknowledged survives a power cut, how it is opened in a folder, and
    whether its worker keeps looking instead of waiting for a word."""

    name: str
    durable: bool
    open: Callable[[ExitStack, Path, Sheet, Path], Opened]
    polls: bool = False


class Queue:
    """An open queue whose worker is warm."""

    def __init__(self, peer: Peer, opened: Opened, sheet: Sheet) -> None:
        self.peer = peer
        self.worker = opened.worker
        self._ask = opened.ask
        self._sheet = sheet
        self._next = 0

    def warm(self) -> None:
        """Wait until the worker has done a first job."""
        self._ask(self._place())
        self._sheet.wait(0, 0, READY)

    def one(self) -> float:
        """Seconds from asking for a job to its beginning, as its worker saw it."""
        place = self._place()
        begun = time.perf_counter()
        self._ask(place)
        return self._sheet.wait(place, place) - begun

    def burst(self, count: int) -> tuple[float, float]:
        """Seconds until so many jobs were asked for, and until the last of them began."""
        places = [self._place() for _ in range(count)]
        begun = time.perf_counter()
        for place in places:
            self._ask(place)
        asked = time.perf_counter()
        return asked - begun, self._sheet.wait(places[0], places[-1]) - begun

    def _place(self) -> int:
        self._next += 1
        return self._next - 1


def missing(peer: Peer) -> str:
    """What is not here that this peer needs, "" where all is."""
    wanted = ("celery", "redis") if peer.name.startswith("Celery") else ("huey",)
    absent = [name for name in wanted if importlib.util.find_spec(name) is None]
    if absent:
        return f"not measured: {' and '.join(absent)} not installed (make bench does, or pip install -e '.[bench]')"
    if "celery" in wanted and shutil.which("redis-server") is None:
        return "not measured: no redis-server here (apt-get install redis-server)"
    return ""


@contextmanager
def opened(peer: Peer, folder: Path) -> Iterator[Queue]:
    """This peer, ready. Raises OSError, TimeoutError where it does not get up."""
    folder.mkdir(parents=True)
    path = folder / "sheet"
    sheet = Sheet(path, PLACES)
    with ExitStack() as stack:
        queue = Queue(peer, peer.open(stack, folder, sheet, path), sheet)
        queue.warm()
        yield queue


def _celery(pool: str, redis: list[str], stack: ExitStack, folder: Path, sheet: Sheet, path: Path) -> Opened:
    from benchmarks.peers import celery_worker

    port = free_ports(1)[0]
    server = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), *redis]
    stack.enter_context(_running(server, folder / "redis.log"))
    _listens(port)
    broker = f"redis://127.0.0.1:{port}/0"
    worker = [sys.executable, "-m", "benchmarks.peers.celery_worker", broker, str(path), pool]
    pid = stack.enter_context(_running(worker, folder / "worker.log"))
    task = celery_worker.task(broker, sheet)
    stack.callback(task.app.close)
    return Opened(lambda place: task.delay(place), pid)


def _huey(poll: list[str], stack: ExitStack, folder: Path, sheet: Sheet, path: Path) -> Opened:
    from benchmarks.peers import huey_worker

    store = str(folder / "huey.db")
    task = huey_worker.task(store, sheet)
    worker = [sys.executable, "-m", "benchmarks.peers.huey_worker", store, str(path), *poll]
    pid = stack.enter_context(_running(worker, folder / "worker.log"))
    return Opened(lambda place: task(place), pid)


@contextmanager
def _running(command: list[str], log: Path) -> Iterator[int]:
    with (
        log.open("wb") as said,
        subprocess.Popen(command, stdout=said, stderr=said, cwd=scratch.HERE.parent, env=os.environ) as process,
    ):
        try:
            yield process.pid
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()


def _listens(port: int) -> None:
    deadline = time.monotonic() + READY
    while True:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        if time.monotonic() > deadline:
            raise TimeoutError(f"redis-server does not listen on {port}")
        time.sleep(0.02)


_SYNCED = ["--appendonly", "yes", "--appendfsync", "always"]
PEERS = (
    Peer("Celery, prefork, Redis synced at every write", True, partial(_celery, "prefork", _SYNCED)),
    Peer("Celery, threads, Redis synced at every write", True, partial(_celery, "threads", _SYNCED)),
    Peer(
        "Celery, prefork, Redis as it comes (a power cut loses what was acknowledged)",
        False,
        partial(_celery, "prefork", []),
    ),
    Peer("huey on SQLite, as it comes, synced", True, partial(_huey, [])),
    Peer(f"huey on SQLite, a poll every {1000 * FASTEST:g} ms, synced", True, partial(_huey, [str(FASTEST)]), True),
)
