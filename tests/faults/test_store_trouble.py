"""A store that fails says so in a sentence, and no running stack notices."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from hubtui.models import JobState, JobType
from hubtui.stacks import proctree
from hubtui.store import lock
from tests.doubles import stacks
from tests.doubles.host import Host, python
from tests.doubles.waiting import eventually


def put_aside(host: Host) -> Path:
    """Take the store away, as a careless `rm` does; returns where a copy is."""
    copy = host.home.root.parent / "copy"
    copy.mkdir()
    for suffix in ("", "-wal", "-shm"):
        if Path(f"{host.home.database}{suffix}").exists():
            shutil.move(f"{host.home.database}{suffix}", copy)
    return copy


def put_back(host: Host, copy: Path) -> None:
    for file in copy.iterdir():
        shutil.move(file, host.home.root)


@pytest.fixture
def up(host: Host, tmp_path: Path) -> str:
    project = host.add(stacks.write(tmp_path / "one", {"a": {"process": stacks.SLEEPER}}))
    assert host.start(project).state is JobState.SUCCESS
    return project


def test_a_store_that_went_missing_is_said_and_never_made_anew(host: Host, up: str) -> None:
    processes = host.processes(up)
    copy = put_aside(host)
    for verb in (["ls"], ["start", up], ["status", up]):
        said = python(*verb, home=host.home.root)
        assert said.returncode == 1
        assert "missing or empty" in said.stderr
        assert "Traceback" not in said.stderr
    assert not host.home.database.exists(), "nothing silently new and empty"
    assert host.processes(up) == processes
    put_back(host, copy)
    assert "running" in python("status", up, home=host.home.root).stdout
    host.con = host.hub.reader()
    assert host.stop(up).state is JobState.SUCCESS


def test_a_runner_killed_without_a_store_is_cleaned_up_and_told_later(host: Host, up: str) -> None:
    runner = host.runner(up)
    copy = put_aside(host)
    os.kill(runner, signal.SIGKILL)
    eventually(lambda: not host.held(up), 10)
    assert host.home.lost_note(up).read_text() == "the runner was killed by SIGKILL"
    put_back(host, copy)
    said = python("status", up, home=host.home.root).stdout
    assert "lost" in said
    assert "SIGKILL" in said
    host.con = host.hub.reader()


def test_a_state_folder_removed_whole_ends_what_could_be_doubled(tmp_path: Path) -> None:
    """Without its lease file nothing would keep a second runner away, and nobody could steer the first."""
    host = Host(tmp_path / "removed")
    up = host.add(stacks.write(tmp_path / "one", {"a": {"process": stacks.SLEEPER}}))
    host.start(up)
    runner, processes = host.runner(up), host.processes(up)
    shutil.rmtree(host.home.root)
    eventually(lambda: not [p for p in (runner, *processes) if (s := proctree.stat(p)) and not s.dead], 15)
    assert not host.home.root.exists(), "nothing silently new and empty"
    host.hub.close()


def test_a_write_lock_held_too_long_is_said_and_the_stack_goes_on(host: Host, up: str) -> None:
    theirs = lock.open_lock(host.home)
    with lock.held(theirs, host.home):
        job_before = host.view(up).project.job
        assert job_before is not None
        said = python("restart", up, home=host.home.root)
        assert said.returncode == 1
        assert "locked by another hubtui" in said.stderr
    os.close(theirs)
    assert host.states(up) == {"a": "running"}
    assert host.finished(host.ask(JobType.RESTART, up)).state is JobState.SUCCESS
