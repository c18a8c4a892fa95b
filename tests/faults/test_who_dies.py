"""The table "who dies with whom", a test for each cell of its process column."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hubtui.models import EndReason, JobState, JobType
from hubtui.stacks import proctree
from hubtui.workers import reconcile
from tests.doubles import stacks
from tests.doubles.host import Host, python
from tests.doubles.waiting import eventually


def alive(pid: int) -> bool:
    found = proctree.stat(pid)
    return found is not None and not found.dead


@pytest.fixture
def up(host: Host, tmp_path: Path) -> str:
    """A project with a willing service, one that ignores TERM, and one whose grandchildren left its session."""
    folder = stacks.write(
        tmp_path / "trio",
        {
            "willing": {"process": stacks.SLEEPER},
            "stubborn": {"process": stacks.STUBBORN, "stop_grace_period": "1s"},
            "escapee": {"process": stacks.ESCAPEE, "stop_grace_period": "1s"},
        },
    )
    project = host.add(folder)
    assert host.start(project).state is JobState.SUCCESS
    eventually(lambda: len(host.processes(project)) >= 6)
    return project


def run_of(host: Host, project: str) -> tuple[EndReason | None, str]:
    run = host.view(project).project.run
    assert run is not None
    return run.end_reason, run.detail


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
def test_a_hub_dies_and_nothing_happens(host: Host, up: str, number: signal.Signals) -> None:
    before = sorted(host.processes(up))
    hub = subprocess.Popen(
        [sys.executable, "-m", "hubtui", "events", "--follow", "--after", "0"],
        env={**os.environ, "HUBTUI_HOME": str(host.home.root)},
        stdout=subprocess.PIPE,
    )
    assert hub.stdout is not None
    hub.stdout.readline()
    hub.send_signal(number)
    hub.wait()
    assert sorted(host.processes(up)) == before
    assert host.view(up).project.run.state.value == "up"  # type: ignore[union-attr]


def test_the_session_that_started_it_ends_and_nothing_happens(host: Host, tmp_path: Path) -> None:
    """The start is asked for from a session of its own, which is then hung up and killed whole, as a login is."""
    project = host.add(stacks.write(tmp_path / "one", {"a": {"process": stacks.SLEEPER}}))
    session = subprocess.Popen(
        ["/bin/sh", "-c", f"{sys.executable} -m hubtui start {project} --wait; echo up; exec sleep 600"],
        env={**os.environ, "HUBTUI_HOME": str(host.home.root)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert session.stdout is not None
    while session.stdout.readline() != b"up\n":
        assert session.poll() is None
    for number in (signal.SIGHUP, signal.SIGKILL):
        for pid in [p for p in proctree.descendants(os.getpid()) if os.getsid(p) == session.pid]:
            os.kill(pid, number)
    session.wait()
    assert host.states(project) == {"a": "running"}
    assert alive(host.pids(project)["a"])
    assert host.view(project).project.run.runner.responsive  # type: ignore[union-attr]


@pytest.mark.timed
def test_the_runner_dies_and_its_run_is_lost_within_a_second(host: Host, up: str) -> None:
    processes = host.pids(up)
    os.kill(host.runner(up), signal.SIGKILL)
    killed = time.monotonic()
    eventually(lambda: run_of(host, up) == (EndReason.LOST, "the runner was killed by SIGKILL"), 1.0)
    eventually(lambda: not alive(processes["willing"]), 1.0)
    assert time.monotonic() - killed < 1.0
    assert host.held(up), "the guard holds the lease while it ends the others"
    eventually(lambda: host.processes(up) == [], 4.0)
    eventually(lambda: not host.held(up), 2.0)
    assert set(host.states(up).values()) == {"stopped"}
    assert host.start(up).state is JobState.SUCCESS


def test_the_runner_dies_and_a_job_that_waits_is_taken_by_the_next(host: Host, up: str) -> None:
    os.kill(host.runner(up), signal.SIGSTOP)  # so that the new job is still waiting when it dies
    job = host.ask(JobType.RESTART, up)
    os.kill(host.runner(up), signal.SIGKILL)
    assert host.finished(job).state is JobState.SUCCESS
    assert set(host.states(up).values()) == {"running"}


def test_the_guard_dies_and_the_runner_stops_in_order(host: Host, up: str) -> None:
    os.kill(host.guard(up), signal.SIGKILL)
    eventually(lambda: not host.held(up), 5.0)
    assert run_of(host, up) == (EndReason.LOST, "its guard died")
    assert host.processes(up) == []
    assert set(host.states(up).values()) == {"stopped"}
    assert host.start(up).state is JobState.SUCCESS


def test_both_die_at_once_and_survivors_are_ended_by_whoever_looks(host: Host, up: str) -> None:
    guard, runner = host.guard(up), host.runner(up)
    os.kill(guard, signal.SIGSTOP)  # it may not act between the two
    os.kill(runner, signal.SIGKILL)
    os.kill(guard, signal.SIGKILL)
    eventually(lambda: not host.held(up), 2.0)
    survivors = host.processes(up)
    assert len(survivors) >= 5
    assert "lost" in python("status", up, home=host.home.root).stdout
    eventually(lambda: host.processes(up) == [], 15.0)
    eventually(lambda: set(host.states(up).values()) == {"stopped"}, 5.0)
    assert run_of(host, up) == (EndReason.LOST, "the runner and its guard died")


def test_after_a_double_kill_a_start_never_makes_a_second_copy(host: Host, up: str) -> None:
    old = host.processes(up)
    guard, runner = host.guard(up), host.runner(up)
    os.kill(guard, signal.SIGSTOP)
    os.kill(runner, signal.SIGKILL)
    os.kill(guard, signal.SIGKILL)
    eventually(lambda: not host.held(up), 2.0)
    job = host.ask(JobType.START, up)
    assert host.finished(job).state is JobState.SUCCESS
    assert not [pid for pid in old if alive(pid)]
    assert len(host.pids(up)) == 3


def test_both_die_in_the_middle_of_a_job_and_the_next_runner_closes_it(host: Host, tmp_path: Path) -> None:
    """Nobody looked between the deaths and the next request: the runner that takes over must not sit on a dead job."""
    never = {"process": stacks.SLEEPER, "health": "tcp://127.0.0.1:1"}
    project = host.add(stacks.write(tmp_path / "never", {"a": never}))
    job = host.ask(JobType.START, project)
    eventually(lambda: host.states(project)["a"] == "running")
    guard, runner = host.guard(project), eventually(lambda: host.runner(project))
    os.kill(guard, signal.SIGSTOP)
    os.kill(runner, signal.SIGKILL)
    os.kill(guard, signal.SIGKILL)
    eventually(lambda: not host.held(project), 2.0)
    host.ask(JobType.START, project)  # the same again: its job is still open in the store
    found = host.finished(job, 15)
    assert (found.state, found.error.kind if found.error else "") == (JobState.FAILURE, "lost")
    eventually(lambda: not host.held(project), 15)
    assert host.processes(project) == []


def test_a_silent_runner_is_unresponsive_and_never_doubled(host: Host, up: str) -> None:
    runner = host.runner(up)
    os.kill(runner, signal.SIGSTOP)
    try:
        eventually(lambda: host.view(up).project.run.runner.responsive is False, 15.0)  # type: ignore[union-attr]
        reconcile.reconcile(host.hub)
        job = host.ask(JobType.START, up)
        assert host.runner(up) == runner
        assert host.job(job).state is JobState.PENDING
        assert host.view(up).project.run.state.value == "up"  # type: ignore[union-attr]
    finally:
        os.kill(runner, signal.SIGCONT)
    assert host.finished(job).state is JobState.SUCCESS
    assert host.runner(up) == runner


def test_the_host_rebooted_and_nothing_is_signalled(host: Host, up: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another boot is told by its id: the numbers it recorded now belong to strangers."""
    stranger = subprocess.Popen(["sleep", "600"])
    guard, runner = host.guard(up), host.runner(up)
    for pid in (guard, runner):
        os.kill(pid, signal.SIGSTOP)
    for pid in (runner, guard):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not host.held(up), 2.0)
    left = host.processes(up)

    def rewrite(con: object) -> None:
        con.execute("UPDATE runs SET boot_id = 'another boot'")  # type: ignore[attr-defined]
        con.execute("UPDATE services SET boot_id = 'another boot', pid = ?", (stranger.pid,))  # type: ignore[attr-defined]

    host.hub.writer.run(rewrite)
    reconcile.reconcile(host.hub)
    assert run_of(host, up) == (EndReason.REBOOTED, "the host was started anew")
    assert set(host.states(up).values()) == {"stopped"}
    assert stranger.poll() is None
    assert sorted(host.processes(up)) == sorted(left), "nothing was signalled"
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    stranger.kill()
    stranger.wait()
