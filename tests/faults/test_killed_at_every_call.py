"""Hub, runner, guard, and runner with guard, killed at the durable system calls of a whole start-stop cycle."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hubtui.models import Job, JobState, JobType
from hubtui.store import jobs
from tests.doubles.host import Host
from tests.doubles.traced import STRACE, Fault, calls, hit, hubtui, traced
from tests.doubles.waiting import eventually
from tests.faults import invariants
from tests.faults.conftest import Tried

pytestmark = [pytest.mark.strace, pytest.mark.skipif(STRACE is None, reason="needs strace"), pytest.mark.timeout(900)]
LAST = 60_000  # more calls than any cycle makes; what strace can count to is not much more


def numbers(first: int, step: int) -> Iterator[int]:
    """The calls to be killed at: the first ones all, of the rest every `step`-th."""
    yield from range(1, first + 1)
    yield from range(first + step, LAST, step)


# (call, so many first ones, then every so manieth; where only calls on one file count: its name)
HUB = [
    ("fdatasync", 9, 1, ""),
    ("pwrite64", 4, 2, ""),
    ("ftruncate", 9, 1, ""),
    ("unlink", 9, 1, ""),
    ("rename", 9, 1, ""),
    ("openat", 9, 1, "hubtui.db"),
    ("openat", 9, 1, "db.lock"),
]


@pytest.mark.long
@pytest.mark.parametrize(("call", "first", "step", "name"), HUB)
def test_a_hub_killed_at_any_call(
    host: Host, pair: str, tmp_path: Path, tried: Tried, call: str, first: int, step: int, name: str
) -> None:
    for verb in (JobType.START, JobType.STOP):
        for number in numbers(first, step):
            fault = Fault(call, number, path=host.home.root / name if name else None)
            if not killed_hub(host, pair, tmp_path, verb, fault):
                tried.calls(f"`hubtui {verb} --wait`", f"{call} {name}".strip(), calls(tmp_path / "trace", call))
                break
            tried("hub killed")


@pytest.mark.parametrize("verb", [JobType.START, JobType.STOP])
def test_a_hub_killed_as_it_commits(host: Host, pair: str, tmp_path: Path, tried: Tried, verb: JobType) -> None:
    for call in ("fdatasync", "pwrite64"):
        assert killed_hub(host, pair, tmp_path, verb, Fault(call, 1))
        tried("hub killed")


def killed_hub(host: Host, project: str, tmp_path: Path, verb: JobType, fault: Fault) -> bool:
    """One `hubtui start --wait` or `stop --wait` with the fault in it. False where it came to its end untouched."""
    if verb is JobType.STOP:
        assert host.start(project).state is JobState.SUCCESS
    output = tmp_path / "trace"
    said = hubtui(fault, output, str(verb), project, "--wait", home=host.home)
    if not hit(output):
        assert said.returncode == 0, said.stderr
        invariants.gone(host, project)
        return False
    acknowledged = [int(n) for n in re.findall(rf"{verb} #(\d+)", said.stdout)]
    try:
        invariants.hold(host, project, acknowledged)
    except AssertionError as e:
        raise AssertionError(f"after a hub was killed at {fault}: {e}\n{said.stdout}{said.stderr}") from e
    return True


RUNNER = [
    ("fdatasync", 40, 1, ""),
    ("pwrite64", 2, 9, ""),
    ("ftruncate", 9, 1, ""),
    ("unlink", 9, 1, ""),
    ("rename", 3, 1, ""),
    ("openat", 9, 1, "hubtui.db"),
    ("openat", 3, 1, "hubtui.db-wal"),
]
BOTH = [("fdatasync", 4, 2, ""), ("pwrite64", 1, 19, ""), ("ftruncate", 9, 1, "lease"), ("rename", 1, 1, "")]


@pytest.mark.long
@pytest.mark.parametrize(("call", "first", "step", "name"), RUNNER)
def test_a_runner_killed_at_any_call(
    host: Host, pair: str, tmp_path: Path, tried: Tried, call: str, first: int, step: int, name: str
) -> None:
    for number in numbers(first, step):
        if not killed_runner(host, pair, tmp_path, Fault(call, number, path=file(host, pair, name)), both=False):
            tried.calls("a runner, start and stop", f"{call} {name}".strip(), calls(tmp_path / "trace", call))
            break
        tried("runner killed")


@pytest.mark.long
@pytest.mark.parametrize(("call", "first", "step", "name"), BOTH)
def test_a_runner_and_its_guard_killed_at_any_call(
    host: Host, pair: str, tmp_path: Path, tried: Tried, call: str, first: int, step: int, name: str
) -> None:
    for number in numbers(first, step):
        if not killed_runner(host, pair, tmp_path, Fault(call, number, path=file(host, pair, name)), both=True):
            break
        tried("runner and guard killed")


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("number", [1, 3, 8])
def test_a_runner_killed_as_it_commits(
    host: Host, pair: str, tmp_path: Path, tried: Tried, number: int, both: bool
) -> None:
    """As it takes the project over, as it claims or begins, and in the middle of a start."""
    assert killed_runner(host, pair, tmp_path, Fault("fdatasync", number), both=both)
    tried("runner and guard killed" if both else "runner killed")


def file(host: Host, project: str, name: str) -> Path | None:
    """The one file whose calls count."""
    if name == "lease":
        return host.home.lease(project)
    return host.home.root / name if name else None


def killed_runner(host: Host, project: str, tmp_path: Path, fault: Fault, *, both: bool) -> bool:
    """A start and a stop by a runner with the fault in it. False where both came to their end untouched."""
    asked: list[Job] = [invariants.write_only(host, JobType.START, project)]
    output = tmp_path / "trace"
    (tmp_path / "trace.pid").unlink(missing_ok=True)
    with traced(host.home, project, "runner", fault, output) as runner:
        if both:
            os.kill(guard := parent(runner.pid), signal.SIGSTOP)  # it may not act before it dies, too
        eventually(lambda: runner.ended() or host.job(asked[0]).finished, 30)
        if not runner.ended():
            asked.append(host.ask(JobType.STOP, project))
            eventually(runner.ended, 30)
        if both:
            with suppress(ProcessLookupError):
                os.kill(guard, signal.SIGKILL)
    try:
        invariants.hold(host, project, [job.id for job in asked])
    except AssertionError as e:
        raise AssertionError(f"after a runner was killed at {fault} (both: {both}): {e}") from e
    if not runner.hit:
        assert [host.job(job).state for job in asked] == [JobState.SUCCESS] * 2
    return runner.hit


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


# What a guard writes once its runner was killed: its word in the lease, and what it tells the store.
GUARD = [
    ("fdatasync", 9, 1, ""),
    ("pwrite64", 9, 3, ""),
    ("ftruncate", 9, 1, ""),
    ("openat", 9, 1, "hubtui.db"),
    ("openat", 9, 1, "db.lock"),
    ("kill", 9, 1, ""),
]


@pytest.mark.long
@pytest.mark.parametrize(("call", "first", "step", "name"), GUARD)
def test_a_guard_killed_at_any_call(
    host: Host, pair: str, tmp_path: Path, tried: Tried, call: str, first: int, step: int, name: str
) -> None:
    for number in numbers(first, step):
        if not killed_guard(host, pair, tmp_path, Fault(call, number, path=file(host, pair, name))):
            tried.calls("a guard whose runner dies", f"{call} {name}".strip(), calls(tmp_path / "trace", call))
            break
        tried("guard killed")


@pytest.mark.parametrize("call", ["ftruncate", "fdatasync"])
def test_a_guard_killed_as_it_cleans_up(host: Host, pair: str, tmp_path: Path, tried: Tried, call: str) -> None:
    assert killed_guard(host, pair, tmp_path, Fault(call, 2 if call == "ftruncate" else 1))
    tried("guard killed")


def killed_guard(host: Host, project: str, tmp_path: Path, fault: Fault) -> bool:
    """A start; its runner is killed; its guard has the fault in it. False where that one came to its end untouched."""
    asked = invariants.write_only(host, JobType.START, project)
    (tmp_path / "trace.pid").unlink(missing_ok=True)
    with traced(host.home, project, "guard", fault, tmp_path / "trace") as guard:
        eventually(lambda: guard.ended() or host.job(asked).finished, 30)
        if not guard.ended():
            os.kill(host.runner(project), signal.SIGKILL)
            eventually(guard.ended, 30)
    try:
        invariants.hold(host, project, [asked.id])
    except AssertionError as e:
        raise AssertionError(f"after a guard was killed at {fault}: {e}") from e
    return guard.hit


def test_a_hub_that_dies_before_its_runner_is_up_costs_nothing(host: Host, pair: str, tried: Tried) -> None:
    """Nobody reads any more what the runner says of itself: it goes on all the same."""
    job = invariants.write_only(host, JobType.START, pair)
    nobody, said = os.pipe()
    os.close(nobody)
    log = host.home.runner_log(pair)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        command = [sys.executable, "-P", "-m", "hubtui.workers.guard", str(host.home.root), pair, str(said)]
        subprocess.run(command, pass_fds=(said,), stderr=output, check=True)
        subprocess.run(command, pass_fds=(said,), stderr=output, check=True)  # and one that gives way to it
    os.close(said)
    assert host.finished(job).state is JobState.SUCCESS
    assert [a.generation for a in jobs.ATTEMPTS.all(host.con, job.id)] == [1]
    invariants.gone(host, pair)
    assert log.read_text() == ""
    tried("hub killed")
