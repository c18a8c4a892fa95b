"""So many jobs at once on a host; the others wait in a line, and say for whom."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from hubtui.models import Job, JobState, JobType, Priority
from hubtui.stacks import proctree
from hubtui.workers import operations
from tests.doubles import stacks
from tests.doubles.gates import Gate
from tests.doubles.host import Host
from tests.doubles.waiting import eventually


def gated(host: Host, tmp_path: Path, *names: str) -> dict[str, Gate]:
    """Projects whose start waits in its build until the gate of the same name opens."""
    gates = {}
    for name in names:
        gates[name] = Gate(tmp_path / f"{name}.gate")
        own = {"process": stacks.SLEEPER, "build_process": gates[name].build()}
        host.add(stacks.write(tmp_path / name, {"a": own}))
    return gates


def builds(host: Host, job: Job) -> bool:
    return host.job(job).state is JobState.BUILDING


@pytest.fixture
def one_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBTUI_JOBS__CONCURRENCY", "1")


def test_two_at_once_and_the_third_says_for_whom_it_waits(host: Host, tmp_path: Path) -> None:
    gates = gated(host, tmp_path, "performia", "veria", "rollizo", "hyper")
    first, second = (host.ask(JobType.START, name) for name in ("performia", "veria"))
    eventually(lambda: builds(host, first) and builds(host, second))
    third, fourth = (host.ask(JobType.START, name) for name in ("rollizo", "hyper"))
    eventually(lambda: host.job(fourth).queue_position == 2)
    waiting = host.job(third)
    assert (waiting.state, waiting.queue_position, waiting.waits_for) == (JobState.PENDING, 1, ("performia", "veria"))
    assert waiting.message == "waits for a slot: performia, veria"
    assert host.processes("rollizo") == []
    gates["veria"].open()
    eventually(lambda: builds(host, third), 3)
    assert host.job(fourth).state is JobState.PENDING
    assert host.job(first).state is JobState.BUILDING
    for gate in gates.values():
        gate.open()
    assert {host.finished(job).state for job in (first, second, third, fourth)} == {JobState.SUCCESS}


@pytest.mark.timed
@pytest.mark.usefixtures("one_slot")
def test_a_slot_passes_on_at_once(host: Host, tmp_path: Path) -> None:
    gates = gated(host, tmp_path, "one", "two")
    first = host.ask(JobType.START, "one")
    eventually(lambda: builds(host, first))
    second = host.ask(JobType.START, "two")
    eventually(lambda: host.job(second).waits_for == ("one",))
    gates["one"].open()
    ended = host.finished(first).finished_at
    eventually(lambda: builds(host, second))
    begun = host.job(second).started_at
    assert ended is not None and begun is not None
    assert (begun - ended).total_seconds() < 0.5, "it was rung, not polled"
    gates["two"].open()
    assert host.finished(second).state is JobState.SUCCESS


def test_more_slots_apply_while_jobs_wait(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "config" / "hubtui" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[jobs]\nconcurrency = 1\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    gates = gated(host, tmp_path, "one", "two", "three")
    found = {name: host.ask(JobType.START, name) for name in gates}
    eventually(lambda: host.job(found["three"]).queue_position == 2)
    settings.write_text("[jobs]\nconcurrency = 3\n")
    eventually(lambda: all(builds(host, job) for job in found.values()), 5)
    for gate in gates.values():
        gate.open()
    assert {host.finished(job).state for job in found.values()} == {JobState.SUCCESS}


@pytest.mark.usefixtures("one_slot")
def test_high_goes_before_normal_and_low_after_it(host: Host, tmp_path: Path) -> None:
    gates = gated(host, tmp_path, "busy", "low", "normal", "high")
    busy = host.ask(JobType.START, "busy")
    eventually(lambda: builds(host, busy))
    found = {
        name: operations.ask(host.hub, JobType.START, name, by="a test", priority=Priority(name)).job
        for name in ("low", "normal", "high")
    }
    eventually(lambda: [host.job(found[n]).queue_position for n in ("high", "normal", "low")] == [1, 2, 3])
    for gate in gates.values():
        gate.open()
    ended = {name: host.finished(job).finished_at for name, job in found.items()}
    assert sorted(ended, key=lambda name: str(ended[name])) == ["high", "normal", "low"]


@pytest.mark.usefixtures("one_slot")
def test_a_stop_and_a_restart_of_a_service_wait_for_no_slot(host: Host, tmp_path: Path) -> None:
    gates = gated(host, tmp_path, "up", "busy")
    gates["up"].open()
    assert host.start("up").state is JobState.SUCCESS
    busy = host.ask(JobType.START, "busy")
    eventually(lambda: builds(host, busy))
    before = host.pids("up")
    assert host.finished(host.ask(JobType.RESTART, "up", ["a"])).state is JobState.SUCCESS
    assert host.pids("up") != before
    again = host.ask(JobType.RESTART, "up")  # the whole of it builds and starts: that needs a slot
    eventually(lambda: host.job(again).waits_for == ("busy",))
    assert host.finished(host.ask(JobType.RESTART, "up", ["a"])).state is JobState.SUCCESS
    assert host.stop("up").state is JobState.SUCCESS
    assert host.job(again).state is JobState.REVOKED
    assert builds(host, busy)


@pytest.mark.usefixtures("one_slot")
def test_cancelled_in_the_line_nothing_of_it_was_ever_started(host: Host, tmp_path: Path) -> None:
    gates = gated(host, tmp_path, "busy", "waits")
    busy = host.ask(JobType.START, "busy")
    eventually(lambda: builds(host, busy))
    job = host.ask(JobType.START, "waits")
    eventually(lambda: host.job(job).queue_position == 1)
    found = operations.cancel(host.hub, job.id, by="ann on pts/3")
    assert (found.state, found.message) == (JobState.REVOKED, "cancelled by ann on pts/3 before it began")
    assert found.finished_at is not None
    eventually(lambda: not host.held("waits"), 5)
    assert host.view("waits").project.run is None
    gates["busy"].open()


@pytest.mark.usefixtures("one_slot")
def test_a_slot_of_a_runner_killed_with_its_guard_comes_free(host: Host, tmp_path: Path) -> None:
    gates = gated(host, tmp_path, "dies", "waits")
    first = host.ask(JobType.START, "dies")
    eventually(lambda: builds(host, first) and host.view("dies").project.run is not None)
    runner, guard = host.runner("dies"), host.guard("dies")
    second = host.ask(JobType.START, "waits")
    eventually(lambda: host.job(second).waits_for == ("dies",))
    os.kill(guard, signal.SIGSTOP)
    os.kill(runner, signal.SIGKILL)
    os.kill(guard, signal.SIGKILL)
    gates["waits"].open()
    assert host.finished(second).state is JobState.SUCCESS
    assert host.job(first).state is JobState.FAILURE
    assert host.job(first).error is not None and host.job(first).error.kind == "lost"  # type: ignore[union-attr]


@pytest.mark.usefixtures("one_slot")
def test_one_that_nobody_would_take_lets_the_others_pass(host: Host, tmp_path: Path) -> None:
    gates = gated(host, tmp_path, "busy", "silent", "waits")
    busy = host.ask(JobType.START, "busy")
    eventually(lambda: builds(host, busy))
    silent = host.ask(JobType.START, "silent")
    eventually(lambda: host.job(silent).queue_position == 1)
    runner = next(r for r in host.con.execute("SELECT pid FROM runners WHERE project = 'silent'"))["pid"]
    waits = host.ask(JobType.START, "waits")
    eventually(lambda: host.job(waits).queue_position == 2)
    os.kill(runner, signal.SIGSTOP)
    try:
        for gate in gates.values():
            gate.open()
        assert host.finished(waits).state is JobState.SUCCESS
        assert host.job(silent).state is JobState.PENDING
    finally:
        os.kill(runner, signal.SIGCONT)
    assert host.finished(silent).state is JobState.SUCCESS
    assert proctree.stat(runner) is not None


def test_five_at_once_make_progress_side_by_side(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBTUI_JOBS__CONCURRENCY", "5")
    gates = gated(host, tmp_path, "a", "b", "c", "d", "e")
    found = [host.ask(JobType.START, name) for name in gates]
    eventually(lambda: all(builds(host, job) for job in found))
    for gate in gates.values():
        gate.open()
    assert {host.finished(job).state for job in found} == {JobState.SUCCESS}
