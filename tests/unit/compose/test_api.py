"""The client, against a real socket, and through a child process as for other hosts."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from hubtui.stacks.engines.compose import probe
from hubtui.stacks.engines.compose.api.client import Docker
from hubtui.stacks.engines.compose.api.endpoint import Endpoint
from hubtui.stacks.engines.compose.api.http import Http, Refused, Unreachable
from hubtui.stacks.engines.compose.api.named import named
from tests.unit.compose.daemon import running, says, streams

DIAL = """\
import os, socket, sys, threading
assert sys.argv[1:] == ["system", "dial-stdio"], sys.argv
there = socket.socket(socket.AF_UNIX)
there.connect({path!r})
def back():
    while chunk := there.recv(65536):
        os.write(1, chunk)
    os._exit(0)
threading.Thread(target=back, daemon=True).start()
while chunk := os.read(0, 65536):
    there.sendall(chunk)
"""


async def test_one_connection_serves_many_questions(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        daemon.answers["/containers/abc/json"] = says({"Id": "abc"})
        docker = daemon.client()
        for _ in range(3):
            assert await docker.inspect("abc") == {"Id": "abc"}
        assert daemon.connections == 1
        docker.http.close()


async def test_one_that_was_closed_meanwhile_is_opened_anew(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:

        async def once(writer: asyncio.StreamWriter) -> None:
            await says({"Id": "abc"})(writer)
            await writer.drain()
            writer.close()

        daemon.answers["/containers/abc/json"] = once
        docker = daemon.client()
        assert await docker.inspect("abc") == await docker.inspect("abc") == {"Id": "abc"}
        docker.http.close()


async def test_what_is_not_there_is_none_and_what_is_refused_says_why(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        daemon.answers["/images/x%2Fy%3A1/json"] = says({"message": "it burns"}, "500 Internal Server Error")
        docker = daemon.client()
        assert await docker.inspect("nobody") is None
        with pytest.raises(Refused, match="it burns"):
            await docker.image("x/y:1")
        docker.http.close()


async def test_nobody_who_listens_is_said_so(tmp_path: Path) -> None:
    docker = Docker(Http(Endpoint("unix:///x", "a test", str(tmp_path / "none.sock"))))
    with pytest.raises(Unreachable, match="No such file"):
        await docker.inspect("abc")


async def test_events_come_one_by_one_however_they_are_cut(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        daemon.answers["/events"] = streams(b'{"Action": "st', b'art"}\n{"Action": "die"}\nno json\n')
        docker = daemon.client()
        async with docker.events("shop") as events:
            assert [event["Action"] async for event in events] == ["start", "die"]
        assert '"com.docker.compose.project=shop"' in daemon.asked[0]


async def test_a_stream_that_is_torn_is_no_end(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        daemon.answers["/events"] = streams(b'{"Action": "start"}\n', torn=True)
        seen = []
        with pytest.raises(Unreachable, match="closed"):
            async with daemon.client().events("shop") as events:
                async for event in events:
                    seen.append(event["Action"])
        assert seen == ["start"]


async def test_an_answer_that_does_not_come_is_waited_for_no_longer_than_said(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        daemon.answers["/version"] = streams(hold=asyncio.Event())
        with pytest.raises(Unreachable, match="no answer within"):
            await daemon.client().version(0.05)


async def test_other_hosts_are_reached_through_the_cli(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        daemon.answers["/version"] = says({"Version": "20.10.24+dfsg1", "Components": [{"Name": "Engine"}]})
        program = tmp_path / "docker.py"
        program.write_text(DIAL.format(path=str(daemon.path)))
        docker = Docker(Http(Endpoint("ssh://build@far", "a test"), (sys.executable, str(program))))
        assert await docker.version() == await docker.version() == "Docker 20.10.24"
        assert daemon.connections == 1
        docker.http.close()


async def test_a_look_from_outside_a_loop(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        labels = {"com.docker.compose.project": "shop"}
        daemon.answers["/version"] = says({"Version": "24.0.1"})
        daemon.answers["/containers/json"] = says([{"Labels": labels}])
        daemon.answers["/volumes"] = says({"Volumes": [{"Labels": {"com.docker.compose.project": "old"}}]})
        where = Endpoint("unix", "a test", str(daemon.path))
        seen = await asyncio.to_thread(probe.look, 5.0, where)
        assert seen == probe.Seen("Docker 24.0.1", "", frozenset({"shop", "old"}))


async def test_what_runs_by_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path) as daemon:
        labels = "com.docker.compose."
        web = {f"{labels}project": "shop", f"{labels}service": "web", f"{labels}project.working_dir": "/srv/shop"}
        short = {**web, f"{labels}service": "once", f"{labels}oneoff": "True"}
        daemon.answers["/containers/json"] = says([{"Labels": web}, {"Labels": short}])
        monkeypatch.setenv("DOCKER_HOST", f"unix://{daemon.path}")
        assert await asyncio.to_thread(probe.running_by_folder) == {"/srv/shop": ("web",)}
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
        assert await asyncio.to_thread(probe.running_by_folder) is None


async def test_a_daemon_that_hangs_costs_a_look_no_more_than_its_time(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        daemon.answers["/version"] = streams(hold=asyncio.Event())
        seen = await asyncio.to_thread(probe.look, 0.1, Endpoint("unix", "a test", str(daemon.path)))
        assert (seen.version, seen.problem) == ("", "no answer in time")


def test_a_daemon_is_called_by_its_own_name() -> None:
    components = [{"Name": "Podman Engine", "Version": "4.3.1"}, {"Name": "Conmon", "Version": "2.1.6"}]
    assert named({"Version": "4.3.1", "Components": components}) == "Podman 4.3.1"
    assert named({"Version": "20.10.24+dfsg1"}) == "Docker 20.10.24"
    assert named({}) == "Docker of no version"
