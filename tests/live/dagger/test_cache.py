"""`disk` and `prune`: what an engine's cache holds, and that no volume is given up by surprise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from hubtui.stacks.engines.dagger.volumes import VolumeMemory
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import Projects, get, started
from tests.live.dagger.engines import Place
from tests.live.dagger.test_volumes import counter


def hubtui(host: Host, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hubtui", *words],
        env={**os.environ, "HUBTUI_HOME": str(host.home.root)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def asked(host: Host, *words: str) -> Any:
    done = hubtui(host, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def with_data(host: Host, projects: Projects) -> str:
    """A project that is up, and whose volume has data."""
    project = started(host, projects.write(f"kept{os.getpid()}", {"db": counter(projects)}, volumes={"keep": {}}))
    get(projects.ports["db"], "/count")
    memory = host.home.run(project) / "engine" / "volumes.json"
    eventually(lambda: "keep" in VolumeMemory(memory).known, 10)
    return project


def test_disk_tells_the_total_and_the_volumes(host: Host, with_data: str) -> None:
    found = asked(host, "disk")
    assert found["cache"]["bytes"] > 0
    assert found["cache"]["entries"] > 0
    (volume,) = found["volumes"]
    assert (volume["project"], volume["volume"], volume["in_use"]) == (with_data, "keep", True)
    said = hubtui(host, "disk").stdout
    assert with_data in said
    assert "keep" in said
    assert "Each is a cache of the engine: an engine that dies uncleanly wipes it" in said


def test_prune_is_a_plan_until_it_is_told_and_names_the_volumes_that_would_go(host: Host, with_data: str) -> None:
    host.stop(with_data)
    eventually(lambda: not host.held(with_data))
    plan = hubtui(host, "prune")
    assert plan.returncode == 0
    assert f"{with_data}/keep" in plan.stdout
    assert "hubtui prune --yes --volumes" in plan.stdout
    refused = hubtui(host, "prune", "--yes")
    assert refused.returncode == 2
    assert f"{with_data}/keep" in refused.stderr


def test_prune_gives_up_what_nobody_uses(host: Host, place: Place, with_data: str, projects: Projects) -> None:
    if place.real:
        pytest.skip("the cache of a real engine is not the test's to give up")
    assert hubtui(host, "prune", "--yes").returncode == 0  # its project is up: it is in use
    assert get(projects.ports["db"], "/count") == "2"
    host.stop(with_data)
    eventually(lambda: not host.held(with_data))
    assert hubtui(host, "prune", "--yes", "--volumes").returncode == 0
    assert asked(host, "disk")["cache"]["bytes"] == 0


def test_without_an_engine_nothing_is_made(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUBTUI_DAGGER__RUNNER_HOST")
    found = hubtui(host, "disk")
    assert (found.returncode, found.stdout) == (1, "")
    assert "No Dagger engine is running" in found.stderr
