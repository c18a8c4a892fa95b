"""A hundred `sleep 600` services: from asking until the store says that all are running, and until the job is SUCCESS
(every one was seen alive for a moment). With the runner up, which holds one more service; and with no runner.

The limit is an asyncio loop that starts the same hundred by Popen, two pipes and a pidfd each, and writes nothing
anywhere: told to start them when it is up, and from its exec. process-compose, where it is on the PATH, is measured
from its exec, without its screen, until all hundred are its children; it has no record and nothing outlives it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import scratch
from benchmarks.scratch import Watch
from benchmarks.table import Figure, Row
from hubtui.models import JobType
from hubtui.stacks import proctree
from tests.doubles import stacks
from tests.doubles.host import Host
from tests.doubles.waiting import eventually

COUNT = 100
AIM = 0.24  # seconds: process-compose on another machine
_RUNNING = f"SELECT count(*) >= {COUNT} FROM services WHERE project = ? AND state = 'running' AND name <> 'keeper'"
_DONE = "SELECT state = 'SUCCESS' FROM jobs WHERE id = ?"


def measure(runs: int) -> Sequence[Row]:
    names = [f"s{i:03}" for i in range(COUNT)]
    with scratch.host() as (here, root), scratch.watching(here, 0.001) as watch, _bare() as bare:
        services = {name: {"process": scratch.SLEEP} for name in names}
        cold = here.add(stacks.write(root / "cold", services))
        warm = here.add(stacks.write(root / "warm", {**services, "keeper": {"process": scratch.SLEEP}}))
        here.start(warm, ["keeper"])

        def ours_warm() -> tuple[float, float]:
            found = _up(here, watch, warm)
            here.stop(warm, names)
            return found

        def ours_cold() -> tuple[float, float]:
            found = _up(here, watch, cold)
            here.stop(cold)
            scratch.free(here, cold)
            return found

        def bare_warm() -> tuple[float, float]:
            seconds = _said(bare, "up")
            _said(bare, "down")
            return seconds, seconds

        peer = shutil.which("process-compose")
        sides = [ours_warm, bare_warm, ours_cold, _bare_cold]
        if peer:
            sides.append(lambda: _theirs(peer, _their_file(root)))
        w, bw, c, bc, *theirs = scratch.interleaved(runs, *sides)
    running, done = Figure.median([r for r, _ in w], "s"), Figure.median([d for _, d in w], "s")
    limit = Figure.median([r for r, _ in bw], "s", "bare asyncio + Popen + pidfd:")
    cold_running, cold_done = Figure.median([r for r, _ in c], "s"), Figure.median([d for _, d in c], "s")
    cold_limit = Figure.median([r for r, _ in bc], "s", "bare, from its exec:")
    beside = Figure.median([r for r, _ in theirs[0]], "s", "process-compose, from its exec:") if theirs else None
    return [
        Row(f"{COUNT} processes: all running, runner up", running, limit, f"< {AIM} s", running.value < AIM),
        Row("... the job is SUCCESS", done, limit, f"< {AIM} s", done.value < AIM),
        Row("... all running, no runner up", cold_running, beside or "process-compose is not installed"),
        Row("... the job is SUCCESS, no runner up", cold_done, cold_limit),
    ]


def _their_file(root: Path) -> Path:
    """The same hundred for process-compose. It has a shell start each; `exec` leaves none in between."""
    file = root / "process-compose.yaml"
    processes = {f"s{i:03}": {"command": "exec " + " ".join(scratch.SLEEP)} for i in range(COUNT)}
    file.write_text(json.dumps({"version": "0.5", "processes": processes}))
    return file


def _theirs(program: str, file: Path) -> tuple[float, float]:
    command = [program, "up", "--tui=false", "--no-server", "--disable-dotenv", "-L", str(file.with_suffix(".log"))]
    begun = time.perf_counter()
    with subprocess.Popen([*command, "-f", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: len(proctree.children(process.pid)) >= COUNT, 20, 0.001)
            return time.perf_counter() - begun, 0.0
        finally:
            process.terminate()


def _up(here: Host, watch: Watch, project: str) -> tuple[float, float]:
    begun = time.perf_counter()
    job = here.ask(JobType.START, project)
    running = watch.until(_RUNNING, project) - begun
    return running, watch.until(_DONE, job.id) - begun


@contextmanager
def _bare() -> Iterator[subprocess.Popen[str]]:
    command = scratch.python("bare_hundred", str(COUNT))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process  # stdin is closed then: it ends what it holds, and itself


def _said(process: subprocess.Popen[str], word: str) -> float:
    assert process.stdin and process.stdout
    begun = time.perf_counter()
    process.stdin.write(f"{word}\n")
    process.stdin.flush()
    assert process.stdout.readline() == f"{word}\n"
    return time.perf_counter() - begun


def _bare_cold() -> tuple[float, float]:
    begun = time.perf_counter()
    with _bare() as process:
        _said(process, "up")
        return time.perf_counter() - begun, 0.0
