"""A service's log from its containers: nothing missed, nothing twice, whoever stored the lines before."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hubtui.models import LogLine
from hubtui.stacks.engines.base import LogLimits
from hubtui.stacks.engines.compose.containers import Container
from hubtui.stacks.engines.compose.logs import Feeds
from hubtui.stacks.logfiles import LogReader, LogWriter
from tests.unit.compose.daemon import Daemon, running, streams
from tests.unit.compose.test_lines import frame

BEGAN = datetime(2026, 11, 26, 3, 14, tzinfo=UTC)
WEB = Container("abc", "shop-web-1", "web", 1, "running", started="2026-11-26T03:14:00.5Z")
LOGS = "/containers/abc/logs"


def line(number: int, text: str = "", end: bytes = b"\n") -> bytes:
    """A line that is printed a tenth of a second after the one before."""
    at = BEGAN + timedelta(seconds=number / 10)
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%f") + f"{number % 1000:03d}Z"
    return frame((text or f"line {number}").encode() + end, 1, stamp.encode())


class Service:
    """Whose log it is."""

    name = "web"

    def __init__(self, folder: Path, secrets: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.heard_at: float | None = None
        self.writer = LogWriter(folder, 1, LogLimits(), secrets, clock=lambda: self.heard_at or 0.0)

    def log(self) -> LogWriter:
        return self.writer

    def lines(self) -> list[LogLine]:
        return LogReader(self.folder, "web").tail(10_000)[0]


async def followed(daemon: Daemon, service: Service, *containers: Container) -> Feeds:
    feeds = Feeds(daemon.client(), service, LogReader(service.folder, "web"))
    feeds.follow({c.id: c for c in containers})
    await feeds.drained()
    return feeds


async def test_lines_carry_the_time_at_which_they_were_printed(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        service = Service(tmp_path / "log")
        daemon.answers[LOGS] = streams(line(1) + line(2), frame(b"oops\n", 2))
        await followed(daemon, service, WEB)
        assert [(x.stream, x.line) for x in service.lines()] == [("out", "line 1"), ("out", "line 2"), ("err", "oops")]
        assert service.lines()[1].time == BEGAN + timedelta(seconds=0.2)


async def test_the_next_runner_goes_on_after_the_last_line_that_was_stored(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        daemon.answers[LOGS] = streams(*map(line, range(30)))
        await followed(daemon, Service(tmp_path / "log"), WEB)
        daemon.answers[LOGS] = streams(*map(line, range(60)))  # more than is asked for
        after = Service(tmp_path / "log")
        await followed(daemon, after, WEB)
        assert [x.line for x in after.lines()] == [f"line {n}" for n in range(60)]
        assert any("since=1795662840.9" in target for target in daemon.asked)  # two seconds before the last


async def test_lines_that_say_the_same_at_the_same_moment_are_all_kept(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        same = [line(1, "again")] * 3
        daemon.answers[LOGS] = streams(*same[:2])
        await followed(daemon, Service(tmp_path / "log"), WEB)
        daemon.answers[LOGS] = streams(*same, line(2))
        after = Service(tmp_path / "log")
        await followed(daemon, after, WEB)
        assert [x.line for x in after.lines()] == ["again", "again", "again", "line 2"]


async def test_what_is_masked_or_cut_is_known_again(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        printed = [line(1, "password hunter22"), line(2, "x" * 50_000), line(3)]
        daemon.answers[LOGS] = streams(*printed)
        await followed(daemon, Service(tmp_path / "log", ("hunter22",)), WEB)
        before = Service(tmp_path / "log").lines()
        assert all("hunter22" not in x.line for x in before)
        after = Service(tmp_path / "log", ("hunter22",))
        await followed(daemon, after, WEB)
        assert after.lines() == before


async def test_a_restart_is_followed_from_where_it_was(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        service = Service(tmp_path / "log")
        daemon.answers[LOGS] = streams(line(1), line(2))
        feeds = await followed(daemon, service, WEB)
        daemon.answers[LOGS] = streams(line(2), line(3), line(4))
        feeds.follow({"abc": WEB})  # the same life: nothing to do
        feeds.follow({"abc": replace(WEB, started="2026-11-26T03:14:09Z")})
        await feeds.drained()
        assert [x.line for x in service.lines()] == ["line 1", "line 2", "line 3", "line 4"]
        assert len([target for target in daemon.asked if "follow=1" in target]) == 2


async def test_lines_without_an_end_are_kept_through_restarts(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        service = Service(tmp_path / "log")
        first, second = (line(n, f"life {n}", end=b"") for n in (1, 2))
        daemon.answers[LOGS] = streams(first)
        feeds = await followed(daemon, service, WEB)
        daemon.answers[LOGS] = streams(first, second)
        feeds.follow({"abc": replace(WEB, started="2026-11-26T03:14:09Z")})
        await feeds.drained()
        assert [x.line for x in service.lines()] == ["life 1", "life 2"]


async def test_a_last_line_that_docker_keeps_back_is_asked_for(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        service = Service(tmp_path / "log")

        async def answer(writer: asyncio.StreamWriter) -> None:
            follows = "follow=1" in daemon.asked[-1]
            await streams(line(1), *([] if follows else [line(2, "at the end", end=b"")]))(writer)

        daemon.answers[LOGS] = answer
        await followed(daemon, service, WEB)
        assert [x.line for x in service.lines()] == ["line 1", "at the end"]


async def test_what_somebody_else_has_started_is_not_read_from_the_year_dot(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        daemon.answers[LOGS] = streams(line(1))
        feeds = Feeds(daemon.client(), Service(tmp_path / "log"), LogReader(tmp_path / "log", "web"))
        feeds.at_most = "5000"
        feeds.follow({"abc": WEB})
        await feeds.drained()
        assert "tail=5000" in daemon.asked[-1]


async def test_a_daemon_that_goes_away_loses_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        service = Service(tmp_path / "log")
        daemon.answers[LOGS] = streams(line(1), line(2), torn=True)
        feeds = await followed(daemon, service, WEB)
        daemon.answers[LOGS] = streams(line(2), line(3))
        feeds.again()
        feeds.follow({"abc": WEB})
        await feeds.drained()
        assert [x.line for x in service.lines()] == ["line 1", "line 2", "line 3"]


async def test_nobody_is_followed_after_the_end(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        daemon.answers[LOGS] = streams(line(1), hold=asyncio.Event())
        service = Service(tmp_path / "log")
        feeds = Feeds(daemon.client(), service, LogReader(service.folder, "web"))
        feeds.follow({"abc": WEB})
        async with asyncio.timeout(10):
            while not service.lines():
                await asyncio.sleep(0.01)
            await feeds.close()
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("log of")]
