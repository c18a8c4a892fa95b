"""Beyond start and stop: scaled, taken down, cleaned, entered, watched for changes; against real containers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.docker import stacks
from tests.live.docker.conftest import Cli, identities, log_lines, started
from tests.live.docker.daemon import Daemon
from tests.live.docker.images import BUSYBOX


def names(docker: Daemon, kind: str, template: str = "{{.Name}}") -> list[str]:
    """All networks, volumes or images of the engine."""
    return docker.docker(kind, "ls", "--format", template).stdout.decode().split()


def test_a_service_has_as_many_containers_as_it_was_scaled_to(
    host: Host, cli: Cli, docker: Daemon, tmp_path: Path
) -> None:
    project = started(
        host, stacks.write(tmp_path / "many", {"one": stacks.willing(), "other": stacks.shell(stacks.UP)})
    )
    other = identities(docker, "many", "other")
    cli.ok("scale", f"{project}/one=3", "--wait")
    assert len(identities(docker, "many", "one")) == 3
    assert cli.service(project, "one")["message"] == "3 containers"
    cli.ok("restart", f"{project}/one", "--wait")
    assert len(identities(docker, "many", "one")) == 3, "a restart keeps them"
    cli.ok("scale", f"{project}/one=1", "--wait")
    assert len(identities(docker, "many", "one")) == 1
    assert cli.service(project, "one")["state"] == "running"
    cli.ok("scale", f"{project}/one=0", "--wait")
    assert docker.containers("many", "one") == []
    assert identities(docker, "many", "other") == other, "nobody else is touched"


def test_down_removes_containers_and_networks_and_keeps_volumes(
    host: Host, cli: Cli, docker: Daemon, tmp_path: Path
) -> None:
    keeper = stacks.shell("date > /data/x; exec sleep 600", volumes=["kept:/data"])
    project = started(host, stacks.write(tmp_path / "gone", {"keeper": keeper}, volumes={"kept": {}}))
    cli.ok("down", project, "--wait")
    assert docker.containers("gone") == []
    assert "gone_default" not in names(docker, "network")
    assert "gone_kept" in names(docker, "volume")
    assert cli.json("status", project)["run"]["state"] == "ended"
    assert host.start(project).state == "SUCCESS", "and it starts again"


def test_down_takes_what_was_started_by_hand_with_a_profile(cli: Cli, docker: Daemon, tmp_path: Path) -> None:
    services = {"base": stacks.shell(stacks.UP), "extra": stacks.shell(stacks.UP, profiles=["more"])}
    folder = stacks.write(tmp_path / "hands", services)
    docker.docker("compose", "--profile", "more", "up", "-d", folder=folder)
    cli.ok("add", str(folder))
    cli.ok("down", "hands", "--wait")
    assert docker.containers("hands") == []


def test_a_clean_shows_what_goes_and_takes_no_volume_unasked(
    host: Host, cli: Cli, docker: Daemon, tmp_path: Path
) -> None:
    folder = tmp_path / "dirty"
    built = stacks.shell(stacks.UP, volumes=["data:/data"]) | {"build": ".", "image": "dirty-built:1"}
    stacks.write(folder, {"built": built}, volumes={"data": {}})
    (folder / "Dockerfile").write_text(f"FROM {BUSYBOX}\nRUN echo hello > /hello\n")
    project = started(host, folder)
    plan = cli.json("clean", project)
    assert {(one["kind"], one["name"]) for one in plan["goes"]} == {
        ("container", "dirty-built-1"),
        ("network", "dirty_default"),
        ("built", "dirty-built:1"),
    }
    assert "dirty_data" in [one["name"] for one in plan["stays"]]
    assert len(docker.containers("dirty")) == 1, "a plan touches nothing"
    assert "a build of it takes" in cli.ok("clean", project)
    cli.ok("clean", project, "--yes", "--wait")
    assert docker.containers("dirty") == []
    assert "dirty-built:1" not in names(docker, "image", "{{.Repository}}:{{.Tag}}")
    assert "dirty_data" in names(docker, "volume")
    cli.ok("clean", project, "--volumes", "--yes", "--wait")
    assert "dirty_data" not in names(docker, "volume")
    assert BUSYBOX in names(docker, "image", "{{.Repository}}:{{.Tag}}")


def test_a_command_runs_inside_a_service_and_its_code_is_ours(host: Host, cli: Cli, tmp_path: Path) -> None:
    project = started(host, stacks.write(tmp_path / "inside", {"one": stacks.shell(stacks.UP, hostname="here")}))
    assert cli.ok("exec", f"{project}/one", "hostname") == "here\n"
    assert cli("exec", f"{project}/one", "sh", "-c", "exit 7").returncode == 7
    host.stop(project)
    refused = cli("exec", f"{project}/one", "true")
    assert refused.returncode != 0
    assert "not running" in refused.stderr


@pytest.fixture
def watched(host: Host, tmp_path: Path) -> Path:
    """A project that is up and asks for two files to be watched: one to be copied, one to be built with."""
    folder = tmp_path / "watched"
    rules = [
        {"action": "sync", "path": "./src", "target": "/app"},
        {"action": "rebuild", "path": "./built"},
    ]
    show = "while :; do echo $(cat /app/page) $(cat /built); sleep 0.2; done"
    web = stacks.shell(show) | {"build": ".", "image": "watched-web:1", "develop": {"watch": rules}}
    stacks.write(folder, {"web": web, "plain": stacks.shell(stacks.UP)})
    (folder / "src").mkdir()
    (folder / "src" / "page").write_text("one\n")
    (folder / "built").write_text("first\n")
    (folder / "Dockerfile").write_text(f"FROM {BUSYBOX}\nCOPY src /app\nCOPY built /built\n")
    started(host, folder)
    return folder


def test_files_that_change_are_synced_and_rebuilt_with(host: Host, cli: Cli, docker: Daemon, watched: Path) -> None:
    eventually(lambda: cli.service("watched", "web")["message"].startswith("files watched"))
    eventually(lambda: "Watch enabled" in _notes(cli), 10)
    before, plain = identities(docker, "watched", "web"), identities(docker, "watched", "plain")
    (watched / "src" / "page").write_text("two\n")
    eventually(lambda: "two first" in log_lines(host, "watched", "web"), 20)
    assert identities(docker, "watched", "web") == before, "synced into the container that runs"
    (watched / "built").write_text("second\n")
    eventually(lambda: "two second" in log_lines(host, "watched", "web"), 40)
    eventually(lambda: "rebuilt after a change" in cli.service("watched", "web")["message"])
    assert cli.service("watched", "web")["state"] == "running"
    assert identities(docker, "watched", "plain") == plain


def test_nothing_is_watched_once_the_stack_is_stopped(host: Host, cli: Cli, watched: Path) -> None:
    eventually(lambda: cli.service("watched", "web")["message"].startswith("files watched"))
    host.stop("watched")
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert not [line for line in found.splitlines() if str(watched) in line and " watch " in line]


def _notes(cli: Cli) -> str:
    lines = cli.ok("logs", "watched/web", "--json").splitlines()
    return "\n".join(json.loads(line)["line"] for line in lines if json.loads(line)["stream"] == "hub")
