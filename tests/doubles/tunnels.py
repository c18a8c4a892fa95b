"""Tunnels that behave as Dagger's do, to a small real server, with a published port in front: all on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from hubtui.stacks.engines.dagger.ports.listener import PublishedPort
from hubtui.stacks.engines.dagger.ports.tunnel import Limits
from tests.doubles.stacks import free_ports

PATIENCE = 20.0  # seconds, for whatever takes hundredths of one
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
T = TypeVar("T")


async def soon(look: Callable[[], T]) -> T:
    """The first true value of `look`; the loop goes on meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {PATIENCE:g} s: gave {found!r}"
        await asyncio.sleep(0.005)
    return found


def descriptors(*, first: bool = False) -> int:
    """How many this process has open; `first`: without what earlier tests left to the garbage collector."""
    if first:
        gc.collect()
    return len(os.listdir("/proc/self/fd"))


class Plug:
    """Listens, and looks after the connections that it has accepted."""

    def __init__(self) -> None:
        self.port = 0
        self.sources: list[str] = []  # the address of each client that came
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None

    @property
    def connections(self) -> int:
        """Those open now."""
        return len(self._open)

    async def listen(self) -> None:
        self._listener = await asyncio.start_server(self._accept, "0.0.0.0", 0, backlog=1024)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """At once, with all its connections."""
        if self._listener:
            self._listener.close()
        for task in self._tasks:
            task.cancel()
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sources.append(writer.get_extra_info("peername")[0])
        self._begin(self._carry(reader, writer))

    def _begin(self, work: Awaitable[None]) -> None:
        async def quietly() -> None:
            with contextlib.suppress(OSError):
                await work

        task = asyncio.create_task(quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    def _end(self, writer: asyncio.StreamWriter) -> None:
        self._open.discard(writer)
        writer.close()


class Server(Plug):
    """A service: it talks with each client, and then closes."""

    def __init__(self, talk: Talk) -> None:
        super().__init__()
        self._talk = talk

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._talk(reader, writer)
        finally:
            self._end(writer)


class TunnelDouble(Plug):
    """As Dagger's: what the service closes first is freed; a client's end is neither passed on nor does it free
    anything until the tunnel is closed."""

    def __init__(self, target: int) -> None:
        super().__init__()
        self.closed = 0  # times
        self.drops = False  # closes what it accepts, as one whose service is down
        self.hears = asyncio.Event()  # not set: it is deaf, accepts and carries nothing any more
        self.hears.set()
        self._target = target

    async def close(self) -> None:
        self.closed += 1
        await self.die()

    async def die(self) -> None:
        """By itself, as with its service."""
        await super().close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.drops:
            writer.close()
            return
        self._open.add(writer)
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._open.add(back)
        self._begin(self._pump(reader, back))
        try:
            await self._pump(there, writer)
        finally:
            self._end(writer)
            self._end(back)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(1 << 18):
            await self.hears.wait()
            writer.write(chunk)
            await writer.drain()


class Client:
    """Of a published port."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, line: str) -> str:
        """The answer to it."""
        self.writer.write(f"{line}\n".encode())
        return await self.hear()

    async def hear(self) -> str:
        """One line, without its end; "" at the end."""
        async with asyncio.timeout(PATIENCE):
            return (await self.reader.readline()).decode().rstrip("\n")

    async def rest(self) -> bytes:
        """All that comes until the end. Raises ConnectionResetError where it does not end well."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    def reset(self) -> None:
        """As a program that is killed with unread data."""
        own = self.writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Stand:
    """A published port, the server behind it, and every tunnel that was opened between them."""

    IDLE = 3  # descriptors: the listeners of these three

    def __init__(self, server: Server, limits: Limits | None, address: str) -> None:
        self.server = server
        self.notes: list[str] = []
        self.tunnels: list[TunnelDouble] = []
        self.failures: list[Exception] = []  # one for each of the next tunnels
        self.port = PublishedPort(address, free_ports(1)[0], server.port, self.notes.append, limits)
        self._clients: list[Client] = []

    async def open(self) -> TunnelDouble:
        """Implements `OpenTunnel`."""
        if self.failures:
            raise self.failures.pop(0)
        tunnel = TunnelDouble(self.server.port)
        await tunnel.listen()
        self.tunnels.append(tunnel)
        return tunnel

    async def attach(self) -> None:
        await self.port.attach(self.open)

    async def client(self, host: str = "127.0.0.1") -> Client:
        async with asyncio.timeout(PATIENCE):
            client = Client(*await asyncio.open_connection(host, self.port.published))
        self._clients.append(client)
        return client

    async def ask(self, line: str = "hello", host: str = "127.0.0.1") -> str:
        """What a client of its own is answered; the service closes first, so nothing leaks."""
        client = await self.client(host)
        client.writer.write(f"{line}\nbye\n".encode())
        try:
            return (await client.rest()).decode().removesuffix("re: bye\n").rstrip("\n")
        finally:
            client.writer.close()

    async def close(self) -> None:
        for client in self._clients:
            if not client.writer.transport.is_closing():
                client.writer.transport.abort()
        await self.port.close()
        for plug in (*self.tunnels, self.server):
            await Plug.close(plug)


async def answer_lines(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until `bye`, or until the client ends."""
    while line := await reader.readline():
        writer.write(b"re: " + line)
        if line == b"bye\n":
            return


@asynccontextmanager
async def stand(
    limits: Limits | None = None, talk: Talk = answer_lines, *, address: str = "127.0.0.1", attached: bool = True
) -> AsyncIterator[Stand]:
    """With the port taken; torn down at the end."""
    server = Server(talk)
    await server.listen()
    found = Stand(server, limits, address)
    try:
        await found.port.bind()
        if attached:
            await found.attach()
        yield found
    finally:
        await found.close()
