"""A host whose projects run on Dagger: on the stand-in, and on a real engine where there is one."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from hubtui.models import EndReason, JobState
from hubtui.stacks import proctree
from hubtui.stacks.logfiles import START, LogReader, service_folder
from hubtui.store import events
from tests.doubles.host import Host
from tests.doubles.stacks import free_ports
from tests.live.dagger import engines
from tests.live.dagger.engines import Place

REAL = pytest.param("real", marks=pytest.mark.dagger)


@pytest.fixture(params=["double", REAL])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The engine of this test."""
    if request.param == "real":
        found = engines.real()
        if isinstance(found, str):
            pytest.skip(found)
        request.node.user_properties.append(("live", f"Dagger's {found.name}"))
        yield found
        return
    from tests.doubles import dagger

    with dagger.installed(tmp_path / "double") as double:
        yield Place("double", dict(double.environment), False)


@pytest.fixture
def host(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    for name in (engines.CLI, engines.HOST):
        monkeypatch.delenv(name, raising=False)
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    found = Host(tmp_path / "state")
    yield found
    found.close()


class Projects:
    """Writes compose files whose services are small servers, each on a port of its own."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place, self._folder = place, folder
        self.ports: dict[str, int] = {}

    def server(self, name: str, **more: Any) -> dict[str, Any]:
        """A service; its published port is `ports[name]`."""
        published, target = free_ports(2)
        self.ports[name] = published
        environment = {"NAME": name, **more.pop("environment", {})}
        return {
            "image": self.place.image,
            "command": [self.place.python, *engines.program(target)],
            "ports": [f"127.0.0.1:{published}:{target}"],
            "environment": environment,
            "stop_grace_period": "5s",
            **more,
        }

    def shell(self, script: str, **more: Any) -> dict[str, Any]:
        """A service that is a shell script."""
        return {"image": self.place.image, "command": ["sh", "-c", script.replace("$", "$$")], **more}

    def write(self, name: str, services: Mapping[str, Any], **top: Any) -> Path:
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        document = {"name": name, "services": services, "x-hubtui": {"engine": "dagger"}, **top}
        (folder / "compose.yaml").write_text(json.dumps(document, indent=1))
        return folder


@pytest.fixture
def projects(place: Place, tmp_path: Path) -> Projects:
    return Projects(place, tmp_path)


def get(port: int, path: str = "/", seconds: float = 5) -> str:
    """What a published port answers. Raises OSError."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=seconds) as answer:
        return str(answer.read().decode())


def answer(port: int, path: str = "/") -> str:
    """As `get`; "" where nothing answers."""
    try:
        return get(port, path)
    except (OSError, HTTPException):
        return ""


def log_lines(host: Host, project: str, service: str) -> list[str]:
    """All that is in a service's log, with its stream before each line."""
    reader = LogReader(service_folder(host.home.logs(project), service), service)
    found: list[str] = []
    position = START
    while True:
        lines, position = reader.read(position)
        if not lines:
            return found
        found += [f"{line.stream} {line.line}" for line in lines]


def started(host: Host, folder: Path) -> str:
    """Add and start a project; its name."""
    project = host.add(folder)
    job = host.start(project)
    assert job.state is JobState.SUCCESS, (job.message, job.error)
    return project


def cli_of(host: Host, project: str) -> int:
    """The PID of the session's CLI."""
    below = proctree.children(host.runner(project))
    found = [pid for pid in below if b"session" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]
    assert len(found) == 1, below
    return found[0]


def gone(pid: int) -> bool:
    found = proctree.stat(pid)
    return found is None or found.dead


def ended_as(host: Host, project: str) -> tuple[EndReason | None, str]:
    run = host.view(project).project.run
    assert run is not None
    return run.end_reason, run.detail


def notes(host: Host, project: str) -> dict[str, str]:
    """What happened to its runs as a whole: the last message of each kind."""
    found = events.AFTER_OF_PROJECT.all(host.con, 0, project)
    return {e.kind.removeprefix("run."): str(e.data.get("message", "")) for e in found if e.kind.startswith("run.")}
