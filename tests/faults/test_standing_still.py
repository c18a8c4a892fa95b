"""SIGSTOP: whoever stands still is called so, is never doubled, holds up nobody for good, and goes on where it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hubtui.errors import StoreBusy
from hubtui.models import JobState, JobType
from hubtui.store import connect, events, jobs
from hubtui.workers import reconcile
from tests.doubles.host import Host, python
from tests.doubles.waiting import eventually
from tests.faults import invariants
from tests.faults.conftest import Tried


@contextmanager
def standing_still(pid: int) -> Iterator[None]:
    """A process that does nothing until the block ends."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_runner_that_stood_still_goes_on_without_a_second_one_and_loses_nothing(
    host: Host, up: str, tried: Tried
) -> None:
    runner, guard, before = host.runner(up), host.guard(up), sorted(host.processes(up))
    with standing_still(runner):
        eventually(lambda: "its runner is silent" in python("status", up, home=host.home.root).stdout, 15)
        os.kill(host.pids(up)["b"], signal.SIGKILL)  # what happens meanwhile is told later
        asked = [host.ask(JobType.START, up), host.ask(JobType.RESTART, up, ["a"]), host.ask(JobType.START, up)]
        assert asked[0].id == asked[2].id
        for _ in range(3):
            assert reconcile.reconcile(host.hub) == []
        assert (host.runner(up), host.guard(up)) == (runner, guard)
        assert set(host.processes(up)) <= set(before), "somebody started something beside it"
        assert {host.job(job).state for job in asked} == {JobState.PENDING}
    assert {host.finished(job).state for job in asked} == {JobState.SUCCESS}
    assert host.runner(up) == runner
    assert "silent" not in python("status", up, home=host.home.root).stdout
    told = [e for e in events.AFTER.all(host.con, 0) if e.kind == "service.changed" and e.data.get("service") == "b"]
    assert any(e.data.get("state") in ("failed", "exited") for e in told), "the death of b was never told"
    tried("SIGSTOP of a runner")
    invariants.gone(host, up)
    invariants.whole(host, [job.id for job in asked])


def test_a_guard_that_stands_still_holds_up_nobody(host: Host, up: str, tried: Tried) -> None:
    """Its runner works on; where that dies meanwhile, the guard cleans up as soon as it goes on."""
    guard, runner = host.guard(up), host.runner(up)
    with standing_still(guard):
        assert host.finished(host.ask(JobType.RESTART, up)).state is JobState.SUCCESS
        os.kill(runner, signal.SIGKILL)
        job = host.ask(JobType.RESTART, up)
        reconcile.reconcile(host.hub)
        assert host.held(up), "the lease stays with a guard that lives"
        assert host.job(job).state is JobState.PENDING
    assert host.finished(job).state is JobState.SUCCESS
    tried("SIGSTOP of a guard")
    invariants.hold(host, up, [job.id])


def test_a_hub_that_stands_still_holds_up_nobody(host: Host, up: str, tried: Tried) -> None:
    hub = subprocess.Popen(
        [sys.executable, "-m", "hubtui", "events", "--follow", "--after", "0"],
        env={**os.environ, "HUBTUI_HOME": str(host.home.root)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert hub.stdout is not None
    hub.stdout.readline()
    with standing_still(hub.pid):
        for _ in range(40):  # more rings than a doorbell holds
            host.finished(host.ask(JobType.RESTART, up, ["a"]))
        last = events.LAST_SEQ.first(host.con)
        assert last is not None
        assert os.stat(f"{host.home.database}-wal").st_size < 1.5 * connect.WAL_LIMIT, (
            "who stands still kept something open"
        )
    seen = [1]
    while seen[-1] < last:
        line = hub.stdout.readline()
        assert line, "the feed ended"
        seen.append(int(line.split()[1]))
    assert seen == list(range(1, seen[-1] + 1)), "an event was lost, or told twice"
    hub.kill()
    hub.wait()
    tried("SIGSTOP of a hub")


HOLD = """
import sys, time
from pathlib import Path
from hubtui.paths import Home
from hubtui.store import connect
home = Home(Path(sys.argv[1]))
def work(con):
    con.execute("UPDATE runners SET state = state")
    print("held", flush=True)
    sys.stdin.read()
connect.Writer(home).run(work)
"""


def test_whoever_holds_the_write_lock_stands_still(host: Host, up: str, tried: Tried) -> None:
    """In the middle of a transaction. The runner supervises on, others are told whom to look for, nothing is lost."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(host.home.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        os.kill(holder.pid, signal.SIGSTOP)
        try:
            died = host.pids(up)["b"]
            os.kill(died, signal.SIGKILL)
            refused: list[Exception] = []
            asking = threading.Thread(target=lambda: _ask(host, up, refused))
            asking.start()
            said = python("restart", up, home=host.home.root)
            asking.join()
            assert isinstance(refused[0], StoreBusy)
            assert said.returncode == 1
            assert "Traceback" not in said.stderr
            assert f"PID {holder.pid}" in said.stderr, said.stderr
            assert "stopped" in said.stderr and "kill -CONT" in said.stderr
            view = host.view(up).project
            assert view.run is not None and view.run.runner.responsive, "the runner waits for the store"
            assert str(host.states(up)["a"]) == "running"
        finally:
            os.kill(holder.pid, signal.SIGCONT)
    eventually(lambda: host.states(up)["b"] == "failed", 20)
    assert host.finished(host.ask(JobType.START, up)).state is JobState.SUCCESS
    tried("SIGSTOP of the write lock's holder")
    invariants.gone(host, up)
    invariants.whole(host)


def _ask(host: Host, project: str, refused: list[Exception]) -> None:
    try:
        host.ask(JobType.RESTART, project)
    except Exception as e:
        refused.append(e)


@pytest.mark.parametrize("verb", ["start", "stop"])
def test_a_hub_stopped_while_it_waits_for_its_job(host: Host, pair: str, tried: Tried, verb: str) -> None:
    if verb == "stop":
        host.start(pair)
    hub = subprocess.Popen(
        [sys.executable, "-m", "hubtui", verb, pair, "--wait"],
        env={**os.environ, "HUBTUI_HOME": str(host.home.root)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert hub.stdout is not None
    job = int(hub.stdout.readline().split("#")[1].split()[0])
    with standing_still(hub.pid):
        assert host.finished(jobs.get(host.con, job)).state is JobState.SUCCESS
    assert hub.wait(20) == 0
    tried("SIGSTOP of a hub")
