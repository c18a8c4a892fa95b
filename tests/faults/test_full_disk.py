"""A state folder on a full disk: what is new is refused in a sentence, what runs goes on, what is lost is counted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.errors import StoreError
from hubtui.models import JobState, JobType
from tests.doubles import stacks
from tests.doubles.host import Host, python
from tests.doubles.waiting import eventually
from tests.faults import invariants
from tests.faults.conftest import Tried

pytestmark = pytest.mark.root
TALKER = """
import itertools, time
for n in itertools.count():
    print(f'line {n} ' + 'x' * 200, flush=True)
    time.sleep(0.002)
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    mount = tmp_path / "disk"
    mount.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "none", mount]).returncode
    ):
        pytest.skip("needs root and permission to mount a tmpfs")
    yield mount
    subprocess.run(["umount", "-l", mount], check=True)


@pytest.fixture
def full(small_disk: Path, tmp_path: Path) -> Iterator[tuple[Host, str]]:
    """A stack that talks all the time, up on a disk that has become full meanwhile."""
    host = Host(small_disk / "state")
    services = {
        "talker": {"process": [sys.executable, "-c", TALKER]},
        "quiet": {"process": stacks.SLEEPER},
    }
    project = host.add(stacks.write(tmp_path / "talkative", services))
    host.add(stacks.write(tmp_path / "late", {"a": {"process": stacks.SLEEPER}}))
    assert host.start(project).state is JobState.SUCCESS
    fill(small_disk)
    yield host, project
    (small_disk / "ballast").unlink(missing_ok=True)
    host.close()


def fill(disk: Path) -> None:
    with pytest.raises(OSError, match="No space"), (disk / "ballast").open("ab", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


@pytest.mark.root
def test_a_full_disk_refuses_what_is_new_and_leaves_what_runs(small_disk: Path, tmp_path: Path) -> None:
    host = Host(small_disk / "state")
    up = host.add(stacks.write(tmp_path / "one", {"a": {"process": stacks.SLEEPER}}))
    assert host.start(up).state is JobState.SUCCESS
    processes = host.processes(up)
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space"), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    with pytest.raises(StoreError, match="disk is full"):
        for _ in range(50):  # the last free page of the write-ahead log may still take one
            host.ask(JobType.RESTART, up, ["a"])
            host.hub.writer.run(lambda con: con.execute("DELETE FROM jobs WHERE state = 'PENDING'"))
    assert host.processes(up) == processes
    assert "running" in python("status", up, home=host.home.root).stdout
    ballast.unlink()
    assert host.stop(up).state is JobState.SUCCESS
    host.close()


def test_a_start_is_refused_and_leaves_no_job(full: tuple[Host, str], small_disk: Path, tried: Tried) -> None:
    host, _ = full
    for _ in range(50):  # what is left of the last page takes a few
        fill(small_disk)
        before = host.con.execute("SELECT coalesce(max(id), 0) FROM jobs").fetchone()[0]
        said = python("start", "late", home=host.home.root)
        assert "Traceback" not in said.stderr
        if said.returncode:
            break
        host.finished(host.ask(JobType.STOP, "late"))
    assert said.returncode == 1
    assert re.search("disk is full|No space left", said.stderr), said.stderr
    assert host.con.execute("SELECT coalesce(max(id), 0) FROM jobs").fetchone()[0] == before, "a job after all"
    assert invariants.processes(host, "late") == []
    tried("full disk at a start")
    (small_disk / "ballast").unlink()
    invariants.hold(host, "late")


def test_a_service_that_talks_is_not_held_up_and_what_it_lost_is_counted(
    full: tuple[Host, str], small_disk: Path, tried: Tried
) -> None:
    host, project = full
    talker = host.pids(project)["talker"]

    def spoken() -> int:
        return int(Path(f"/proc/{talker}/io").read_text().split("wchar: ")[1].split()[0])

    begun = spoken()
    eventually(lambda: spoken() > begun + 100_000, 20)  # far more than a pipe holds
    assert host.pids(project)["talker"] == talker
    assert "running" in python("status", project, home=host.home.root).stdout
    (small_disk / "ballast").unlink()
    told = eventually(lambda: re.findall(r"lost (\d+) lines", python("logs", project, home=host.home.root).stdout), 20)
    assert sum(map(int, told)) > 0
    numbers = [int(n) for n in re.findall(r"line (\d+) x", python("logs", project, home=host.home.root).stdout)]
    missing = numbers[-1] + 1 - len(numbers)
    assert missing == sum(map(int, told)), "a line went without being counted"
    tried("full disk under a log")
    invariants.gone(host, project)


def test_a_stop_on_a_full_disk_works_once_there_is_space(
    full: tuple[Host, str], small_disk: Path, tried: Tried
) -> None:
    host, project = full
    before = invariants.processes(host, project)
    with pytest.raises(StoreError, match="disk is full"):
        for _ in range(50):
            fill(small_disk)
            host.hub.writer.run(lambda con: con.execute("UPDATE projects SET engine_reason = engine_reason || ' '"))
    said = python("stop", project, "--wait", home=host.home.root)
    assert "Traceback" not in said.stderr
    if said.returncode:
        assert re.search("disk is full|No space left", said.stderr), said.stderr
        assert invariants.processes(host, project) == before
    (small_disk / "ballast").unlink()
    assert python("stop", project, "--wait", home=host.home.root).returncode == 0
    assert invariants.processes(host, project) == []
    tried("full disk at a stop")
    invariants.hold(host, project)
