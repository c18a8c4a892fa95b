"""A published port gives back all that it took: descriptors, connections, tunnels, and the port itself."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hubtui.stacks.engines.dagger.ports.tunnel import Limits
from tests.doubles.tunnels import Stand, TunnelDouble, descriptors, soon, stand

FEW = Limits(leaks=20, quiet=0.02)


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """This process can open nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + 1, hard))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        for number in taken:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def come_and_go(s: Stand, number: int) -> None:
    """Every way to end a connection has its turn."""
    if number % 4 == 0:
        assert await s.ask() == "re: hello"
        return
    client = await s.client()
    if number % 4 != 3:
        assert await client.say("hello") == "re: hello"
    if number % 4 == 1:
        client.reset()
    client.writer.close()


async def test_after_five_hundred_connections_not_one_descriptor_is_left() -> None:
    before = descriptors(first=True)
    async with stand(FEW) as s:
        for first in range(0, 500, 25):
            await asyncio.gather(*(come_and_go(s, number) for number in range(first, first + 25)))
        await soon(lambda: s.port.connections == 0)
        assert s.port.total == 500
        assert s.port.rotations > 5
        rotations = s.port.rotations
        s.port.renew("what the last one leaked shall go too")
        await soon(lambda: s.port.rotations > rotations)
        await soon(lambda: sum(not tunnel.closed for tunnel in s.tunnels) == 1)
        await soon(lambda: descriptors() == before + s.IDLE)


async def test_after_the_close_nothing_is_left_and_the_port_is_free() -> None:
    before = descriptors(first=True)
    async with stand() as s:
        for number in range(20):
            await come_and_go(s, number)
        talking = await s.client()
        assert await talking.say("hello") == "re: hello"
        await s.port.close()
        assert s.port.connections == 0
        assert [tunnel.closed for tunnel in s.tunnels] == [1]
        with pytest.raises(ConnectionResetError):
            await talking.rest()
        socket.create_server(("127.0.0.1", s.port.published)).close()
        with pytest.raises(ConnectionRefusedError):
            await s.client()
    await soon(lambda: descriptors() == before)


async def test_a_close_resets_clients_that_wait() -> None:
    async with stand(attached=False) as s:
        waiting = [await s.client() for _ in range(3)]
        await soon(lambda: s.port.connections == 3)
        await s.port.close()
        assert s.port.connections == 0
        for client in waiting:
            with pytest.raises(ConnectionResetError):
                await client.rest()


async def test_a_client_that_is_taken_in_the_moment_of_the_close_is_reset_too() -> None:
    async with stand() as s:
        with socket.create_connection(("127.0.0.1", s.port.published)) as client:
            while not s.port.total:
                await asyncio.sleep(0)
            await s.port.close()
            with pytest.raises(ConnectionResetError):
                client.recv(1)


async def test_a_close_may_come_twice_at_once_and_again() -> None:
    async with stand() as s:
        client = await s.client()
        assert await client.say("hello") == "re: hello"
        await asyncio.gather(s.port.close(), s.port.close())
        await s.port.close()
        assert [tunnel.closed for tunnel in s.tunnels] == [1]
        assert s.notes == []


async def test_a_close_while_a_tunnel_is_being_opened_leaves_none() -> None:
    async with stand(attached=False) as s:
        asked, come = asyncio.Event(), asyncio.Event()

        async def late() -> TunnelDouble:
            asked.set()
            await come.wait()
            return await s.open()

        attaching = asyncio.create_task(s.port.attach(late))
        await asked.wait()
        await s.port.close()
        come.set()
        await attaching
        assert [tunnel.closed for tunnel in s.tunnels] == [1]


async def test_a_host_that_has_no_sockets_left_is_said_once_and_who_came_then_is_answered_later() -> None:
    before = descriptors(first=True)
    async with stand() as s:
        assert await s.ask() == "re: hello"
        await soon(lambda: descriptors() == before + s.IDLE)
        clients = [socket.socket() for _ in range(2)]
        with no_descriptor_left():
            for client in clients:
                client.setblocking(False)
                assert client.connect_ex(("127.0.0.1", s.port.published)) in (0, errno.EINPROGRESS)
            await soon(lambda: s.notes)
            assert s.port.total == 1
        for client in clients:
            reader, writer = await asyncio.open_connection(sock=client)
            writer.write(b"hello\nbye\n")
            async with asyncio.timeout(10):
                assert await reader.read() == b"re: hello\nre: bye\n"
            writer.close()
        assert s.notes == [f"port {s.port.published}: connections cannot be taken now: Too many open files"]
