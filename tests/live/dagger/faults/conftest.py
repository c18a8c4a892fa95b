"""Sessions that go wrong: the stand-in fails on demand, a real engine would not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.stacks import proctree
from hubtui.store import steps
from tests.doubles import dagger
from tests.doubles.dagger import Double
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import Projects, cli_of, gone
from tests.live.dagger.engines import Place


@pytest.fixture
def double(tmp_path: Path) -> Iterator[Double]:
    """The engine of this test, with its switches."""
    with dagger.installed(tmp_path / "double") as found:
        yield found


@pytest.fixture
def place(double: Double) -> Place:
    return Place("double", dict(double.environment), False)


@pytest.fixture
def projects(place: Place, tmp_path: Path) -> Projects:
    return Projects(place, tmp_path)


def clis(host: Host, project: str) -> list[int]:
    """The PIDs of all sessions' CLIs, whoever their parent is now."""
    found = []
    for pid in host.processes(project):
        told = proctree.stat(pid)
        line = Path(f"/proc/{pid}/cmdline")
        if told and not told.dead and line.exists() and b"tests.doubles.dagger.main" in line.read_bytes():
            found.append(pid)
    return found


def new_cli(host: Host, project: str, old: int) -> int:
    """The CLI of the session that comes after `old`'s, which has ended."""
    eventually(lambda: gone(old), 15)
    (found,) = eventually(lambda: [pid for pid in clis(host, project) if pid != old], 20)
    return found


def nothing_is_left(host: Host, project: str, seconds: float = 20) -> None:
    """No runner, no process of the run, no CLI."""
    eventually(lambda: not host.held(project), seconds)
    assert host.processes(project) == []


def said_in_steps(host: Host, job: int) -> list[str]:
    """The messages of a job's steps."""
    return [step.message for step in steps.OF_JOB.all(host.con, job) if step.message]


__all__ = ["cli_of", "clis", "new_cli", "nothing_is_left", "said_in_steps"]
