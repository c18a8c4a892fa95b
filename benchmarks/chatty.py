"""One chatty service: lines per second that a program gets rid of (80 bytes on average, blocks of 64 KiB), timed by
itself, through a real runner with its engine and log writer, and through a bare asyncio loop that reads 64 KiB, stamps
each line and writes the same bytes. A second each; the same size of pipe. And while it chats for longer: how late the
worst beat of the runner's heart comes, against the 2 s it is written every.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import scratch
from benchmarks.table import Figure, Row
from hubtui.models import JobType
from hubtui.workers import heartbeat
from tests.doubles import stacks
from tests.doubles.host import Host
from tests.doubles.waiting import eventually

AIM, LATE = 0.7, 2.0  # ratio; seconds
SECONDS, LONG = 1.0, 7.0


def measure(runs: int) -> Sequence[Row]:
    with scratch.host() as (here, root):
        rate = root / "rate"
        chatters = {name: {"process": _chatter(s, rate)} for name, s in (("short", SECONDS), ("long", LONG))}
        project = here.add(stacks.write(root / "chat", {"keeper": {"process": scratch.SLEEP}, **chatters}))
        here.start(project, ["keeper"])

        def ours() -> float:
            here.ask(JobType.START, project, ["short"])
            found = _rate(rate)
            eventually(lambda: here.states(project)["short"] == "exited")
            return found

        def theirs() -> float:
            log = root / "bare.log"
            subprocess.run(scratch.python("bare_log", str(log), *_chatter(SECONDS, rate)), check=True)
            log.unlink()
            return _rate(rate)

        mine, peer = scratch.interleaved(runs, ours, theirs)
        here.ask(JobType.START, project, ["long"])
        late = _worst_beat(here, project, rate)
        shutil.rmtree(here.home.logs(project), ignore_errors=True)
    row = Row("one chatty service", Figure.median(mine, "lines/s"), Figure.median(peer, "lines/s", "bare asyncio:"))
    assert row.ratio is not None
    beat = Figure(late, "s late")
    return [
        Row(row.name, row.mine, row.peer, f">= {AIM}x", row.ratio >= AIM),
        Row(f"... worst heartbeat in {LONG:.0f} s of it", beat, "", f"< {LATE:.0f} s late", late < LATE),
    ]


def _chatter(seconds: float, rate: Path) -> list[str]:
    return [sys.executable, "-P", str(scratch.HERE / "peers" / "chatter.py"), f"{seconds}", str(rate)]


def _rate(file: Path) -> float:
    """What the chatter wrote when it was done; removed for the next one."""
    eventually(file.exists, 30)
    found = float(file.read_text())
    file.unlink()
    return found


def _worst_beat(here: Host, project: str, rate: Path) -> float:
    """How late the latest beat was while the chatter chats, in seconds."""
    path = here.home.heartbeat(project)
    count, last, worst = 0, time.monotonic(), 0.0
    while not rate.exists():
        beat = heartbeat.read(path)
        now = time.monotonic()
        if beat is not None and beat.count != count:
            at = now - beat.age
            worst = max(worst, at - last - heartbeat.INTERVAL) if count else worst
            count, last = beat.count, at
        time.sleep(0.02)
    return max(worst, time.monotonic() - last - heartbeat.INTERVAL, 0.0)
