"""The engine that the user's Docker client means is the one that is used: by context as by DOCKER_HOST."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.docker import stacks
from tests.live.docker.conftest import COUNTER, Cli
from tests.live.docker.daemon import Daemon


@pytest.fixture
def context(docker: Daemon, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a context for the engine, which nothing else names any more."""
    yield from lent(docker, docker.environment["DOCKER_HOST"], monkeypatch)


def lent(docker: Daemon, address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    docker.docker("context", "create", "elsewhere", "--docker", f"host={address}")
    monkeypatch.delenv("DOCKER_HOST")
    yield "elsewhere"
    docker.docker("context", "rm", "-f", "elsewhere")


def used(host: Host, cli: Cli, docker: Daemon, folder: Path) -> None:
    """A stack is started, read and stopped; the engine has its container."""
    cli.ok("add", str(stacks.write(folder, {"counter": stacks.shell(COUNTER)})))
    cli.ok("start", folder.name, "--wait")
    assert len(docker.containers(folder.name, all=False)) == 1
    eventually(lambda: "line 20" in cli.ok("logs", folder.name))
    cli.ok("stop", folder.name, "--wait")
    assert docker.containers(folder.name, all=False) == []
    eventually(lambda: not host.held(folder.name))


def test_a_context_that_a_variable_names(
    host: Host, cli: Cli, docker: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: str
) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", context)
    used(host, cli, docker, tmp_path / "far")


@pytest.fixture
def current(docker: Daemon) -> Iterator[None]:
    """The context is the one that `docker context use` has chosen."""
    (docker.config / "config.json").write_text('{"currentContext": "elsewhere"}')
    yield
    (docker.config / "config.json").unlink(missing_ok=True)


def test_the_context_that_is_in_use(
    host: Host, cli: Cli, docker: Daemon, tmp_path: Path, context: str, current: None
) -> None:
    used(host, cli, docker, tmp_path / "far")
