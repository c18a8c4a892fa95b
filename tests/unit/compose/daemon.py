"""A daemon for tests: a real unix socket that answers HTTP as it is told to, one connection after the other."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from hubtui.stacks.engines.compose.api.client import Docker
from hubtui.stacks.engines.compose.api.endpoint import Endpoint
from hubtui.stacks.engines.compose.api.http import Http

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def says(body: Any, status: str = "200 OK") -> Answer:
    """A whole answer with its length."""
    raw = json.dumps(body).encode()

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(raw)}\r\n\r\n".encode() + raw)

    return answer


def streams(*chunks: bytes, torn: bool = False, hold: asyncio.Event | None = None) -> Answer:
    """An answer in chunks; `torn` ends the connection in the middle, `hold` waits before the end."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for chunk in chunks:
            writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0)
        if hold is not None:
            await hold.wait()
        if torn:
            writer.close()
        else:
            writer.write(b"0\r\n\r\n")

    return answer


NOT_THERE = says({"message": "page not found"}, "404 Not Found")


class Daemon:
    """`answers` by path (without its query); `asked` are all targets, in order, `connections` how many were opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.connections = 0

    def client(self) -> Docker:
        """Who asks it."""
        return Docker(Http(Endpoint(f"unix://{self.path}", "a test", str(self.path))))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                target = head.split(b" ", 2)[1].decode()
                self.asked.append(unquote_plus(target))
                answer = self.answers.get(
                    target.partition("?")[0], says({"message": "page not found"}, "404 Not Found")
                )
                await answer(writer)
                await writer.drain()


@contextlib.asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Daemon]:
    """A daemon that listens in `folder`."""
    daemon = Daemon(folder / "d.sock")
    server = await asyncio.start_unix_server(daemon.serve, daemon.path)
    try:
        yield daemon
    finally:
        server.close()
