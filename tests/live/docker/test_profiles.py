"""Where no runner holds a project, it goes on as it was started last: with its profiles, in its environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hubtui.models import JobState, JobType
from hubtui.workers import operations
from tests.doubles.host import Host
from tests.live.docker import stacks
from tests.live.docker.conftest import Cli, identities
from tests.live.docker.daemon import Daemon
from tests.live.docker.registry import NAME, served


@pytest.fixture
def profiled(host: Host, cli: Cli, docker: Daemon, tmp_path: Path) -> str:
    """A project with a service of a profile that was up with it once, and was stopped again."""
    services = {"base": stacks.shell(stacks.UP), "extra": stacks.shell(stacks.UP, profiles=["more"])}
    project = host.add(stacks.write(tmp_path / "profiled", services))
    cli.ok("start", project, "--profile", "more", "--wait")
    assert {i.service for i in identities(docker, project)} == {"base", "extra"}
    host.stop(project)
    return project


@pytest.mark.parametrize("meanwhile", [("scale", "profiled/base=2"), ("down", "profiled"), ("stop", "profiled")])
def test_a_restart_has_the_profiles_of_the_last_start_whatever_was_done_since(
    cli: Cli, docker: Daemon, profiled: str, meanwhile: tuple[str, str]
) -> None:
    cli.ok(*meanwhile, "--wait")
    cli.ok("restart", profiled, "--wait")
    assert {i.service for i in identities(docker, profiled)} == {"base", "extra"}
    assert {service["name"] for service in cli.json("status", profiled)["services"]} == {"base", "extra"}


def test_a_pull_renews_the_services_of_the_last_profiles_too(
    host: Host, cli: Cli, docker: Daemon, tmp_path: Path
) -> None:
    with served() as there:
        extra = stacks.shell(stacks.UP, profiles=["more"]) | {"image": f"{there.address}/{NAME}"}
        project = host.add(stacks.write(tmp_path / "renewed", {"base": extra | {"profiles": []}, "extra": extra}))
        cli.ok("start", project, "--profile", "more", "--wait")
        host.stop(project)
        job = host.finished(host.ask(JobType.PULL, project))
        steps = {step["name"] for step in cli.json("job", str(job.id))["steps"]}
        assert {"pull base", "pull extra"} <= steps, steps


def test_what_somebody_started_with_a_profile_by_hand_is_shown_once_it_is_adopted(
    cli: Cli, docker: Daemon, tmp_path: Path
) -> None:
    services = {"base": stacks.shell(stacks.UP), "extra": stacks.shell(stacks.UP, profiles=["more"])}
    folder = stacks.write(tmp_path / "hands", services)
    docker.docker("compose", "--profile", "more", "up", "-d", folder=folder)
    cli.ok("add", str(folder))
    cli.ok("adopt", "hands", "--wait")
    assert cli.service("hands", "extra")["state"] == "running"


@pytest.mark.parametrize("word", ["stop", "down"])
def test_what_ends_a_stack_reads_it_in_the_environment_that_it_was_started_in(
    host: Host, cli: Cli, docker: Daemon, tmp_path: Path, word: str
) -> None:
    """Though somebody started it again by hand after its runner had left."""
    folder = tmp_path / "placed"
    live = stacks.write(tmp_path / "live", {"only": stacks.shell(stacks.UP)}, engine="", name="placed")
    top: dict[str, Any] = {
        "x-hubtui": {"engine": "compose", "environments": {"live": {"files": ["compose.yaml", "compose.live.yaml"]}}}
    }
    stacks.write(folder, {"base": stacks.shell(stacks.UP)}, engine="", **top)
    (live / "compose.yaml").rename(folder / "compose.live.yaml")
    project = host.add(folder)
    cli.ok("start", project, "--environment", "live", "--wait")
    host.stop(project)
    docker.docker("compose", "-f", "compose.yaml", "-f", "compose.live.yaml", "start", folder=folder)
    assert {i.service for i in identities(docker, project)} == {"base", "only"}
    cli.ok(word, project, "--wait")
    assert identities(docker, project) == []


def test_a_stack_ends_though_the_environment_that_it_was_started_in_is_gone(
    host: Host, docker: Daemon, tmp_path: Path
) -> None:
    top: dict[str, Any] = {"x-hubtui": {"engine": "compose", "environments": {"live": {}}}}
    folder = stacks.write(tmp_path / "placed", {"base": stacks.shell(stacks.UP)}, engine="", **top)
    project = host.add(folder)
    host.finished(operations.ask(host.hub, JobType.START, project, environment="live", by="a test").job)
    host.stop(project)
    stacks.write(folder, {"base": stacks.shell(stacks.UP)})
    docker.docker("compose", "start", folder=folder)
    assert host.stop(project).state is JobState.SUCCESS
    assert identities(docker, project) == []
