"""The table "who dies with whom", a test for each cell of its compose column but dockerd's (test_daemon_dies.py)."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from hubtui.models import JobState, JobType
from hubtui.stacks import proctree
from hubtui.store import events
from hubtui.workers import reconcile
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.docker import stacks
from tests.live.docker.conftest import COUNTER, Cli, Identity, counted, identities, log_lines, started
from tests.live.docker.daemon import Daemon


@pytest.fixture
def up(host: Host, tmp_path: Path) -> str:
    """A project with a service that asks to be ended gently, and one that prints a number every 10 ms."""
    services = {"gentle": stacks.willing(), "counter": stacks.shell(COUNTER)}
    return started(host, stacks.write(tmp_path / "two", services))


def ends(host: Host, project: str) -> list[tuple[str, str]]:
    """(reason, detail) of each of the project's runs that has ended."""
    told = [e for e in events.AFTER_OF_PROJECT.all(host.con, 0, project) if e.kind == "run.ended"]
    return [(str(e.data["reason"]), str(e.data["detail"])) for e in told]


def kill_both(host: Host, project: str) -> None:
    guard, runner = host.guard(project), host.runner(project)
    os.kill(guard, signal.SIGSTOP)  # it may not act between the two
    os.kill(runner, signal.SIGKILL)
    os.kill(guard, signal.SIGKILL)
    eventually(lambda: not host.held(project), 2.0)


def up_again(host: Host, project: str) -> bool:
    """Whether a run after the first one holds the project, with a runner that lives."""
    run = host.view(project).project.run
    return run is not None and run.id > 1 and run.state.value == "up" and bool(run.runner.alive)


def adopted(host: Host, docker: Daemon, project: str, before: list[Identity]) -> None:
    """The next runner takes over what is there, untouched, and fetches what was printed meanwhile, each line once."""
    eventually(lambda: up_again(host, project), 10)
    assert identities(docker, project) == before, "the containers stay as they are"
    assert set(host.states(project).values()) == {"running"}
    reached = printed(docker, project)
    eventually(lambda: counted(host, project)[-1] >= reached)
    numbers = counted(host, project)
    assert numbers == list(range(1, len(numbers) + 1)), "lines lost or doubled"
    assert log_lines(host, project, "gentle") == ["up"]


def printed(docker: Daemon, project: str) -> int:
    """The last number that Docker itself has of the counter."""
    said = docker.docker("logs", "--tail", "1", docker.containers(project, "counter")[0]["Id"]).stdout.decode().split()
    return int(said[-1]) if said else 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
def test_a_hub_dies_and_nothing_happens(host: Host, cli: Cli, docker: Daemon, up: str, number: signal.Signals) -> None:
    before, runner = identities(docker, up), host.runner(up)
    hub = subprocess.Popen(cli.argv("events", "--follow", "--after", "0"), env=cli.environment, stdout=subprocess.PIPE)
    assert hub.stdout is not None
    hub.stdout.readline()
    hub.send_signal(number)
    hub.wait()
    assert identities(docker, up) == before
    assert host.view(up).project.run.state.value == "up"  # type: ignore[union-attr]
    assert host.runner(up) == runner


def test_the_session_that_started_it_ends_and_nothing_happens(
    host: Host, cli: Cli, docker: Daemon, tmp_path: Path
) -> None:
    """The start is asked for from a session of its own, which is then hung up and killed whole, as a login is."""
    project = host.add(stacks.write(tmp_path / "one", {"a": stacks.shell(stacks.UP)}))
    session = subprocess.Popen(
        ["/bin/sh", "-c", f"{sys.executable} -m hubtui start {project} --wait; echo up; exec sleep 600"],
        env=cli.environment,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert session.stdout is not None
    while session.stdout.readline() != b"up\n":
        assert session.poll() is None
    before = identities(docker, project)
    for number in (signal.SIGHUP, signal.SIGKILL):
        for pid in [p for p in proctree.descendants(os.getpid()) if os.getsid(p) == session.pid]:
            os.kill(pid, number)
    session.wait()
    assert identities(docker, project) == before
    assert host.states(project) == {"a": "running"}
    assert host.view(project).project.run.runner.responsive  # type: ignore[union-attr]


def test_the_runner_dies_and_its_containers_are_adopted_by_the_next(host: Host, docker: Daemon, up: str) -> None:
    before = identities(docker, up)
    os.kill(host.runner(up), signal.SIGKILL)
    eventually(lambda: ends(host, up) == [("lost", "the runner was killed by SIGKILL")], 1.0)
    adopted(host, docker, up, before)  # nobody had to ask or to look


def test_the_guard_dies_and_the_containers_are_adopted_when_somebody_looks(
    host: Host, cli: Cli, docker: Daemon, up: str
) -> None:
    before = identities(docker, up)
    os.kill(host.guard(up), signal.SIGKILL)
    eventually(lambda: ends(host, up) == [("lost", "its guard died")], 5.0)
    assert identities(docker, up) == before, "its runner left in order, and left them"
    cli.ok("status", up)
    adopted(host, docker, up, before)


def test_both_die_at_once_and_the_containers_are_adopted_when_somebody_looks(
    host: Host, cli: Cli, docker: Daemon, up: str
) -> None:
    before = identities(docker, up)
    kill_both(host, up)
    seen = counted(host, up)[-1]
    eventually(lambda: printed(docker, up) > seen + 20)  # so that there is something to be fetched
    cli.ok("status", up)
    assert ends(host, up) == [("lost", "the runner and its guard died")]
    adopted(host, docker, up, before)


def test_after_a_double_kill_a_start_changes_nothing(host: Host, docker: Daemon, up: str) -> None:
    before = identities(docker, up)
    kill_both(host, up)
    assert host.start(up).state is JobState.SUCCESS
    adopted(host, docker, up, before)


def test_the_runner_dies_in_the_middle_of_a_start_and_the_next_goes_on(
    host: Host, docker: Daemon, tmp_path: Path
) -> None:
    slow = stacks.shell(
        "echo up; while [ ! -f /tmp/go ]; do sleep 0.05; done; touch /tmp/ready; exec sleep 600",
        healthcheck=stacks.healthy_when("test -f /tmp/ready"),
    )
    top = stacks.shell(stacks.UP, depends_on={"slow": {"condition": "service_healthy"}})
    project = host.add(stacks.write(tmp_path / "mid", {"slow": slow, "top": top}))
    job = host.ask(JobType.START, project)
    eventually(lambda: docker.containers(project, "slow", all=False), 20)
    before = identities(docker, project, "slow")
    os.kill(host.runner(project), signal.SIGKILL)
    found = host.finished(job, 10)
    assert (found.state, found.error.kind if found.error else "") == (JobState.FAILURE, "lost")
    again = host.ask(JobType.START, project)
    docker.docker("exec", before[0].id, "touch", "/tmp/go")
    assert host.finished(again).state is JobState.SUCCESS
    assert identities(docker, project, "slow") == before
    assert host.states(project) == {"slow": "running", "top": "running"}


@pytest.mark.parametrize("type", [JobType.START, JobType.RESTART, JobType.STOP])
@pytest.mark.parametrize("after", [2, 6, 12])
def test_a_runner_dies_in_the_middle_of_any_job_and_the_next_start_makes_all_well(
    host: Host,
    docker: Daemon,
    tmp_path: Path,
    type: JobType,  # noqa: A002
    after: int,
) -> None:
    """Once so many events of the job have come."""
    services = {"a": stacks.willing(), "b": stacks.willing(depends_on=["a"]), "c": stacks.willing(depends_on=["b"])}
    folder = stacks.write(tmp_path / "any", services)
    project = host.add(folder) if type is JobType.START else started(host, folder)
    job = host.ask(type, project)

    def come() -> int:
        return len([e for e in events.AFTER_OF_PROJECT.all(host.con, 0, project) if e.job == job.id])

    eventually(lambda: come() >= after or host.job(job).finished, 20)
    if host.held(project) and (runner := host.view(project).project.run) and runner.runner.pid:
        os.kill(runner.runner.pid, signal.SIGKILL)
    host.finished(job)
    assert host.start(project).state is JobState.SUCCESS
    found = docker.containers(project)
    assert [c["Config"]["Labels"]["com.docker.compose.service"] for c in found] == ["a", "b", "c"], "one of each"
    assert {c["State"]["Status"] for c in found} == {"running"}
    assert host.states(project) == dict.fromkeys("abc", "running")
    for service in "abc":  # each life says up, and bye at its end: none is missing, none is there twice
        eventually(lambda service=service: log_lines(host, project, service)[::2] != [])  # type: ignore[misc]
        lines = log_lines(host, project, service)
        assert lines == ["up", "bye"] * (len(lines) // 2) + ["up"], lines


@pytest.mark.parametrize("both", [False, True])
def test_a_stop_after_the_runners_death_stops_the_containers(host: Host, docker: Daemon, up: str, both: bool) -> None:
    if both:
        kill_both(host, up)
    else:
        os.kill(host.runner(up), signal.SIGKILL)
    assert host.stop(up).state is JobState.SUCCESS
    assert {c["State"]["Status"] for c in docker.containers(up)} == {"exited"}
    eventually(lambda: log_lines(host, up, "gentle") == ["up", "bye"])
    eventually(lambda: not host.held(up))


def test_the_host_rebooted_and_what_docker_restarted_is_adopted(host: Host, docker: Daemon, up: str) -> None:
    """Another boot is told by its id."""
    before = identities(docker, up)
    kill_both(host, up)

    def rewrite(con: sqlite3.Connection) -> None:
        con.execute("UPDATE runs SET boot_id = 'another boot'")
        con.execute("UPDATE services SET boot_id = 'another boot' WHERE boot_id IS NOT NULL")

    host.hub.writer.run(rewrite)
    reconcile.reconcile(host.hub)
    assert ends(host, up) == [("rebooted", "the host was started anew")]
    adopted(host, docker, up, before)
