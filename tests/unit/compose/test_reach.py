"""The first look at a project: what is said while the daemon does not answer, and of what has ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from hubtui.models import ServiceState, StepState
from hubtui.stacks.engines.compose.api.client import Docker
from hubtui.stacks.engines.compose.api.endpoint import Endpoint
from hubtui.stacks.engines.compose.api.http import Http, Unreachable
from hubtui.stacks.engines.compose.containers import Container
from hubtui.stacks.engines.compose.reach import reach, tell_ended
from hubtui.stacks.engines.compose.watch import Watch
from hubtui.stacks.spec.model import Service, Stack
from tests.doubles.reporter import RecordingReporter
from tests.unit.compose.daemon import NOT_THERE, Answer, Daemon, running, says, streams

LABELS = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}
LISTED = [{"Id": "abc", "Labels": LABELS}]


def container(status: str, **state: object) -> dict[str, object]:
    described = {"Status": status, "StartedAt": "2026-11-26T03:14:22Z", **state}
    return {"Id": "abc", "Name": "/shop-web-1", "State": described, "Config": {"Labels": LABELS}}


class Told:
    """What a watch told."""

    def __init__(self) -> None:
        self.statuses: list[str] = []
        self.words: list[str] = []
        self.news = asyncio.Event()

    def changed(self, service: str, containers: Mapping[str, Container]) -> None:
        self.statuses.append(f"{service} {next((c.status for c in containers.values()), 'gone')}")
        self.news.set()

    def told_to_end(self, service: str) -> None:
        self.words.append(f"{service} told")

    def gone(self, why: str) -> None:
        self.words.append("gone")

    def back(self) -> None:
        self.words.append("back")
        self.news.set()

    async def until(self, status: str) -> None:
        async with asyncio.timeout(10):
            while status not in self.statuses:
                self.news.clear()
                await self.news.wait()


async def test_a_daemon_that_does_not_answer_yet_is_waited_for_and_said(tmp_path: Path) -> None:
    reporter, told = RecordingReporter(), Told()
    docker = Docker(Http(Endpoint("unix", "a test", str(tmp_path / "d.sock"))))
    watch = Watch(docker, "shop", told)
    with pytest.raises(Unreachable):
        await reach(watch, "unix", reporter, patient=False)
    reaching = asyncio.create_task(reach(watch, "unix", reporter, patient=True))
    async with asyncio.timeout(10):
        while "session" not in reporter.steps:
            await asyncio.sleep(0.01)
    assert reporter.steps["session"].states == [StepState.RUNNING]
    async with running(tmp_path) as daemon:
        hold = asyncio.Event()
        daemon.answers["/events"] = streams(hold=hold)
        daemon.answers["/containers/json"] = says([])
        await reaching
        assert reporter.steps["session"].states == [StepState.RUNNING, StepState.DONE]
        assert [kind for kind, _ in reporter.notes] == ["daemon_gone", "daemon_back"]
        await watch.close()


async def test_what_happens_is_inspected_and_a_daemon_that_went_away_is_looked_at_anew(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        told, first, second = Told(), asyncio.Event(), asyncio.Event()
        actor = b'"Actor": {"ID": "abc", "Attributes": {"com.docker.compose.service": "web", "signal": "15"}}'
        kill, die = (b'{"Action": "%s", %s}\n' % (word, actor) for word in (b"kill", b"die"))
        daemon.answers["/containers/json"] = says(LISTED)
        daemon.answers["/containers/abc/json"] = says(container("running"))
        daemon.answers["/events"] = streams(kill, die, hold=first, torn=True)
        watch = Watch(daemon.client(), "shop", told)
        await watch.begin()
        await told.until("web running")
        daemon.answers["/events"] = streams(hold=second)
        daemon.answers["/containers/abc/json"] = says(container("exited", ExitCode=3))
        first.set()
        await told.until("web exited")
        async with asyncio.timeout(10):
            while told.words != ["web told", "gone", "back"]:
                await asyncio.sleep(0.01)
        assert watch.of("web")["abc"].code == 3
        await watch.close()


def once(event: asyncio.Event, answer: Answer) -> Answer:
    """The same answer, when that has happened."""

    async def waits(writer: asyncio.StreamWriter) -> None:
        await event.wait()
        await answer(writer)

    return waits


def tells(action: str, when: asyncio.Event, over: asyncio.Event) -> Answer:
    """A stream of events that has one of the container abc."""
    actor = {"ID": "abc", "Attributes": {"com.docker.compose.service": "web"}}
    line = json.dumps({"Action": action, "Actor": actor}).encode() + b"\n"

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await when.wait()
        writer.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        await over.wait()

    return answer


async def asked(daemon: Daemon, *targets: str) -> None:
    async with asyncio.timeout(10):
        while not all(any(one.startswith(target) for one in daemon.asked) for target in targets):
            await asyncio.sleep(0.01)


async def test_an_event_is_newer_than_a_look_at_everything_that_began_before_it(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        told, happens, slow, over = Told(), asyncio.Event(), asyncio.Event(), asyncio.Event()
        daemon.answers["/containers/json"] = says(LISTED)
        daemon.answers["/containers/abc/json"] = says(container("running"))
        daemon.answers["/events"] = tells("die", happens, over)
        watch = Watch(daemon.client(), "shop", told)
        await watch.begin()
        daemon.answers["/containers/json"] = says([*LISTED, {"Id": "slow", "Labels": LABELS}])
        daemon.answers["/containers/slow/json"] = once(slow, NOT_THERE)
        daemon.asked.clear()
        looking = asyncio.create_task(watch.look())
        await asked(daemon, "/containers/abc/json", "/containers/slow/json")
        daemon.answers["/containers/abc/json"] = says(container("exited", ExitCode=3))
        happens.set()
        await told.until("web exited")
        slow.set()
        await looking
        assert told.statuses == ["web running", "web exited"]
        assert watch.of("web")["abc"].code == 3
        over.set()
        await watch.close()


async def test_what_an_event_found_is_not_lost_to_an_older_list(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        told, happens, slow, over = Told(), asyncio.Event(), asyncio.Event(), asyncio.Event()
        daemon.answers["/containers/json"] = says([])
        daemon.answers["/containers/abc/json"] = says(container("running"))
        daemon.answers["/events"] = tells("start", happens, over)
        watch = Watch(daemon.client(), "shop", told)
        await watch.begin()
        daemon.answers["/containers/json"] = once(slow, says([]))
        daemon.asked.clear()
        looking = asyncio.create_task(watch.look())
        await asked(daemon, "/containers/json")
        happens.set()
        await told.until("web running")
        slow.set()
        await looking
        assert told.statuses == ["web running"]
        assert list(watch.of("web")) == ["abc"]
        over.set()
        await watch.close()


def test_what_has_ended_before_anybody_looked_has_not_failed(tmp_path: Path) -> None:
    stack = Stack("shop", tmp_path, (), {name: Service(name) for name in ("web", "job", "db", "new")})
    watch = Watch(Docker(Http(Endpoint("unix", "a test"))), "shop", Told())
    for name, code in (("web", 143), ("job", 0), ("db", None)):
        status = "running" if code is None else "exited"
        watch.containers[name] = Container(name, name, name, 1, status, code=code, started="2026-11-26T03:14:22Z")
    told: dict[str, tuple[ServiceState, object]] = {}

    def tell(name: str, state: ServiceState, **more: object) -> None:
        told[name] = state, more["message"]

    tell_ended(watch, stack, ["db"], tell)
    assert told == {
        "web": (ServiceState.STOPPED, "exited with code 143 (SIGTERM)"),
        "job": (ServiceState.EXITED, "exited with code 0"),
    }
