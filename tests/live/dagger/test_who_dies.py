"""The table "who dies with whom", a test for each cell of its Dagger column."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from hubtui.models import EndReason, JobState
from hubtui.workers import reconcile
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import Projects, answer, cli_of, ended_as, gone, started


@pytest.fixture
def up(host: Host, projects: Projects) -> str:
    services = {"web": projects.server("web"), "worker": projects.shell("echo up; exec sleep 600")}
    return started(host, projects.write("two", services))


def starts_again(host: Host, project: str, projects: Projects) -> None:
    job = host.finished(host.start(project), 60)
    assert job.state is JobState.SUCCESS, job.error
    assert answer(projects.ports["web"]) == "hello from web"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_a_hub_dies_and_nothing_happens(host: Host, up: str, projects: Projects, number: signal.Signals) -> None:
    hub = subprocess.Popen(
        [sys.executable, "-m", "hubtui", "events", "--follow", "--after", "0"],
        env={**os.environ, "HUBTUI_HOME": str(host.home.root)},
        stdout=subprocess.PIPE,
    )
    assert hub.stdout is not None
    hub.stdout.readline()
    hub.send_signal(number)
    hub.wait()
    assert answer(projects.ports["web"]) == "hello from web"


@pytest.mark.timed
def test_the_runner_dies_and_its_services_go_with_it(host: Host, up: str, projects: Projects) -> None:
    cli, before = cli_of(host, up), time.monotonic()
    os.kill(host.runner(up), signal.SIGKILL)
    eventually(lambda: ended_as(host, up)[0] is EndReason.LOST, 1)
    assert time.monotonic() - before < 1
    eventually(lambda: gone(cli), 15)
    eventually(lambda: not host.processes(up), 15)
    starts_again(host, up, projects)


def test_the_guard_dies_and_the_stack_ends_in_order(host: Host, up: str, projects: Projects) -> None:
    runner = host.runner(up)
    os.kill(host.guard(up), signal.SIGKILL)
    eventually(lambda: ended_as(host, up) == (EndReason.LOST, "its guard died"), 20)
    eventually(lambda: gone(runner), 10)
    assert host.processes(up) == []
    starts_again(host, up, projects)


def test_both_die_at_once_and_the_cli_ends_by_itself(host: Host, up: str, projects: Projects) -> None:
    runner, guard, cli = host.runner(up), host.guard(up), cli_of(host, up)
    for pid in (guard, runner):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: gone(cli), 15)
    reconcile.reconcile(host.hub)
    assert ended_as(host, up)[0] is EndReason.LOST
    eventually(lambda: not host.processes(up), 15)
    starts_again(host, up, projects)


def test_the_host_rebooted_and_nothing_is_signalled(host: Host, up: str, projects: Projects) -> None:
    """Another boot is told by its id: a number that was recorded before it now belongs to a stranger."""
    stranger = subprocess.Popen(["sleep", "600"])
    runner, guard, cli = host.runner(up), host.guard(up), cli_of(host, up)
    for pid in (guard, runner):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: gone(cli), 15)

    def rewrite(con: sqlite3.Connection) -> None:
        con.execute("UPDATE runs SET boot_id = 'another boot'")
        con.execute("UPDATE services SET boot_id = 'another boot', pid = ?", (stranger.pid,))

    host.hub.writer.run(rewrite)
    reconcile.reconcile(host.hub)
    assert ended_as(host, up) == (EndReason.REBOOTED, "the host was started anew")
    assert set(host.states(up).values()) == {"stopped"}
    starts_again(host, up, projects)
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize(("number", "words"), [(signal.SIGKILL, "SIGKILL"), (signal.SIGRTMIN + 1, "signal 35")])
def test_the_cli_dies_and_the_run_is_lost_with_the_reason(
    host: Host, up: str, projects: Projects, number: int, words: str
) -> None:
    os.kill(cli_of(host, up), number)
    eventually(lambda: ended_as(host, up)[0] is EndReason.LOST, 5)
    assert words in ended_as(host, up)[1]
    eventually(lambda: not host.held(up), 10)
    starts_again(host, up, projects)


def test_the_cli_dies_and_services_with_a_policy_come_back_in_a_new_session(host: Host, projects: Projects) -> None:
    services = {
        "store": projects.server("store", restart="always"),
        "web": projects.server("web", restart="on-failure", depends_on=["store"]),
        "once": projects.shell("echo up; exec sleep 600"),
    }
    project = started(host, projects.write("back", services))
    first = cli_of(host, project)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: host.states(project) == {"store": "running", "web": "running", "once": "failed"}, 40)
    eventually(lambda: answer(projects.ports["web"]) == "hello from web", 10)
    run = host.view(project).project.run
    assert run is not None
    assert (run.state.value, "session was lost" in run.detail) == ("degraded", True)
    assert cli_of(host, project) != first
