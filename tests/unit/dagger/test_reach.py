"""A CLI waits for its engine; hubtui does not where there is none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hubtui.errors import EngineError
from hubtui.stacks.engines.dagger import probe, process, reach
from hubtui.stacks.engines.dagger.host import RunnerHost
from hubtui.stacks.engines.dagger.process import SessionProcess
from tests.doubles.reporter import until
from tests.unit.dagger.fake_docker import Docker, docker

__all__ = ("docker",)


@pytest.fixture
async def silent(tmp_path: Path) -> AsyncIterator[SessionProcess]:
    """A CLI that waits, as the real one does for ten minutes."""
    program = tmp_path / "dagger"
    program.write_text("#!/bin/sh\ncat >/dev/null\n")
    program.chmod(0o755)
    child = process.spawn(program, tmp_path / "session", {})
    yield child
    await child.end(0)


def cli_that_says(tmp_path: Path, words: str) -> SessionProcess:
    """A CLI that gives up with these words."""
    program = tmp_path / "gives-up"
    program.write_text(f"#!/bin/sh\necho 'Error: {words}' >&2; exit 1\n")
    program.chmod(0o755)
    return process.spawn(program, tmp_path / "session", {})


async def test_an_engine_that_nobody_starts_is_waited_for_so_long_and_then_named(
    tmp_path: Path, silent: SessionProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "PATIENCE", 0.2)
    monkeypatch.setattr(reach, "_EVERY", 0.05)
    told: list[str] = []
    address = f"unix://{tmp_path}/none.sock"
    with pytest.raises(EngineError, match="nothing answers at") as caught:
        await reach.handshake(silent, RunnerHost(address, "the test says so"), told.append)
    assert caught.value.kind == "dagger_no_engine"
    assert address in caught.value.hint
    assert told[0] == f"connects to {address}"
    assert told[-1].startswith("waits for an engine: nothing answers at")


async def test_a_container_that_is_not_there_is_not_waited_for(silent: SessionProcess) -> None:
    with pytest.raises(EngineError) as caught:
        await reach.handshake(silent, RunnerHost("container+no-such-program://x", "the test"), lambda told: None)
    assert caught.value.kind == "dagger_no_engine"


async def test_a_container_that_was_made_and_does_not_start_is_said_with_dockers_reason(
    docker: Docker, silent: SessionProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "PATIENCE", 0.1)
    monkeypatch.setattr(reach, "_EVERY", 0.02)
    docker.container("created", 128, "operation not permitted")
    with pytest.raises(EngineError, match=r"created \(exit code 128\): operation not permitted") as caught:
        await reach.handshake(silent, RunnerHost("image://e:v1?container=mine", "the test"), lambda told: None)
    assert caught.value.kind == "dagger_no_engine"


@pytest.mark.parametrize(("status", "code"), [("restarting", 1), ("created", 0)])
async def test_a_container_on_its_way_up_is_an_engine_that_is_starting(
    docker: Docker, silent: SessionProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str, code: int
) -> None:
    monkeypatch.setattr(reach, "PATIENCE", 0.1)
    monkeypatch.setattr(reach, "_EVERY", 0.02)
    docker.container(status, code, "")
    with pytest.raises(EngineError, match=f"is being started \\({status}\\)") as caught:
        await reach.handshake(silent, RunnerHost("image://e:v1?container=mine", "the test"), lambda told: None)
    assert caught.value.kind == "engine_starting"
    program = cli_that_says(tmp_path, "cannot connect")
    with pytest.raises(EngineError) as caught:
        await reach.handshake(program, RunnerHost("image://e:v1?container=mine", "the test"), lambda told: None)
    assert caught.value.kind == "engine_starting"
    assert "It said: Error: cannot connect; its container mine is being started" in caught.value.message
    await program.end(0)


async def test_one_that_the_cli_is_still_making_may_take_its_time(
    docker: Docker, silent: SessionProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "PATIENCE", 0.0)
    monkeypatch.setattr(reach, "_EVERY", 0.02)
    looks: list[str] = []
    look = probe.look

    def counted(host: RunnerHost) -> probe.Found:
        looks.append(host.url)
        return look(host)

    monkeypatch.setattr(probe, "look", counted)
    host = RunnerHost("image://e:v1?container=mine", "the test")
    waiting = asyncio.create_task(reach.handshake(silent, host, lambda told: None))
    await until(lambda: len(looks) > 3)
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_what_the_cli_says_is_completed_by_dockers_reason(docker: Docker, tmp_path: Path) -> None:
    docker.container("created", 128, "operation not permitted")
    program = tmp_path / "dagger"
    program.write_text("#!/bin/sh\necho 'Error: failed to run container [traceparent:01-ab]' >&2; exit 1\n")
    program.chmod(0o755)
    child = process.spawn(program, tmp_path / "session", {})
    with pytest.raises(EngineError) as caught:
        await reach.handshake(child, RunnerHost("image://e:v1?container=mine", "the test"), lambda told: None)
    assert "It said: Error: failed to run container; its container mine is created" in caught.value.message
    await child.end(0)


async def test_a_cli_that_the_network_kept_from_its_engines_image_says_so(docker: Docker, tmp_path: Path) -> None:
    child = cli_that_says(tmp_path, "failed to pull image: net/http: TLS handshake timeout")
    with pytest.raises(EngineError, match="TLS handshake timeout") as caught:
        await reach.handshake(child, RunnerHost("image://e:v1?container=mine", "the test"), lambda told: None)
    assert caught.value.kind == "network"
    await child.end(0)


async def test_an_engine_that_answers_leaves_the_word_to_its_cli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "PATIENCE", 0.0)
    program = tmp_path / "dagger"
    program.write_text('#!/bin/sh\necho \'{"port": 7, "session_token": "t"}\'\ncat >/dev/null\n')
    program.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(tmp_path / "s"))
        engine.listen()
        child = process.spawn(program, tmp_path / "session", {})
        door = await reach.handshake(child, RunnerHost(f"unix://{tmp_path}/s", "the test"), lambda told: None)
        assert (door.port, door.token) == (7, "t")
        await child.end(1)
