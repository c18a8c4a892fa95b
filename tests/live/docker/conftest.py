"""A host whose projects run on a real Docker engine that is the tests' own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hubtui.models import JobState
from hubtui.stacks.logfiles import START, LogReader, service_folder
from tests.compose import binary
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.docker.daemon import Daemon, NoEngineError

COUNTER = "n=0; while :; do n=$((n+1)); echo line $n; sleep 0.01; done"  # the service `counter` of many tests
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder needs the engine."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.docker)


@pytest.fixture(scope="session")
def shared() -> Iterator[Daemon]:
    """The engine of all tests that do not harm it."""
    yield from own()


def own(*, live_restore: bool = False) -> Iterator[Daemon]:
    """An engine, for as long as a fixture lasts."""
    try:
        found = Daemon(live_restore=live_restore)
    except NoEngineError as error:
        pytest.skip(str(error))
    yield found
    found.close()


@pytest.fixture
def docker(shared: Daemon, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """The engine, empty but for its image, and named by the environment."""
    yield from lent(shared, request, monkeypatch)


def lent(daemon: Daemon, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """Lend an engine to one test, which counts as a live one."""
    request.node.user_properties.append(("live", f"Docker {daemon.version} with compose {binary.version()}"))
    for name in [n for n in os.environ if n.startswith(("DOCKER_", "COMPOSE_", "BUILDX_", "_EXPERIMENTAL_DAGGER"))]:
        monkeypatch.delenv(name)
    for name, value in daemon.environment.items():
        monkeypatch.setenv(name, value)
    yield daemon
    daemon.empty()


@pytest.fixture
def host(docker: Daemon, tmp_path: Path) -> Iterator[Host]:
    found = Host(tmp_path / "state")
    yield found
    found.close()


class Cli:
    """The program as a user calls it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __call__(self, *words: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*words), env=self.environment, capture_output=True, text=True, timeout=seconds, check=False
        )

    def ok(self, *words: str) -> str:
        """What it prints; it must succeed."""
        done = self(*words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.ok(*words, "--json"))

    def service(self, project: str, name: str) -> dict[str, Any]:
        """What `status` says of a service."""
        found: list[dict[str, Any]] = self.json("status", project)["services"]
        return next(service for service in found if service["name"] == name)

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "hubtui", *words]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "HUBTUI_HOME": str(self._root)}


@pytest.fixture
def cli(host: Host) -> Cli:
    return Cli(host.home.root)


class Identity(NamedTuple):
    """One life of a container: another start is another one."""

    service: str
    name: str
    id: str
    started: str


def identities(docker: Daemon, project: str, service: str = "") -> list[Identity]:
    """The running containers of a project."""
    return [
        Identity(c["Config"]["Labels"]["com.docker.compose.service"], c["Name"], c["Id"], c["State"]["StartedAt"])
        for c in docker.containers(project, service, all=False)
    ]


def counted(host: Host, project: str) -> list[int]:
    """The numbers that the log of COUNTER has; never empty, since it is waited for."""
    return eventually(lambda: [int(line.removeprefix("line ")) for line in log_lines(host, project, "counter")])


def started(host: Host, folder: Path) -> str:
    """Add and start a project; its name."""
    project = host.add(folder)
    job = host.start(project)
    assert job.state is JobState.SUCCESS, (job.message, job.error)
    return project


def log_lines(host: Host, project: str, service: str) -> list[str]:
    """All that a service has printed; what hubtui says between is left out."""
    reader = LogReader(service_folder(host.home.logs(project), service), service)
    found: list[str] = []
    position = START
    while True:
        lines, position = reader.read(position)
        if not lines:
            return found
        found += [line.line for line in lines if line.stream in ("out", "err")]


def fetched(port: int, path: str = "/") -> str:
    """What a published port answers. Raises OSError."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return str(answer.read().decode())
