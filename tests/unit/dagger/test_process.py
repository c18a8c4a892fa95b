"""The `dagger session` process: its handshake, whatever it says instead, and its end with all of its group."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.errors import EngineError
from hubtui.stacks import proctree
from hubtui.stacks.engines.dagger import process
from hubtui.stacks.engines.dagger.process import Door, SessionProcess
from hubtui.stacks.proctree import MARKER
from tests.doubles.reporter import until
from tests.unit.dagger import fake_cli
from tests.unit.dagger.fake_cli import SILENT, left, shakes_hands


@pytest.fixture
def marker(tmp_path: Path) -> Iterator[str]:
    """What every process of the test carries in its environment."""
    yield str(tmp_path)
    for who in proctree.find_marked(str(tmp_path)):
        os.kill(who.pid, signal.SIGKILL)


def spawned(tmp_path: Path, session: str) -> SessionProcess:
    program = fake_cli.write(tmp_path / "bin", session)
    return process.spawn(program, tmp_path / "engine", {MARKER: str(tmp_path)})


async def test_one_line_of_json_is_the_handshake_and_the_end_of_stdin_the_end(tmp_path: Path, marker: str) -> None:
    child = spawned(tmp_path, shakes_hands(4321))
    assert await child.handshake() == Door(4321, "secret")
    assert not child.exit.done()
    assert await child.end(10) is False
    assert child.exit.result() == 0
    assert left(marker) == []


async def test_it_is_told_what_it_needs_and_nothing_of_the_shell_around(
    tmp_path: Path, marker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DAGGER_MODULE", "DAGGER_SESSION_PORT", "TRACEPARENT", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        monkeypatch.setenv(name, "of the shell")
    child = spawned(tmp_path, f'echo "$@" >"{tmp_path}/argv"; env >"{tmp_path}/env"; pwd >"{tmp_path}/cwd"; echo {{}}')
    with pytest.raises(EngineError):
        await child.handshake()
    await child.end(0)
    neutral = tmp_path / "engine" / "neutral"
    assert (tmp_path / "argv").read_text().split()[:2] == ["--silent", "session"]
    assert (tmp_path / "cwd").read_text().strip() == str(neutral)
    environment = (tmp_path / "env").read_text()
    assert "of the shell" not in environment
    assert "DAGGER_SILENT=1" in environment


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ("echo hello", "said b'hello\\n'"),
        ("echo '[1, 2]'", "said b'[1, 2]\\n'"),
        ("echo 5", "said b'5\\n'"),
        ("""echo '{"port": 5}'""", "said"),
        ("""echo '{"port": "x", "session_token": "t"}'""", "said"),
        ("""printf '{"port": 5'; exit 0""", "said b'{\"port\": 5'"),
        ("printf '\\033[2Jx\\n'", "said"),
        ("yes xyz | tr -d '\\n'", "said b'xyzxyz"),
        ("exit 1", "ended with code 1"),
        ("kill -9 $$", "ended with code -9"),
        ("exec >&-; sleep 0.2; exit 3", "ended with code 3"),
    ],
)
async def test_whatever_it_says_instead_is_told_with_its_last_words(
    tmp_path: Path, marker: str, says: str, told: str
) -> None:
    child = spawned(tmp_path, f"echo first >&2; printf 'Error: \\033[31mno engine\\n' >&2; {says}; {SILENT}")
    with pytest.raises(EngineError) as caught:
        await child.handshake(20)
    await child.end(0)
    error = caught.value
    assert error.message.startswith("There is no Dagger session: the CLI ")
    assert told in error.message
    assert "It said: Error: " in error.message
    assert "no engine" in error.message
    assert "\x1b" not in error.message
    assert (error.kind, "hubtui doctor" in error.hint) == ("dagger_no_session", True)
    await until(lambda: left(marker) == [], 5)


@pytest.mark.parametrize("session", [SILENT, f"exec >&-; {SILENT}"])
async def test_a_handshake_that_does_not_come_is_not_waited_for_for_ever(
    tmp_path: Path, marker: str, session: str
) -> None:
    child = spawned(tmp_path, f"echo 'still pulling' >&2; {session}")
    await until(lambda: child.last_words() == "still pulling")
    began = time.monotonic()
    with pytest.raises(EngineError, match=r"No Dagger session within 0 s. It said: still pulling") as caught:
        await child.handshake(0.4)
    assert time.monotonic() - began < 5
    assert caught.value.kind == "dagger_no_session"
    assert await child.end(10) is False
    assert left(marker) == []


async def test_one_that_does_not_end_by_itself_is_killed_with_its_group(tmp_path: Path, marker: str) -> None:
    child = spawned(tmp_path, "sleep 600 & trap '' TERM HUP; echo '{}'; while :; do sleep 1; done")
    await until(lambda: "sleep" in left(marker))
    began = time.monotonic()
    assert await child.end(0.3) is True
    assert time.monotonic() - began < 5
    assert child.exit.result() == -signal.SIGKILL
    await until(lambda: left(marker) == [], 5)


async def test_what_it_leaves_in_its_group_ends_too(tmp_path: Path, marker: str) -> None:
    child = spawned(tmp_path, f"sleep 600 >/dev/null 2>&1 & {shakes_hands(1)}")
    await child.handshake()
    assert await child.end(10) is False
    await until(lambda: left(marker) == [], 5)


async def test_a_program_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    program = fake_cli.write(tmp_path / "bin", SILENT)
    program.write_text("no interpreter")
    with pytest.raises(EngineError, match="could not be started") as caught:
        process.spawn(program, tmp_path / "engine", {})
    assert (caught.value.kind, str(program) in caught.value.message) == ("dagger_cli", True)


_RUNNER = """
import asyncio, json, subprocess, sys
from pathlib import Path
from hubtui.stacks.engines.dagger import process

async def live():
    cli, folder, marker = sys.argv[1:]
    child = process.spawn(Path(cli), Path(folder), {"HUBTUI_RUN": marker})
    await child.handshake()
    heir = subprocess.Popen(["sleep", "600"], close_fds=False, start_new_session=True)  # inherits all that can be
    print(json.dumps([child.pid, heir.pid]), flush=True)
    await asyncio.sleep(600)

asyncio.run(live())
"""


def test_the_runners_death_is_the_clis_end_whatever_the_runner_has_started_since(tmp_path: Path, marker: str) -> None:
    """A child of the runner that held the other end of the CLI's stdin would keep the session alive."""
    program = fake_cli.write(tmp_path / "bin", shakes_hands(1))
    argv = [sys.executable, "-c", _RUNNER, str(program), str(tmp_path / "engine"), marker]
    runner = subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
    assert runner.stdout is not None
    cli, heir = json.loads(runner.stdout.readline())
    try:
        runner.kill()
        runner.wait()
        deadline = time.monotonic() + 5
        while left(marker) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert left(marker) == []
        found = proctree.stat(cli)
        assert found is None or found.dead
        alive = proctree.stat(heir)
        assert alive is not None, "the heir lives, or nothing was proved"
        assert not alive.dead
    finally:
        os.kill(heir, signal.SIGKILL)
