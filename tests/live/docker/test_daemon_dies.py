"""dockerd dies under running stacks, on an engine that only these tests use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.models import JobState, JobType
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.docker import stacks
from tests.live.docker.conftest import COUNTER, Cli, counted, identities, lent, log_lines, own, started
from tests.live.docker.daemon import Daemon


@pytest.fixture(scope="module")
def surviving() -> Iterator[Daemon]:
    """An engine whose containers outlive dockerd."""
    yield from own(live_restore=True)


@pytest.fixture(scope="module")
def plain() -> Iterator[Daemon]:
    """An engine as it is without any setting: dockerd's end is its containers' end."""
    yield from own()


@pytest.fixture
def docker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """The surviving one where the test asks for no other."""
    yield from lent(request.getfixturevalue(getattr(request, "param", "surviving")), request, monkeypatch)


def run_of(host: Host, project: str) -> tuple[str, str]:
    run = host.view(project).project.run
    assert run is not None
    return run.state.value, run.detail


def two(host: Host, folder: Path, **more: object) -> str:
    services = {"counter": stacks.shell(COUNTER, **more), "other": stacks.shell(stacks.UP, **more)}
    return started(host, stacks.write(folder, services))


@pytest.mark.parametrize("how", ["kill", "term"])
def test_it_is_waited_for_said_and_seen_again(host: Host, cli: Cli, docker: Daemon, tmp_path: Path, how: str) -> None:
    project = two(host, tmp_path / "waits")
    before, runner = identities(docker, project), host.runner(project)
    getattr(docker, how)()
    eventually(lambda: "it is waited for" in run_of(host, project)[1], 5)
    assert run_of(host, project)[0] != "ended"
    assert "waits for the Docker daemon" in cli.ok("status", project)
    docker.start()
    eventually(lambda: "answers again" in run_of(host, project)[1], 15)
    assert host.runner(project) == runner
    assert identities(docker, project) == before
    assert set(host.states(project).values()) == {"running"}
    seen = counted(host, project)[-1]
    eventually(lambda: counted(host, project)[-1] > seen + 20, 10)
    numbers = counted(host, project)
    assert numbers == list(range(1, len(numbers) + 1)), "lines lost or doubled"


def test_a_service_that_ends_afterwards_is_seen(host: Host, docker: Daemon, tmp_path: Path) -> None:
    """The stream of events is a new one."""
    project = two(host, tmp_path / "after")
    docker.kill()
    docker.start()
    docker.docker("kill", docker.containers(project, "other")[0]["Id"])
    eventually(lambda: host.states(project)["other"] in ("failed", "exited", "stopped"), 15)


def test_a_stop_asked_for_meanwhile_is_done_when_there_is_an_engine_again(
    host: Host, docker: Daemon, tmp_path: Path
) -> None:
    project = two(host, tmp_path / "stopped")
    docker.kill()
    job = host.ask(JobType.STOP, project)
    docker.start()
    found = host.finished(job, 40)
    if found.state is not JobState.SUCCESS:  # said no in time, and is asked again
        assert found.error is not None
        assert "Docker" in found.error.message
        assert host.stop(project).state is JobState.SUCCESS
    assert docker.containers(project, all=False) == []


def test_a_stop_that_cannot_be_done_says_so_and_the_run_goes_on(host: Host, docker: Daemon, tmp_path: Path) -> None:
    project = two(host, tmp_path / "unstopped")
    before = identities(docker, project)
    docker.kill()
    try:
        job = host.stop(project)
    finally:
        docker.start()
    assert job.state is JobState.FAILURE
    assert job.error is not None
    assert "Docker daemon does not answer" in job.error.message
    assert identities(docker, project) == before
    eventually(lambda: "answers again" in run_of(host, project)[1], 15)
    eventually(lambda: run_of(host, project)[0] == "up")
    assert host.stop(project).state is JobState.SUCCESS


@pytest.mark.parametrize("docker", ["plain"], indirect=True)
def test_containers_that_ended_with_it_are_told(host: Host, docker: Daemon, tmp_path: Path) -> None:
    services = {"once": stacks.willing(), "always": stacks.willing(restart="always")}
    project = started(host, stacks.write(tmp_path / "ended", services))
    docker.term()
    docker.start()
    eventually(lambda: host.states(project)["always"] == "running", 20)
    eventually(lambda: host.states(project)["once"] in ("failed", "exited", "stopped"), 20)
    eventually(lambda: log_lines(host, project, "always") == ["up", "bye", "up"], 10)
