"""Following a stream over a real socket that breaks off, repeats itself, and goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from hubtui.stacks.engines.dagger.telemetry.stream import SessionGone, follow


class Engine:
    """Answers each request with the next of `answers`: (status, body after the headers), and remembers from where each
    was asked."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        self.asked.append(next((line[17:] for line in head.split("\r\n") if line.startswith("x-last-event-id: ")), ""))
        status, body = self._answers.pop(0)
        writer.write(b"HTTP/1.1 %d X\r\nContent-Type: text/event-stream\r\n\r\n" % status + body)
        await writer.drain()
        if self._answers:
            writer.close()


@asynccontextmanager
async def served(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    server = await asyncio.start_server(engine.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", auth=("token", "")) as client:
        yield client
    server.close()


def event(number: int) -> bytes:
    return b'event: logs\nid: %d\ndata: {"n": %d}\n\n' % (number, number)


async def test_a_break_in_the_middle_of_an_event_loses_and_doubles_nothing() -> None:
    engine = Engine(
        (200, b"event: subscribed\ndata:\n\n" + event(1) + event(2)[:10]),
        (200, event(2) + event(3)),
        (500, b"oops"),
        (200, event(3) + event(4)),
    )
    taken: list[Any] = []
    enough = asyncio.Event()

    def take(data: Mapping[str, Any]) -> None:
        taken.append(data["n"])
        if data["n"] == 4:
            enough.set()

    async with served(engine) as client:
        following = asyncio.create_task(follow(client, "/v1/logs", take))
        await asyncio.wait_for(enough.wait(), 10)
        following.cancel()
    assert taken == [1, 2, 3, 4]
    assert engine.asked == ["", "1", "3", "3"]


@pytest.mark.parametrize("status", [401, 502])
async def test_a_session_that_is_gone_is_said(status: int) -> None:
    async with served(Engine((status, b""))) as client:
        with pytest.raises(SessionGone):
            await asyncio.wait_for(follow(client, "/v1/logs", lambda _: None), 10)


async def test_a_port_that_refuses_is_a_session_that_is_gone() -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as client:
        with pytest.raises(SessionGone):
            await asyncio.wait_for(follow(client, "/v1/logs", lambda _: None), 10)
