"""EIO and ENOSPC at the durable system calls of hub and runner: said in a sentence, nothing lost, the stacks go on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hubtui.models import JobState, JobType
from tests.doubles import stacks
from tests.doubles.host import Host
from tests.doubles.traced import STRACE, Fault, hit, hubtui, traced
from tests.doubles.waiting import eventually
from tests.faults import invariants
from tests.faults.conftest import Tried

pytestmark = [pytest.mark.strace, pytest.mark.skipif(STRACE is None, reason="needs strace"), pytest.mark.timeout(900)]

ERRORS = ("EIO", "ENOSPC")
HUB = [  # (call, where only calls on one file count: its name)
    ("fdatasync", ""),
    ("pwrite64", ""),
    ("ftruncate", ""),
    ("openat", "hubtui.db"),
    ("openat", "hubtui.db-wal"),
    ("openat", "db.lock"),
    ("bind", ""),
    ("pipe2", ""),
]


@pytest.fixture
def other(host: Host, tmp_path: Path) -> str:
    """A stack of the same store that is up all the time."""
    project = host.add(stacks.write(tmp_path / "other", {"a": {"process": stacks.SLEEPER}}))
    assert host.start(project).state is JobState.SUCCESS
    return project


@pytest.mark.long
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(("call", "name"), HUB)
def test_a_hub_whose_disk_fails_once(
    host: Host, pair: str, other: str, tmp_path: Path, tried: Tried, call: str, name: str, error: str
) -> None:
    before = invariants.processes(host, other)
    for verb in (JobType.START, JobType.STOP):
        number = 1
        path = host.home.root / name if name else None
        while failing_hub(host, pair, tmp_path, verb, Fault(call, number, error, path)):
            tried(f"{error} in a hub")
            number += 1 if number < 4 else 4
    assert invariants.processes(host, other) == before
    invariants.gone(host, other)


@pytest.mark.parametrize(("call", "error"), [("fdatasync", "EIO"), ("pwrite64", "ENOSPC")])
def test_a_hub_whose_disk_fails_as_it_commits(
    host: Host, pair: str, other: str, tmp_path: Path, tried: Tried, call: str, error: str
) -> None:
    before = invariants.processes(host, other)
    assert failing_hub(host, pair, tmp_path, JobType.START, Fault(call, 1, error))
    assert invariants.processes(host, other) == before
    tried(f"{error} in a hub")


def failing_hub(host: Host, project: str, tmp_path: Path, verb: JobType, fault: Fault) -> bool:
    """One `hubtui start --wait` or `stop --wait` with the fault in it. False where none came."""
    if verb is JobType.STOP:
        assert host.start(project).state is JobState.SUCCESS
    output = tmp_path / "trace"
    said = hubtui(fault, output, str(verb), project, "--wait", home=host.home)
    told = f"after {fault} in `hubtui {verb}`:\n{said.stdout}{said.stderr}"
    assert said.returncode in (0, 1), told
    assert not re.search("Traceback|unexpected", said.stdout + said.stderr), told
    if said.returncode == 1:
        assert len(said.stderr.splitlines()) >= 2, f"no sentence with what to do next {told}"
    acknowledged = [int(n) for n in re.findall(rf"{verb} #(\d+)", said.stdout)]
    assert acknowledged or said.returncode == 1, told
    try:
        invariants.hold(host, project, acknowledged)
    except AssertionError as e:
        raise AssertionError(f"{e} {told}") from e
    return hit(output)


RUNNER = [
    ("fdatasync", 6, 4, ""),
    ("pwrite64", 1, 41, ""),
    ("ftruncate", 9, 1, ""),
    ("openat", 9, 1, "hubtui.db"),
    ("openat", 4, 1, "hubtui.db-wal"),
    ("openat", 4, 1, "db.lock"),
    ("rename", 3, 1, ""),
]


@pytest.mark.long
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(("call", "first", "step", "name"), RUNNER)
def test_a_runner_whose_disk_fails_once(
    host: Host, pair: str, tmp_path: Path, tried: Tried, call: str, first: int, step: int, name: str, error: str
) -> None:
    number = 1
    path = host.home.root / name if name else None
    while failing_runner(host, pair, tmp_path, Fault(call, number, error, path)):
        tried(f"{error} in a runner")
        number += 1 if number < first else step


@pytest.mark.parametrize(("number", "error"), [(1, "EIO"), (4, "ENOSPC"), (9, "EIO")])
def test_a_runner_whose_disk_fails_as_it_commits(
    host: Host, pair: str, tmp_path: Path, tried: Tried, number: int, error: str
) -> None:
    assert failing_runner(host, pair, tmp_path, Fault("fdatasync", number, error))
    tried(f"{error} in a runner")


def failing_runner(host: Host, project: str, tmp_path: Path, fault: Fault) -> bool:
    """A start and a stop by a runner with the fault in it. False where none came."""
    asked = [invariants.write_only(host, JobType.START, project)]
    (tmp_path / "trace.pid").unlink(missing_ok=True)
    try:
        with traced(host.home, project, "runner", fault, tmp_path / "trace") as runner:
            host.finished(asked[0])
            asked.append(host.ask(JobType.STOP, project))
            host.finished(asked[1])
        invariants.hold(host, project, [job.id for job in asked])
    except AssertionError as e:
        raise AssertionError(f"after {fault} in a runner: {e}\n{host.home.runner_log(project).read_text()}") from e
    return runner.hit


@pytest.mark.parametrize(("number", "error"), [(5, "EIO"), pytest.param(8, "ENOSPC", marks=pytest.mark.long)])
def test_what_a_runner_knows_is_written_once_the_disk_takes_it_again(
    host: Host, pair: str, tmp_path: Path, tried: Tried, number: int, error: str
) -> None:
    """From one commit of a start on, none works, until the disk is well again."""
    asked = invariants.write_only(host, JobType.START, pair)
    fault = Fault("fdatasync", number, error, lasting=True)
    with traced(host.home, pair, "runner", fault, tmp_path / "trace") as runner:
        eventually(lambda: runner.injected() >= 3, 20)
        assert not runner.ended(), "a disk that fails must not end the runner"
    assert host.finished(asked).finished
    if host.job(asked).state is JobState.SUCCESS:
        assert host.states(pair) == {"a": "running", "b": "running"}
    tried(f"lasting {error} in a runner")
    invariants.hold(host, pair, [asked.id])
