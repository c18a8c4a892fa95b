"""A project that somebody started with `docker compose up` is seen, adopted, logged and stopped without a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.models import JobState
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.docker import stacks
from tests.live.docker.conftest import COUNTER, Cli, counted, identities, log_lines
from tests.live.docker.daemon import Daemon


@pytest.fixture
def by_hand(docker: Daemon, tmp_path: Path) -> Path:
    """The folder of a project that is up, and whose file names no engine."""
    services = {"gentle": stacks.willing(), "counter": stacks.shell(COUNTER)}
    folder = stacks.write(tmp_path / "hand", services, engine="")
    docker.docker("compose", "up", "-d", folder=folder)
    return folder


def test_it_is_added_as_compose_because_its_containers_exist(cli: Cli, by_hand: Path) -> None:
    told = cli.json("add", str(by_hand))
    assert told["engine"] == "compose"
    assert "container" in told["engine_reason"]


@pytest.mark.parametrize("verb", [("adopt",), ("start", "--wait")])
def test_it_is_adopted_without_a_restart(
    host: Host, cli: Cli, docker: Daemon, by_hand: Path, verb: tuple[str, ...]
) -> None:
    before = identities(docker, "hand")
    cli.ok("add", str(by_hand))
    cli.ok(verb[0], "hand", *verb[1:])
    eventually(lambda: host.states("hand") == {"gentle": "running", "counter": "running"})
    assert identities(docker, "hand") == before
    eventually(lambda: log_lines(host, "hand", "gentle") == ["up"])
    eventually(lambda: len(counted(host, "hand")) > 50)
    numbers = counted(host, "hand")
    assert numbers == list(range(1, len(numbers) + 1)), "from its first line, each once"
    docker.docker("kill", docker.containers("hand", "counter")[0]["Id"])
    eventually(lambda: host.states("hand")["counter"] == "stopped", 3)


def test_it_is_stopped_in_order_and_kept(host: Host, cli: Cli, docker: Daemon, by_hand: Path) -> None:
    cli.ok("add", str(by_hand))
    cli.ok("start", "hand", "--wait")
    assert host.stop("hand").state is JobState.SUCCESS
    assert {c["State"]["Status"] for c in docker.containers("hand")} == {"exited"}
    assert log_lines(host, "hand", "gentle") == ["up", "bye"]


def test_it_is_stopped_though_nobody_adopted_it(host: Host, cli: Cli, docker: Daemon, by_hand: Path) -> None:
    cli.ok("add", str(by_hand))
    assert host.stop("hand").state is JobState.SUCCESS
    assert docker.containers("hand", all=False) == []
