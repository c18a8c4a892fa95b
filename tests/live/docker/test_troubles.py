"""Services that end by themselves, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.models import JobState
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.docker import stacks
from tests.live.docker.conftest import Cli, log_lines, started
from tests.live.docker.daemon import Daemon

ON_REQUEST = "echo up; while [ ! -f /tmp/go ]; do sleep 0.05; done; echo going; exit 7"


def go(docker: Daemon, project: str, service: str) -> None:
    docker.docker("exec", docker.containers(project, service)[0]["Id"], "touch", "/tmp/go")


def test_a_crash_is_seen_at_once_with_its_exit_code_in_words(
    host: Host, cli: Cli, docker: Daemon, tmp_path: Path
) -> None:
    services = {"frail": stacks.shell(ON_REQUEST), "solid": stacks.shell(stacks.UP)}
    project = started(host, stacks.write(tmp_path / "crash", services))
    go(docker, project, "frail")
    eventually(lambda: host.states(project)["frail"] == "failed", 3)
    assert cli.service(project, "frail")["exit_code"] == 7
    assert "7" in cli.ok("status", project)
    run = host.view(project).project.run
    assert run is not None
    assert run.state.value == "degraded"
    assert host.states(project)["solid"] == "running"
    eventually(lambda: log_lines(host, project, "frail") == ["up", "going"])


def test_a_service_with_a_policy_is_restarted_by_docker_and_counted(
    host: Host, cli: Cli, docker: Daemon, tmp_path: Path
) -> None:
    project = started(host, stacks.write(tmp_path / "policy", {"frail": stacks.shell(ON_REQUEST, restart="always")}))
    go(docker, project, "frail")  # the file stays: it ends again at once after each start
    eventually(lambda: cli.service(project, "frail")["restarts"] >= 1, 10)
    docker.docker("exec", docker.containers(project, "frail")[0]["Id"], "rm", "/tmp/go", check=False)
    assert host.held(project)


def test_a_service_killed_for_its_memory_is_said_to_be(host: Host, cli: Cli, tmp_path: Path) -> None:
    greedy = stacks.shell("echo up; sleep 1; tail /dev/zero", mem_limit="24m", memswap_limit="24m")
    project = started(host, stacks.write(tmp_path / "greedy", {"greedy": greedy}))
    eventually(lambda: host.states(project)["greedy"] == "failed", 20)
    assert "memory" in cli.ok("status", project).lower()
    assert cli.service(project, "greedy")["exit_code"] == 137


def test_a_service_that_exits_before_it_is_healthy_fails_the_start_for_good(host: Host, tmp_path: Path) -> None:
    dying = stacks.shell("echo bad settings; exit 4", healthcheck=stacks.healthy_when("true"))
    project = host.add(stacks.write(tmp_path / "dying", {"dying": dying, "other": stacks.shell(stacks.UP)}))
    job = host.start(project)
    assert (job.state, job.attempt) == (JobState.FAILURE, 1)
    assert job.error is not None
    assert "dying" in job.error.message
    assert "4" in job.error.message
    eventually(lambda: log_lines(host, project, "dying") == ["bad settings"])


def test_a_service_that_never_gets_healthy_fails_the_start(host: Host, tmp_path: Path) -> None:
    check = stacks.healthy_when("echo not yet; exit 1", retries=2, start_period="0s")
    project = host.add(stacks.write(tmp_path / "ill", {"ill": stacks.shell(stacks.UP, healthcheck=check)}))
    job = host.start(project)
    assert job.state is JobState.FAILURE
    assert job.error is not None
    assert "ill" in job.error.message
    assert "healthy" in job.error.message


@pytest.mark.parametrize("with_one", ["unhealthy", "healthy"])
def test_health_that_changes_while_it_is_up_is_seen(host: Host, docker: Daemon, tmp_path: Path, with_one: str) -> None:
    check = stacks.healthy_when("test ! -f /tmp/ill", retries=1)
    project = started(host, stacks.write(tmp_path / "moody", {"moody": stacks.shell(stacks.UP, healthcheck=check)}))

    def health() -> str:
        return next(s.health.value for s in host.view(project).services)

    ident = docker.containers(project)[0]["Id"]
    docker.docker("exec", ident, "touch", "/tmp/ill")
    eventually(lambda: health() == "unhealthy", 10)
    if with_one == "healthy":
        docker.docker("exec", ident, "rm", "/tmp/ill")
        eventually(lambda: health() == "healthy", 10)


def test_a_container_that_somebody_stops_by_hand_is_seen(host: Host, docker: Daemon, tmp_path: Path) -> None:
    project = started(host, stacks.write(tmp_path / "byhand", {"a": stacks.willing(), "b": stacks.willing()}))
    docker.docker("stop", docker.containers(project, "a")[0]["Id"])
    eventually(lambda: host.states(project)["a"] in ("stopped", "exited"), 3)
    docker.docker("start", docker.containers(project, "a")[0]["Id"])
    eventually(lambda: host.states(project)["a"] == "running", 3)
    eventually(lambda: log_lines(host, project, "a") == ["up", "bye", "up"])
