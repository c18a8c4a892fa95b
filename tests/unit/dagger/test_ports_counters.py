"""What `hubtui ls` shows of a published port."""

from __future__ import annotations

import asyncio

import pytest

from hubtui.stacks.engines.dagger.ports.tunnel import Limits
from tests.doubles.tunnels import Stand, soon, stand


def counted(s: Stand) -> tuple[int, int, int]:
    return s.port.connections, s.port.bytes_in, s.port.bytes_out


async def test_a_port_that_nobody_used_counts_nothing() -> None:
    async with stand() as s:
        assert (counted(s), s.port.total, s.port.leaked, s.port.rotations) == ((0, 0, 0), 0, 0, 0)


async def test_connections_and_bytes_are_counted_to_the_last_one_in_both_directions() -> None:
    async with stand() as s:
        clients = [await s.client() for _ in range(3)]
        for client in clients:
            assert await client.say("12345") == "re: 12345"
        assert counted(s) == (3, 3 * 6, 3 * 10)
        assert await clients[0].say("bye") == "re: bye"
        clients[0].writer.close()
        await soon(lambda: counted(s) == (2, 3 * 6 + 4, 3 * 10 + 8))
        assert s.port.total == 3


async def test_bytes_of_a_connection_are_counted_while_it_lasts() -> None:
    go_on = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(500_000)
        writer.write(b"x" * 300_000)
        await go_on.wait()
        writer.write(b"y")

    async with stand(talk=talk) as s:
        client = await s.client()
        client.writer.write(b"z" * 500_000)
        assert len(await client.reader.readexactly(300_000)) == 300_000
        assert counted(s) == (1, 500_000, 300_000)
        go_on.set()
        assert await client.rest() == b"y"
        assert counted(s)[1:] == (500_000, 300_001)


async def test_a_client_that_waits_for_the_service_counts_as_connected_and_its_bytes_when_they_flow() -> None:
    async with stand(Limits(hold=0.5), attached=False) as s:
        client = await s.client()
        client.writer.write(b"hello\n")
        await soon(lambda: s.port.connections == 1)
        assert counted(s) == (1, 0, 0)
        await s.attach()
        assert await client.hear() == "re: hello"
        assert counted(s) == (1, 6, 10)


async def test_what_was_counted_outlives_rotations_and_lives_of_the_service() -> None:
    async with stand() as s:
        assert await s.ask() == "re: hello"
        s.port.renew("it was asked for")
        await soon(lambda: s.port.rotations == 1)
        assert await s.ask() == "re: hello"
        await s.port.detach()
        await s.attach()
        assert await s.ask() == "re: hello"
        await soon(lambda: s.port.connections == 0)
        asked, answered = len("hello\nbye\n"), len("re: hello\nre: bye\n")
        assert (s.port.total, s.port.bytes_in, s.port.bytes_out) == (3, 3 * asked, 3 * answered)


async def test_clients_that_were_turned_away_are_in_the_total_and_connected_no_more() -> None:
    async with stand(Limits(hold=0.05), attached=False) as s:
        for _ in range(2):
            with pytest.raises(ConnectionResetError):
                await (await s.client()).rest()
        await soon(lambda: s.port.connections == 0)
        assert (s.port.total, s.port.bytes_in, s.port.bytes_out) == (2, 0, 0)
