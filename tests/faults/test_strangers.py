"""A recorded PID that belongs to somebody else by now: never signalled, never taken for one's own."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.models import JobState
from hubtui.workers import reconcile
from tests.doubles.host import Host, python
from tests.doubles.waiting import eventually
from tests.faults import invariants
from tests.faults.conftest import Tried

LAST_PID = Path("/proc/sys/kernel/ns_last_pid")
STRANGER = """
import signal, sys, time
def told(number, frame):
    print("signalled", number, flush=True)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCONT):
    signal.signal(number, told)
print("up", flush=True)
while True:
    time.sleep(0.05)
"""


class Stranger:
    """A process that says of every signal that it got one, with a PID that was to be had."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", STRANGER], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.process.stdout.readline()

    @property
    def pid(self) -> int:
        return self.process.pid

    def told(self) -> str:
        """What signals it got; it is ended."""
        untouched = self.process.poll() is None
        self.process.kill()
        assert self.process.stdout is not None
        said = self.process.stdout.read() if untouched else f"ended: {self.process.returncode}"
        self.process.wait()
        return said


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    found = Stranger()
    yield found
    found.process.kill()
    found.process.wait()


@pytest.fixture
def reaper() -> Iterator[None]:
    """Whoever loses its parent becomes our child, so that its PID can be set free."""
    libc = ctypes.CDLL(None)
    libc.prctl(36, 1, 0, 0, 0)
    yield
    libc.prctl(36, 0, 0, 0, 0)


def double_kill(host: Host, project: str) -> None:
    """Runner and guard die at once; their services live on."""
    guard, runner = host.guard(project), host.runner(project)
    for pid, number in ((guard, signal.SIGSTOP), (runner, signal.SIGKILL), (guard, signal.SIGKILL)):
        os.kill(pid, number)
    eventually(lambda: not host.held(project), 5)


def with_pid(pid: int) -> Stranger | None:
    """A process with this very PID, where the kernel lets one choose (ns_last_pid, as root)."""
    for _ in range(200):
        try:
            LAST_PID.write_text(str(pid - 1))
        except OSError:
            return None
        made = Stranger()
        if made.pid == pid:
            return made
        made.told()
    return None


@pytest.mark.root
def test_a_service_that_died_and_whose_pid_somebody_else_has(host: Host, reaper: None, up: str, tried: Tried) -> None:
    double_kill(host, up)
    dead = host.pids(up)["a"]
    os.kill(dead, signal.SIGKILL)
    os.waitpid(dead, 0)
    stranger = with_pid(dead)
    if stranger is None:
        pytest.skip("needs root and a kernel that lets one choose the next PID")
    job = host.start(up)
    assert job.state is JobState.SUCCESS
    assert stranger.told() == ""
    tried("PID reused")
    invariants.hold(host, up, [job.id])


def test_recorded_services_that_are_strangers_now_are_not_survivors(
    host: Host, up: str, stranger: Stranger, tried: Tried
) -> None:
    """The number is another process', the start time is not."""
    double_kill(host, up)
    host.hub.writer.run(lambda con: con.execute("UPDATE services SET pid = ?", (stranger.pid,)))
    left = reconcile.survivors(host.home, host.con, up)
    assert stranger.pid not in [who.pid for who in left]
    assert python("status", up, home=host.home.root).returncode == 0
    eventually(lambda: invariants.processes(host, up) == [], 20)
    assert stranger.told() == ""
    tried("PID reused")
    invariants.hold(host, up)


def test_a_runners_number_that_is_a_strangers_now(host: Host, up: str, stranger: Stranger, tried: Tried) -> None:
    """The last heartbeat and the store name a PID; the lease says that nobody is there."""
    double_kill(host, up)
    beat = host.home.heartbeat(up)
    beat.write_text(json.dumps({**json.loads(beat.read_text()), "pid": stranger.pid}))
    host.hub.writer.run(lambda con: con.execute("UPDATE runners SET pid = ?", (stranger.pid,)))
    assert "lost" in python("status", up, home=host.home.root).stdout
    eventually(lambda: invariants.processes(host, up) == [], 20)
    assert stranger.told() == ""
    tried("PID reused")
    invariants.hold(host, up)
