"""A container that is older than its entry in the compose file says so, whoever made it; nothing is said wrongly."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from hubtui.models import JobState, JobType
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.docker import stacks
from tests.live.docker.conftest import Cli, identities, started
from tests.live.docker.daemon import Daemon
from tests.live.docker.images import BUSYBOX

TWO = {"MODE": "two"}
Services = dict[str, dict[str, Any]]


def older(host: Host, project: str) -> dict[str, str]:
    """The notes on entries, by service."""
    notes = {s.name: [n for n in s.notes if "compose.yaml" in n] for s in host.view(project).services}
    return {name: said[0] for name, said in notes.items() if said}


def changed(name: str, since: str = "it was made", verb: str = "restart") -> str:
    return f"its entry in compose.yaml has changed since {since}: `hubtui {verb} shop/{name}` applies it"


STARTED = "it was started (environment)"


@pytest.fixture
def services() -> Services:
    return {
        "db": stacks.shell(stacks.UP, environment={"MODE": "one"}),
        "web": stacks.shell(stacks.UP, environment={"MODE": "one"}, depends_on=["db"]),
    }


@pytest.fixture
def by_hand(host: Host, docker: Daemon, tmp_path: Path) -> Any:
    """Starts a stack by hand, and has hubtui take it over."""

    def start(services: Services, *words: str) -> str:
        folder = stacks.write(tmp_path / "shop", services)
        docker.docker("compose", *(words or ("up", "-d")), folder=folder)
        project = host.add(folder)
        assert host.finished(host.ask(JobType.ADOPT, project)).state is JobState.SUCCESS
        return project

    return start


def test_what_hubtui_started_is_compared_at_once(
    host: Host, docker: Daemon, tmp_path: Path, services: Services
) -> None:
    project = started(host, stacks.write(tmp_path / "shop", services))
    before = identities(docker, project)
    services["db"]["environment"] = TWO
    stacks.write(tmp_path / "shop", services)
    assert host.start(project).message == "2 of 2 services up; older than its entry: db (see `hubtui status`)"
    assert older(host, project) == {"db": changed("db", STARTED)}
    assert identities(docker, project) == before
    host.finished(host.ask(JobType.RESTART, project, ["db"]))
    assert older(host, project) == {}
    assert docker.containers(project, "db")[0]["Config"]["Env"][0] == "MODE=two"


def test_what_depends_on_an_older_service_starts_without_making_it_anew(
    host: Host, docker: Daemon, tmp_path: Path, services: Services
) -> None:
    project = started(host, stacks.write(tmp_path / "shop", services))
    host.stop(project, ["web"])
    before = identities(docker, project, "db")
    services["db"]["environment"] = TWO
    stacks.write(tmp_path / "shop", services)
    assert host.start(project).state is JobState.SUCCESS
    assert host.states(project) == {"db": "running", "web": "running"}
    assert identities(docker, project, "db") == before
    assert older(host, project) == {"db": changed("db", STARTED)}


def test_what_somebody_else_makes_anew_is_not_older_any_more(
    host: Host, docker: Daemon, tmp_path: Path, services: Services
) -> None:
    folder = stacks.write(tmp_path / "shop", services)
    project = started(host, folder)
    for name in services:
        services[name]["environment"] = TWO
    stacks.write(folder, services)
    host.start(project)
    assert older(host, project) == {name: changed(name, STARTED) for name in services}
    docker.docker("compose", "up", "-d", "--no-deps", "web", folder=folder)
    eventually(lambda: older(host, project) == {"db": changed("db", STARTED)})
    web = docker.containers(project, "web")[0]["Id"]
    docker.docker("restart", web)
    eventually(lambda: host.states(project)["web"] == "running")
    host.start(project)
    assert older(host, project) == {"db": changed("db", STARTED)}


def test_a_service_that_was_taken_over_and_is_not_in_the_file_any_more(
    host: Host, tmp_path: Path, services: Services, by_hand: Any
) -> None:
    project = by_hand(services)
    stacks.write(tmp_path / "shop", {"db": services["db"]})
    job = host.start(project)
    assert older(host, project) == {"web": "it is not in compose.yaml any more: `hubtui stop shop/web` ends it"}
    assert job.message.endswith("older than its entry: web (see `hubtui status`)")
    assert host.stop(project, ["web"]).state is JobState.SUCCESS
    assert host.states(project)["db"] == "running"
    assert older(host, project) == {}


def test_a_build_that_changed_needs_a_rebuild(host: Host, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    built = stacks.shell(stacks.UP) | {"build": {"context": "."}, "image": "older-web:1"}
    stacks.write(folder, {"web": built})
    (folder / "Dockerfile").write_text(f"FROM {BUSYBOX}\n")
    project = started(host, folder)
    stacks.write(folder, {"web": built | {"build": {"context": ".", "args": {"A": "1"}}}})
    host.start(project)
    assert older(host, project) == {"web": changed("web", "it was started (build)", "rebuild")}


def test_a_health_url_that_is_new_keeps_no_start_waiting(host: Host, tmp_path: Path, services: Services) -> None:
    project = started(host, stacks.write(tmp_path / "shop", services))
    services["db"]["x-hubtui"] = {"health": "tcp://127.0.0.1:1"}
    stacks.write(tmp_path / "shop", services)
    assert host.start(project).state is JobState.SUCCESS
    assert older(host, project) == {"db": changed("db", "it was started (healthcheck)")}


def test_what_was_made_by_hand_is_compared_by_its_hash(
    host: Host, docker: Daemon, tmp_path: Path, services: Services, by_hand: Any
) -> None:
    project = by_hand(services)
    before = identities(docker, project)
    services["web"]["environment"] = TWO
    stacks.write(tmp_path / "shop", services)
    host.start(project)
    eventually(lambda: older(host, project) == {"web": changed("web")})
    assert identities(docker, project) == before
    host.finished(host.ask(JobType.RESTART, project, ["web"]))
    assert older(host, project) == {}


def test_what_depends_on_what_was_made_by_hand_starts_without_making_that_anew(
    host: Host, docker: Daemon, tmp_path: Path, services: Services, by_hand: Any
) -> None:
    folder = stacks.write(tmp_path / "shop", services | {"marker": stacks.shell(stacks.UP)})
    docker.docker("compose", "up", "-d", folder=folder)
    project = by_hand(services | {"marker": stacks.shell(stacks.UP, environment=TWO)}, "ps")
    eventually(lambda: "marker" in older(host, project))  # so all have been compared
    host.stop(project, ["web"])
    before = identities(docker, project, "db")
    services["db"]["environment"] = TWO
    stacks.write(folder, services)
    assert host.start(project).state is JobState.SUCCESS
    assert identities(docker, project, "db") == before
    eventually(lambda: older(host, project).get("db") == changed("db"))
    assert host.states(project)["web"] == "running"


def test_an_adoption_tells_it(host: Host, docker: Daemon, tmp_path: Path, services: Services, by_hand: Any) -> None:
    """Though the file was changed before hubtui knew of the stack, and though its runner died."""
    folder = stacks.write(tmp_path / "shop", services)
    docker.docker("compose", "up", "-d", folder=folder)
    services["db"]["environment"] = TWO
    project = by_hand(services, "ps")
    eventually(lambda: older(host, project) == {"db": changed("db")})
    os.kill(host.runner(project), signal.SIGKILL)
    eventually(lambda: host.view(project).project.run.id == 2)  # type: ignore[union-attr]
    eventually(lambda: older(host, project) == {"db": changed("db")})


def test_nothing_is_said_of_an_entry_that_has_not_changed(
    host: Host, docker: Daemon, tmp_path: Path, by_hand: Any
) -> None:
    """Whatever else is in the hash on its container: env files, no dependencies, or not all of them."""
    up, needs = stacks.shell(stacks.UP), {"condition": "service_started"}
    services = {
        "filled": up | {"env_file": ["a.env"], "environment": {"B": None, "C": "${C:-c}", "D": "$$d"}},
        "alone": up | {"depends_on": ["filled"]},
        "many": up | {"scale": 2},
        "optional": up | {"depends_on": {"rare": {**needs, "required": False}, "filled": needs}},
        "rare": up | {"profiles": ["more"]},
        "both": up | {"env_file": [{"path": "a.env"}], "depends_on": ["filled"]},
        "marker": up,
    }
    folder = stacks.write(tmp_path / "shop", services)
    (folder / "a.env").write_text("A='x y'\nB=${HOME}\nE\n")
    docker.docker("compose", "up", "-d", folder=folder)
    docker.docker("compose", "up", "-d", "--no-deps", "--force-recreate", "alone", "both", folder=folder)
    services["marker"] = up | {"environment": TWO}
    project = by_hand(services, "ps")
    eventually(lambda: "marker" in older(host, project))
    assert older(host, project) == {"marker": changed("marker")}, "the others are as they were made"

    services |= {"alone": up | {"environment": TWO, "depends_on": ["filled"]}, "marker": up}
    stacks.write(folder, services)
    (folder / "a.env").write_text("A=other\n")
    host.start(project)
    wanted = {name: changed(name) for name in ("filled", "alone", "both")}
    eventually(lambda: older(host, project) == wanted)


def test_nothing_is_said_of_a_container_that_another_version_made(
    host: Host, cli: Cli, docker: Daemon, tmp_path: Path, services: Services, by_hand: Any
) -> None:
    folder = stacks.write(tmp_path / "shop", {"db": services["db"]})
    docker.docker("compose", "up", "-d", folder=folder)
    labels = {
        "com.docker.compose.project": "shop",
        "com.docker.compose.service": "web",
        "com.docker.compose.container-number": "1",
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.version": "2.1.0",
        "com.docker.compose.config-hash": "0" * 64,
    }
    words = [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]
    docker.docker("run", "-d", "--name", "shop-web-1", *words, BUSYBOX, "sleep", "600")
    services["db"]["environment"] = TWO
    project = by_hand(services, "ps")
    eventually(lambda: older(host, project) == {"db": changed("db")})
    assert host.states(project) == {"db": "running", "web": "running"}
