"""HTTP/1.1 to a daemon, over its unix socket or over the pipes of `docker system dial-stdio`: requests and streams.

A connection whose answer was read to its end is kept for the next request: a socket costs nothing, but a child process
(and with ssh a login) does.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import h11

from hubtui.stacks.engines.compose.api.endpoint import Endpoint

KEPT = 4  # idle connections
ANSWER = 20.0  # seconds for an answer that is no stream
_BLOCK = 65536


class Unreachable(Exception):
    """The daemon does not answer: nobody listens, no permission, or it went away in the middle."""


class Refused(Exception):
    """The daemon answered, with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(slots=True)
class _Line:
    """One connection, and the child that carries it, if any."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    http: h11.Connection
    child: subprocess.Popen[bytes] | None = None

    async def next_event(self) -> Any:
        while (event := self.http.next_event()) is h11.NEED_DATA:
            self.http.receive_data(await self.reader.read(_BLOCK))
        if isinstance(event, h11.ConnectionClosed):
            raise Unreachable("the connection was closed")
        return event

    def close(self) -> None:
        self.writer.close()
        if self.child is not None:
            self.child.send_signal(signal.SIGTERM)
            child = self.child
            asyncio.get_running_loop().run_in_executor(None, child.wait)


@dataclass(slots=True)
class Stream:
    """An answer that is read as it comes."""

    status: int
    headers: dict[str, str]
    _line: _Line

    async def chunks(self) -> AsyncIterator[bytes]:
        """Its body, until it ends. Raises Unreachable where it ends in the middle."""
        try:
            while isinstance(event := await self._line.next_event(), h11.Data):
                yield bytes(event.data)
        except h11.RemoteProtocolError as error:
            raise Unreachable("it closed the connection") from error
        except (OSError, h11.ProtocolError) as error:
            raise Unreachable(str(error) or type(error).__name__) from error


class Http:
    """Talks to one daemon. `docker` is the argv of the CLI that carries what is no unix socket."""

    def __init__(self, endpoint: Endpoint, docker: tuple[str, ...] = ("docker",)) -> None:
        self.endpoint, self._docker = endpoint, docker
        self._idle: list[_Line] = []

    async def get(self, target: str, seconds: float = ANSWER) -> Any:
        """The JSON that is there. Raises Unreachable, Refused."""
        try:
            async with asyncio.timeout(seconds):
                async with self.stream(target) as answer:
                    body = b"".join([chunk async for chunk in answer.chunks()])
        except TimeoutError:
            raise Unreachable(f"no answer within {seconds:g} s") from None
        try:
            return json.loads(body) if body.strip() else None
        except ValueError:
            raise Unreachable("the answer is no JSON: is this a Docker daemon?") from None

    @contextlib.asynccontextmanager
    async def stream(self, target: str, method: str = "GET") -> AsyncIterator[Stream]:
        """An open answer. Raises Unreachable, Refused."""
        line = self._idle.pop() if self._idle else None
        if line is not None and (line.reader.at_eof() or line.writer.is_closing()):
            line.close()
            line = None
        fresh = line is None
        line = line or await self._connect()
        try:
            try:
                answer = await self._ask(line, method, target)
            except Unreachable:
                if fresh:
                    raise
                line.close()  # it was kept too long: once more on a new one
                line = await self._connect()
                answer = await self._ask(line, method, target)
            yield answer
        finally:
            self._put_back(line)

    async def _ask(self, line: _Line, method: str, target: str) -> Stream:
        headers = [("Host", "docker"), ("User-Agent", "hubtui")]
        try:
            line.writer.write(line.http.send(h11.Request(method=method, target=target, headers=headers)) or b"")
            line.writer.write(line.http.send(h11.EndOfMessage()) or b"")
            await line.writer.drain()
            event = await line.next_event()
            while isinstance(event, h11.InformationalResponse):
                event = await line.next_event()
        except (OSError, h11.ProtocolError) as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        if not isinstance(event, h11.Response):
            raise Unreachable("no answer")
        found = Stream(event.status_code, {k.decode(): v.decode(errors="replace") for k, v in event.headers}, line)
        if event.status_code >= 400:
            said = b"".join([chunk async for chunk in found.chunks()])
            raise Refused(event.status_code, _message(said))
        return found

    async def _connect(self) -> _Line:
        child = None
        try:
            if self.endpoint.path:
                reader, writer = await asyncio.open_unix_connection(self.endpoint.path)
            else:
                ours, theirs = socket.socketpair()
                with theirs:
                    child = subprocess.Popen(  # noqa: ASYNC220  a millisecond
                        [*self._docker, "system", "dial-stdio"],
                        stdin=theirs.fileno(),
                        stdout=theirs.fileno(),
                        stderr=subprocess.DEVNULL,
                        start_new_session=True,
                    )
                reader, writer = await asyncio.open_connection(sock=ours)
        except OSError as error:
            raise Unreachable(error.strerror or str(error)) from error
        return _Line(reader, writer, h11.Connection(h11.CLIENT), child)

    def _put_back(self, line: _Line) -> None:
        done = line.http.our_state is h11.DONE and line.http.their_state is h11.DONE
        if done and len(self._idle) < KEPT and not line.writer.is_closing():
            line.http.start_next_cycle()
            self._idle.append(line)
        else:
            line.close()

    def close(self) -> None:
        """Let go of what is kept."""
        while self._idle:
            self._idle.pop().close()


def _message(body: bytes) -> str:
    try:
        found = json.loads(body)
        return str(found["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace").strip()[:300]
