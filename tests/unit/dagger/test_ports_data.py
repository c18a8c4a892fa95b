"""What a published port carries, and how connections through it end."""

from __future__ import annotations

import asyncio
import hashlib
import random
import socket

import pytest

from hubtui.stacks.engines.dagger.ports.tunnel import Limits
from tests.doubles.tunnels import PATIENCE, Server, TunnelDouble, soon, stand

MIB = 1 << 20
PATTERN = random.Random(7).randbytes(MIB - 1)  # not a multiple of any buffer
BIG = 50 * MIB // len(PATTERN) + 1  # times


def digest_of_big() -> str:
    whole = hashlib.sha256()
    for _ in range(BIG):
        whole.update(PATTERN)
    return whole.hexdigest()


async def digest(reader: asyncio.StreamReader) -> str:
    whole = hashlib.sha256()
    async with asyncio.timeout(PATIENCE):
        while chunk := await reader.read(1 << 18):
            whole.update(chunk)
    return whole.hexdigest()


async def pour(writer: asyncio.StreamWriter) -> None:
    for _ in range(BIG):
        writer.write(PATTERN)
        await writer.drain()


async def test_fifty_megabytes_sent_by_a_client_arrive_intact() -> None:
    heard: list[str] = []

    async def weigh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        whole = hashlib.sha256()
        for _ in range(BIG):
            whole.update(await reader.readexactly(len(PATTERN)))
        heard.append(whole.hexdigest())
        writer.write(b"got it")

    async with stand(talk=weigh) as s:
        client = await s.client()
        await pour(client.writer)
        assert await client.rest() == b"got it"
    assert heard == [digest_of_big()]


async def test_a_client_that_does_not_read_holds_the_service_up_and_then_gets_all_fifty_megabytes() -> None:
    async def send(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await pour(writer)

    async with stand(talk=send) as s:
        with socket.create_connection(("127.0.0.1", s.port.published)) as quiet:
            seen = -1

            def stalled() -> bool:
                nonlocal seen
                before, seen = seen, s.port.bytes_out
                return 0 < before == seen

            await soon(stalled)
            assert seen < BIG * len(PATTERN)
            quiet.setblocking(False)
            reader, _ = await asyncio.open_connection(sock=quiet)
            assert await digest(reader) == digest_of_big()


async def test_both_sides_talk_in_turns_and_many_at_once_do_not_mix() -> None:
    async with stand() as s:

        async def talk(number: int) -> None:
            client = await s.client()
            for turn in range(5):
                assert await client.say(f"{number}.{turn}") == f"re: {number}.{turn}"

        await asyncio.gather(*(talk(number) for number in range(40)))


async def test_what_the_service_closes_first_ends_well_and_leaks_nothing() -> None:
    async with stand() as s:
        for number in range(20):
            assert await s.ask(f"line {number}") == f"re: line {number}"
        await soon(lambda: s.port.connections + s.tunnels[0].connections + s.server.connections == 0)
        assert (s.port.leaked, s.port.generation) == (0, 1)


async def test_what_the_client_closes_first_is_given_up_after_a_while_and_known_to_have_leaked() -> None:
    async with stand(Limits(quiet=0.02)) as s:
        for _ in range(3):
            client = await s.client()
            assert await client.say("hello") == "re: hello"
            client.writer.close()
        await soon(lambda: s.port.connections == 0)
        assert s.port.leaked == 3
        assert s.server.connections == 3  # the service was never told


async def test_a_client_that_has_said_all_still_reads_its_answer() -> None:
    awake = asyncio.Event()

    async def think(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        if line == b"think\n":
            await awake.wait()
        writer.write(b"re: " + line)

    async with stand(talk=think) as s:
        client = await s.client()
        client.writer.write(b"think\n")
        client.writer.write_eof()
        for _ in range(3):  # its end has long been seen then
            assert await s.ask() == "re: hello"
        awake.set()
        assert await client.rest() == b"re: think\n"
        await soon(lambda: s.port.connections == 0)
        assert s.port.leaked == 0


async def test_the_end_of_what_a_client_says_reaches_a_service_through_a_tunnel_that_carries_it() -> None:
    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{len(await reader.read())} bytes".encode())

    async with stand(talk=count, attached=False) as s:

        async def straight() -> Server:
            return s.server

        await s.port.attach(straight)
        client = await s.client()
        client.writer.write(b"x" * 100_000)
        client.writer.write_eof()
        assert await client.rest() == b"100000 bytes"


async def test_an_answer_is_not_lost_on_a_client_that_still_sends() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"too much\n")

    async with stand(talk=refuse) as s:
        client = await s.client()
        client.writer.write(b"upload\n")
        await soon(lambda: s.port.bytes_out and not s.server.connections)
        for _ in range(20):
            client.writer.write(PATTERN)
            await client.writer.drain()
        assert await client.rest() == b"too much\n"
        client.writer.close()
        await soon(lambda: s.port.connections == 0)


async def test_a_client_that_keeps_its_side_open_after_the_service_has_left_is_given_up() -> None:
    async with stand(Limits(quiet=0.05)) as s:
        client = await s.client()
        assert await client.say("bye") == "re: bye"
        await soon(lambda: s.port.connections == 0)
        assert s.port.leaked == 0


async def test_a_client_that_is_reset_ends_its_connection_at_once() -> None:
    async with stand() as s:
        client = await s.client()
        assert await client.say("hello") == "re: hello"
        client.reset()
        await soon(lambda: s.port.connections == 0)
        assert s.port.leaked == 1


async def test_a_tunnel_that_dies_ends_the_connections_that_it_carried() -> None:
    async with stand() as s:
        client = await s.client()
        assert await client.say("hello") == "re: hello"
        tunnel: TunnelDouble = s.tunnels[0]
        await tunnel.die()
        assert await client.rest() == b""


@pytest.mark.parametrize(
    ("address", "host"), [("::1", "::1"), ("::", "::1"), ("::", "127.0.0.1"), ("localhost", "127.0.0.1")]
)
async def test_a_port_answers_on_every_address_that_it_is_published_on(address: str, host: str) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this host has no IPv6")
    async with stand(address=address) as s:
        assert await s.ask(host=host) == "re: hello"
