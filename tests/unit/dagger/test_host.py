"""Which Dagger engine is used and why, and what opening a session has to wait for."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from hubtui.stacks.engines.dagger.host import STORE, VARIABLE, RunnerHost, choose, waiting_for
from hubtui.stacks.engines.dagger.settings import DaggerSettings

THEIRS = {VARIABLE: "unix:///run/theirs.sock"}


@pytest.mark.parametrize(
    ("named", "environ", "url", "why"),
    [
        ("tcp://box:1234", THEIRS, "tcp://box:1234", "dagger.runner_host of the settings"),
        (None, THEIRS, "unix:///run/theirs.sock", f"{VARIABLE} of the environment"),
        ("", THEIRS, "unix:///run/theirs.sock", f"{VARIABLE} of the environment"),
    ],
)
def test_the_settings_come_before_the_environment(named: str, environ: dict[str, str], url: str, why: str) -> None:
    assert choose(DaggerSettings(runner_host=named), "v0.21.8", environ) == RunnerHost(url, why)


@pytest.mark.parametrize("environ", [{}, {VARIABLE: ""}])
def test_hubtuis_own_engine_is_pinned_named_limited_and_leaves_other_engines_alone(environ: dict[str, str]) -> None:
    host = choose(DaggerSettings(cpus=1.5, memory=3 * 1024**3), "v0.21.8", environ, cores=2)
    image, _, query = host.url.partition("?")
    assert image == "image://registry.dagger.io/engine:v0.21.8"
    assert parse_qs(query) == {
        "container": ["hubtui-engine"],
        "volume": ["hubtui-dagger"],
        "cleanup": ["false"],
        "cpus": ["1.5"],
        "memory": ["3072m"],
    }
    assert "no engine is named" in host.why


def test_an_engine_gets_no_more_cores_than_its_host_has() -> None:
    host = choose(DaggerSettings(cpus=8), "v0.21.8", {}, cores=2)
    assert parse_qs(host.url.partition("?")[2])["cpus"] == ["2"]
    assert host.why.endswith("8 cores were asked for, this host has 2")


def test_without_a_known_version_the_newest_engine_is_asked_for() -> None:
    assert choose(DaggerSettings(), "", {}).url.startswith("image://registry.dagger.io/engine:latest?")


@pytest.mark.parametrize(
    ("url", "container", "provisions", "local_images"),
    [
        ("image://a/b:v1?container=mine&cleanup=false", "mine", True, True),
        ("image+podman://a/b:v1", "", True, True),
        ("docker-image://a/b:v1", "", True, True),
        ("container://my-engine", "my-engine", False, True),
        ("container+podman://my-engine?x=y", "my-engine", False, True),
        ("docker-container://My-Engine", "My-Engine", False, True),
        ("unix:///run/dagger/engine.sock", "", False, False),
        ("tcp://10.0.0.1:1234", "", False, False),
        ("tcp://[::1:1234", "", False, False),
        ("nonsense", "", False, False),
    ],
)
def test_what_an_address_says_about_its_engine(url: str, container: str, provisions: bool, local_images: bool) -> None:
    host = choose(DaggerSettings(runner_host=url), "v0.21.8", {})
    assert (host.container, host.provisions, host.local_images) == (container, provisions, local_images)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of PATH. `docker` in it knows a container or an image where a file of that name is beside it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path / "docker", 'test "$2" = inspect && test -e "${0%/*}/$1 ${3##*/}"')
    return tmp_path


def program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


OWN = RunnerHost("image://registry.dagger.io/engine:v1?container=hubtui-engine", "")
PULLS = "pulls the engine's image registry.dagger.io/engine:v1, which may take minutes"


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (["container hubtui-engine", "image engine:v1"], "starts the engine's container hubtui-engine"),
        (["container hubtui-engine"], "starts the engine's container hubtui-engine"),
        (["image engine:v1"], "creates the engine's container hubtui-engine"),
        (["container another", "image engine:v2"], PULLS),
        ([], PULLS),
    ],
)
def test_what_has_to_be_waited_for_is_said(programs: Path, there: list[str], said: str) -> None:
    for name in there:
        (programs / name).touch()
    assert waiting_for(OWN) == said


def test_the_container_engine_that_the_address_names_is_asked(programs: Path) -> None:
    program(programs / "podman", 'test "$1" = image')
    host = RunnerHost("image+podman://registry.dagger.io/engine:v1", "")
    assert waiting_for(host) == "creates the engine's container by its default name"


def test_an_engine_that_runs_already_is_only_connected_to(programs: Path) -> None:
    assert waiting_for(RunnerHost("unix:///run/x.sock", "")) == "connects to unix:///run/x.sock"


def test_a_host_without_docker_or_with_one_that_hangs_keeps_nobody_waiting(programs: Path) -> None:
    program(programs / "docker", "exec /bin/sleep 30")
    began = time.monotonic()
    assert waiting_for(OWN) == PULLS
    assert time.monotonic() - began < 5
    (programs / "docker").unlink()
    assert waiting_for(OWN) == PULLS


def test_an_environment_that_names_an_image_store_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    host = RunnerHost("unix:///run/dagger/engine.sock", "")
    assert not host.local_images
    monkeypatch.setenv(STORE, "docker-image")
    assert host.local_images
