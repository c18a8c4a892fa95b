"""Which engine a project gets when it is added."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.stacks.engines.dagger import findings
from hubtui.stacks.engines.dagger.settings import DaggerSettings
from tests.doubles.stacks import SLEEPER
from tests.live.docker import stacks
from tests.live.docker.conftest import Cli
from tests.live.docker.daemon import Daemon

BOTH = {**stacks.shell(stacks.UP), "x-hubtui": {"process": SLEEPER}}


@pytest.fixture(autouse=True)
def no_dagger(docker: Daemon) -> None:
    if why := findings.running(DaggerSettings()):
        pytest.skip(f"a Dagger engine comes first: {why}")


def test_compose_where_docker_answers(cli: Cli, tmp_path: Path) -> None:
    told = cli.json("add", str(stacks.write(tmp_path / "p", {"a": BOTH}, engine="")))
    assert told["engine"] == "compose"
    assert "Docker" in told["engine_reason"]


def test_process_where_no_docker_answers(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    assert cli.json("add", str(stacks.write(tmp_path / "p", {"a": BOTH}, engine="")))["engine"] == "process"


def test_none_where_nothing_can_run_it(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    folder = stacks.write(tmp_path / "p", {"a": stacks.shell(stacks.UP)}, engine="")
    assert cli.json("add", str(folder))["engine"] == "none"


def test_compose_where_its_containers_exist_though_stopped(cli: Cli, docker: Daemon, tmp_path: Path) -> None:
    folder = stacks.write(tmp_path / "p", {"a": BOTH}, engine="")
    docker.docker("compose", "up", "-d", folder=folder)
    docker.docker("compose", "stop", folder=folder)
    told = cli.json("add", str(folder))
    assert (told["engine"], "container" in told["engine_reason"]) == ("compose", True)


def test_the_users_word_comes_first(cli: Cli, tmp_path: Path) -> None:
    folder = stacks.write(tmp_path / "p", {"a": BOTH}, engine="")
    assert cli.json("add", str(folder), "--engine", "process")["engine"] == "process"
