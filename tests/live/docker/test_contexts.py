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
    docker.docker("context", "create", "elsewhere", "--docker", f"host={docker.environment['DOCKER_HOST']}")
    monkeypatch.delenv("DOCKER_HOST")
    yield "elsewhere"
    docker.docker("context", "rm", "-f", "elsewhere")


@pytest.mark.parametrize("how", ["variable", "current"])
def test_a_context_names_the_engine(
    host: Host, cli: Cli, docker: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: str, how: str
) -> None:
    if how == "variable":
        monkeypatch.setenv("DOCKER_CONTEXT", context)
    else:
        (docker.config / "config.json").write_text('{"currentContext": "elsewhere"}')
    try:
        cli.ok("add", str(stacks.write(tmp_path / "far", {"counter": stacks.shell(COUNTER)})))
        cli.ok("start", "far", "--wait")
        assert len(docker.containers("far", all=False)) == 1
        eventually(lambda: "line 20" in cli.ok("logs", "far"))
        cli.ok("stop", "far", "--wait")
        assert docker.containers("far", all=False) == []
        eventually(lambda: not host.held("far"))
    finally:
        (docker.config / "config.json").unlink(missing_ok=True)
