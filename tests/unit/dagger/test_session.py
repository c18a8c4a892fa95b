"""Opening a session with programs that do not behave: a clear error, and nothing left running or open."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hubtui.errors import EngineError
from hubtui.stacks.engines.dagger import cli, process, session
from hubtui.stacks.engines.dagger.process import Door
from hubtui.stacks.engines.dagger.session import Pings, Session, open_session
from hubtui.stacks.engines.dagger.settings import DaggerSettings
from hubtui.stacks.proctree import MARKER
from tests.doubles import dagger as stand_in
from tests.doubles.dagger import Double
from tests.doubles.reporter import until
from tests.doubles.stacks import free_ports
from tests.unit.dagger import fake_cli
from tests.unit.dagger.fake_cli import SILENT, left, shakes_hands


class Opening:
    """Opens sessions of one fake CLI; `told` is what was said of the progress."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.marker, self.address = folder, str(folder), address
        self.told: list[str] = []

    async def open(self, program: Path) -> Session:
        settings = DaggerSettings(program, self.address)
        return await open_session(settings, self.folder / "engine", {MARKER: self.marker}, self.told.append)

    async def fails(self, program: Path) -> EngineError:
        """The error of a session that does not open, and leaves nothing."""
        with pytest.raises(EngineError) as caught:
            await self.open(program)
        await until(lambda: left(self.marker) == [], 5)
        return caught.value


@pytest.fixture
def opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opening]:
    monkeypatch.setenv("VERSION", f"v{cli.sdk_version()}")
    with stand_in.listening(tmp_path) as address:
        yield Opening(tmp_path, address)
    assert left(str(tmp_path)) == []


def open_files() -> list[str]:
    """What this process has open, pipes and sockets above all."""
    found = []
    for fd in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{fd}"))
        except OSError:
            continue
    return sorted(f for f in found if f.startswith(("pipe", "socket", "anon_inode:[pidfd]")))


@pytest.fixture
def double(opening: Opening) -> Iterator[Double]:
    with stand_in.installed(opening.folder / "double") as found:
        yield found


async def test_a_session_of_the_stand_in_opens_says_its_versions_and_closes(opening: Opening, double: Double) -> None:
    found = await opening.open(Path(double.environment["HUBTUI_DAGGER__CLI"]))
    version = cli.sdk_version()
    assert found.versions == {"engine": f"v{version}", "CLI": f"v{version}", "SDK": version}
    assert found.modern is (version >= "0.21")
    assert opening.told == [f"connects to {opening.address}", "connects"]
    assert await found.ping() == ""
    assert await found.close() is False


async def test_versions_that_do_not_fit_are_said_with_both_ways_out(
    opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERSION", "v0.18.3")
    program = fake_cli.write(opening.folder / "bin", shakes_hands(1))
    error = await opening.fails(program)
    assert error.kind == "dagger_versions"
    assert cli.sdk_version() in error.message
    assert "v0.18.3" in error.message
    assert "dagger-io 0.18.*" in error.hint
    assert f"a CLI {cli.sdk_version()}" in error.hint
    assert str(program) in error.hint


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("echo hello", "said b'hello"),
        ("exit 1", "ended with code 1"),
        ("yes x | tr -d '\\n'", "said b'xxx"),
    ],
)
async def test_no_handshake_is_no_session(opening: Opening, does: str, said: str) -> None:
    error = await opening.fails(fake_cli.write(opening.folder / "bin", f"echo 'no engine' >&2; {does}; {SILENT}"))
    assert error.kind == "dagger_no_session"
    assert said in error.message
    assert "no engine" in error.message


async def test_a_door_that_nobody_opens_is_no_session(opening: Opening) -> None:
    (port,) = free_ports(1)
    error = await opening.fails(fake_cli.write(opening.folder / "bin", f"echo oops >&2; {shakes_hands(port)}"))
    assert error.kind == "dagger_no_session"
    assert error.message.startswith("The Dagger session cannot be used: ")
    assert error.message.endswith("The CLI said: oops")


async def test_a_door_behind_which_nobody_answers_is_not_waited_at_for_ever(
    opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_CONNECT", 0.5)
    with closing(await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)) as server:
        port = server.sockets[0].getsockname()[1]
        began = time.monotonic()
        error = await opening.fails(fake_cli.write(opening.folder / "bin", shakes_hands(port)))
    assert "it did not answer within" in error.message
    assert time.monotonic() - began < 10


async def test_an_engine_that_is_gone_already_is_no_session(opening: Opening, double: Double) -> None:
    double.switch("502")
    error = await opening.fails(Path(double.environment["HUBTUI_DAGGER__CLI"]))
    assert error.kind == "dagger_no_session"
    assert "502" in error.message


@pytest.mark.parametrize("does", [SILENT, "trap '' TERM HUP; while :; do sleep 1; done"])
async def test_one_that_is_cancelled_while_it_opens_leaves_nothing(opening: Opening, does: str) -> None:
    task = asyncio.create_task(opening.open(fake_cli.write(opening.folder / "bin", does)))
    await until(lambda: left(opening.marker))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
    await until(lambda: left(opening.marker) == [], 5)


async def test_sessions_that_fail_again_and_again_leave_no_file_open(opening: Opening, double: Double) -> None:
    program = Path(double.environment["HUBTUI_DAGGER__CLI"])
    double.switch("502")
    await opening.fails(program)
    before = open_files()
    for _ in range(3):
        await opening.fails(program)
    assert open_files() == before


async def test_only_pings_in_a_row_without_an_answer_are_a_lost_session(opening: Opening) -> None:
    answers = [500, 500, 200, 500, 500, 200, 500, 500, 500, 200]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {answers.pop(0)} X\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + b"{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    child = process.spawn(fake_cli.write(opening.folder / "bin", SILENT), opening.folder / "engine", {})
    watched = Session(child, Door(port, "secret"), Pings(every=0.01, patience=5, soon=0.01))
    watching = asyncio.create_task(watched._watch())
    assert await asyncio.wait_for(watched.lost, 10) == "3 pings in a row had no answer (HTTP 500)"
    await asyncio.wait_for(watching, 5)
    assert answers == [200]
    server.close()
    assert await watched.close() is True
