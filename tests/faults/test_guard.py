"""The guard outlives what its runner dies of, and what it is sent itself, until nothing of the runner is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hubtui.models import EndReason, JobState
from tests.doubles import stacks
from tests.doubles.host import Host
from tests.doubles.waiting import eventually

# Sends a process SIGTERM without a pause until it is gone.
STORM = """
import os, sys
try:
    while True:
        os.kill(int(sys.argv[1]), 15)
except ProcessLookupError:
    pass
"""
# A process with a child of another user, as `sudo` leaves one, ends what is left below it as a guard does.
FOREIGN_CHILD = """
import os, time
from hubtui.workers import guard
guard.children()  # what this imports nobody else may read later
ready, told = os.pipe()
if (child := os.fork()) == 0:
    os.setuid(65533)
    os.write(told, b"!")
    time.sleep(1)
    os._exit(0)
os.read(ready, 1)
os.setuid(65534)
guard.end_all({})
print(guard.children())
"""


@pytest.fixture
def stubborn(host: Host, tmp_path: Path) -> str:
    """A project, up, whose service ignores TERM for a second."""
    services = {"a": {"process": stacks.STUBBORN, "stop_grace_period": "1s"}}
    project = host.add(stacks.write(tmp_path / "stubborn", services))
    assert host.start(project).state is JobState.SUCCESS
    return project


def all_of_it_ends(host: Host, project: str, how: str) -> None:
    """The lease is freed only when no process is left, and the run is lost."""
    eventually(lambda: not host.held(project) or not host.processes(project), 10.0)
    assert host.processes(project) == []
    eventually(lambda: not host.held(project), 5.0)
    run = host.view(project).project.run
    assert run is not None
    assert (run.end_reason, run.detail) == (EndReason.LOST, how)


def test_a_runner_is_killed_by_a_signal_without_a_name(host: Host, stubborn: str) -> None:
    os.kill(host.runner(stubborn), signal.SIGRTMIN + 6)
    all_of_it_ends(host, stubborn, f"the runner was killed by signal {signal.SIGRTMIN + 6}")


def test_a_guard_is_told_to_end_at_the_moment_its_runner_dies(host: Host, stubborn: str) -> None:
    """It hands on what it is told, up to the moment in which there is nobody any more to hand it to."""
    runner, guard = host.runner(stubborn), host.guard(stubborn)
    os.kill(runner, signal.SIGSTOP)  # it does not end by itself meanwhile
    with subprocess.Popen([sys.executable, "-c", STORM, str(guard)]) as storm:
        eventually(lambda: _cpu(storm.pid) > 5)
        os.kill(runner, signal.SIGKILL)
        all_of_it_ends(host, stubborn, "the runner was killed by SIGKILL")
        storm.wait(10)


def _cpu(pid: int) -> int:
    """Clock ticks that it has spent in the kernel so far."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[12])


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a child of another user")
def test_what_became_another_users_is_waited_for() -> None:
    done = subprocess.run([sys.executable, "-c", FOREIGN_CHILD], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("umask", [0o022, 0o007])
def test_what_a_service_writes_has_the_rights_that_its_user_gives(host: Host, tmp_path: Path, umask: int) -> None:
    """Guard and runner write for nobody else; a service writes as it would when started by hand."""
    script = "touch {}; exec sleep 600"
    web = {
        "process": ["sh", "-c", script.format("served")],
        "build_process": ["touch", "built"],
        "health": ["sh", "-c", "touch checked"],
    }
    project = host.add(stacks.write(tmp_path / "web", {"a": web}))
    before = os.umask(umask)
    try:
        assert host.start(project).state is JobState.SUCCESS
    finally:
        os.umask(before)
    for name in ("served", "built", "checked"):
        assert (tmp_path / "web" / name).stat().st_mode & 0o777 == 0o666 & ~umask, name
    for file in host.home.run(project).iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
