"""What doctor says of Dagger: which program and engine, why, and the reason of one that does not run."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hubtui.models import Finding
from hubtui.stacks.engines.dagger import cli, findings
from hubtui.stacks.engines.dagger.host import VARIABLE
from hubtui.stacks.engines.dagger.settings import DaggerSettings
from tests.unit.dagger.fake_docker import Docker, docker

__all__ = ("docker",)


@pytest.fixture(autouse=True)
def nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def program(folder: Path, version: str = "") -> Path:
    """A CLI of the SDK's version, or of another one."""
    found = folder / "dagger"
    found.write_text(f"#!/bin/sh\necho dagger {version or f'v{cli.sdk_version()}'}\n")
    found.chmod(0o755)
    return found


def said(settings: DaggerSettings, folder: Path) -> dict[str, Finding]:
    return {f.check: f for f in reversed(list(findings.examine(settings, folder / "cgroup")))}


def test_program_and_engine_are_said_with_why_they_are_meant_and_how_to_change_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(f"{tmp_path}/s")
        engine.listen()
        found = said(DaggerSettings(program(tmp_path), f"unix://{tmp_path}/s"), tmp_path)
    version = cli.sdk_version()
    assert found["dagger"].state == "ok"
    assert found["dagger"].message == f"{tmp_path}/dagger (dagger.cli of the settings), v{version}; dagger-io {version}"
    assert found["dagger engine"].state == "ok"
    assert "dagger.runner_host of the settings): something answers" in found["dagger engine"].message
    assert "dagger.runner_host" in found["dagger engine"].hint
    assert "all interfaces" in found["dagger ports"].message
    assert "cgroups v1" in found["dagger figures"].message


def test_a_program_that_the_sdk_cannot_drive_is_a_warning(tmp_path: Path) -> None:
    found = said(DaggerSettings(program(tmp_path, "v0.18.2"), "tcp://127.0.0.1:1"), tmp_path)["dagger"]
    assert (found.state, "minor versions must be the same" in found.message) == ("warn", True)


def test_an_engine_that_nothing_answers_for_is_a_warning(tmp_path: Path) -> None:
    found = said(DaggerSettings(program(tmp_path), f"unix://{tmp_path}/none"), tmp_path)["dagger engine"]
    assert (found.state, "nothing answers at" in found.message) == ("warn", True)
    assert found.hint.startswith("Start that engine. Another one: ")


def test_the_reason_of_an_engines_container_that_does_not_start_is_read(tmp_path: Path, docker: Docker) -> None:
    settings = DaggerSettings(program(tmp_path))
    assert "there is no container hubtui-engine yet; the first start makes it" in _engine(settings, tmp_path).message
    docker.container("created", 128, "unable to apply caps: operation not permitted")
    found = _engine(settings, tmp_path)
    assert found.state == "warn"
    assert found.message.endswith(
        "hubtui-engine is created (exit code 128): unable to apply caps: operation not permitted"
    )
    assert "`docker logs --tail 20 hubtui-engine` may say more" in found.hint
    docker.container("exited", 137, oom=True)
    assert "exited (exit code 137, out of memory)" in _engine(settings, tmp_path).message
    docker.container("running")
    assert (_engine(settings, tmp_path).state, findings.running(settings)) == (
        "ok",
        "hubtui's own Dagger engine is running (hubtui-engine)",
    )


def _engine(settings: DaggerSettings, folder: Path) -> Finding:
    return said(settings, folder)["dagger engine"]


def test_other_engines_of_this_host_are_named_and_not_used(tmp_path: Path, docker: Docker) -> None:
    docker.container("running")
    docker.engines("dagger-engine-v0.20.0", "hubtui-engine")
    told = [f.message for f in findings.examine(DaggerSettings(program(tmp_path)), tmp_path)]
    assert "Other Dagger engines run here and are not used: dagger-engine-v0.20.0." in told
