"""Tunnels are renewed before what they leak hurts, and nobody who uses one notices."""

from __future__ import annotations

import asyncio

import pytest

from hubtui.stacks.engines.dagger.ports.tunnel import Limits
from tests.doubles.tunnels import Client, Stand, soon, stand

FEW = Limits(leaks=5, quiet=0.02)


async def leak(s: Stand, count: int) -> None:
    """So many clients ask something and close first."""
    for _ in range(count):
        client = await s.client()
        assert await client.say("hello") == "re: hello"
        client.writer.close()


async def rotated(s: Stand) -> None:
    """The newest tunnel is renewed."""
    before = s.port.generation
    s.port.renew("it was asked for")
    await soon(lambda: s.port.generation == before + 1)


async def held(s: Stand) -> Client:
    """A client that stays connected."""
    client = await s.client()
    assert await client.say("hello") == "re: hello"
    return client


async def test_a_tunnel_that_has_leaked_enough_is_replaced_and_with_it_goes_what_it_leaked() -> None:
    async with stand(FEW) as s:
        await leak(s, 4)
        await soon(lambda: s.port.leaked == 4)
        assert (s.port.generation, s.server.connections) == (1, 4)
        await leak(s, 1)
        await soon(lambda: s.tunnels[0].closed)
        await soon(lambda: s.server.connections == 0)
        assert await s.ask() == "re: hello"
        assert (s.port.generation, s.port.rotations, s.port.leaked) == (2, 1, 0)
        assert s.notes == []  # all is well: nothing to tell


async def test_a_tunnel_that_has_carried_enough_is_replaced_though_nothing_leaked() -> None:
    async with stand(Limits(uses=10)) as s:
        for _ in range(9):
            assert await s.ask() == "re: hello"
        assert s.port.generation == 1
        assert await s.ask() == "re: hello"
        await soon(lambda: s.port.generation == 2)
        await soon(lambda: s.tunnels[0].closed)


async def test_no_two_connections_through_a_tunnel_come_from_the_same_address() -> None:
    async with stand() as s:
        for _ in range(300):  # the engine never forgets one, and goes deaf when it comes back
            assert await s.ask() == "re: hello"
        assert len(set(s.tunnels[0].sources)) == len(s.tunnels[0].sources) == 300


async def test_a_long_lived_connection_survives_rotations_and_its_tunnel_lasts_as_long_as_it_does() -> None:
    async with stand(FEW) as s:
        client = await held(s)
        for generation in (2, 3):
            await leak(s, 5)
            await soon(lambda wanted=generation: s.port.generation == wanted)  # type: ignore[misc]
        assert await client.say("still here") == "re: still here"
        await soon(lambda: s.tunnels[1].closed)  # nobody used it any more
        assert s.tunnels[0].closed == 0
        assert await client.say("bye") == "re: bye"
        await soon(lambda: s.tunnels[0].closed)
        assert s.tunnels[2].closed == 0


async def test_an_answer_under_way_during_a_rotation_arrives_complete() -> None:
    go_on = asyncio.Event()

    async def slowly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"first half, ")
        await go_on.wait()
        writer.write(b"second half")

    async with stand(talk=slowly) as s:
        client = await s.client()
        assert await client.reader.readexactly(12) == b"first half, "
        await rotated(s)
        go_on.set()
        assert await client.rest() == b"second half"


async def test_of_more_than_three_tunnels_the_oldest_is_cut_and_that_is_said() -> None:
    async with stand() as s:
        oldest = [await held(s), await held(s)]
        others = []
        for _ in range(2):
            await rotated(s)
            others.append(await held(s))
        assert [tunnel.closed for tunnel in s.tunnels] == [0, 0, 0]
        assert not any("cut" in note for note in s.notes)
        await rotated(s)
        for client in oldest:
            with pytest.raises(ConnectionResetError):
                await client.rest()
        await soon(lambda: s.tunnels[0].closed)
        cut = [note for note in s.notes if "cut" in note]
        assert cut == [f"port {s.port.published}: 2 connections cut: the tunnel was replaced 3 times meanwhile"]
        assert [await client.say("you?") for client in others] == ["re: you?"] * 2
        assert [tunnel.closed for tunnel in s.tunnels] == [1, 0, 0, 0]


async def test_a_tunnel_that_cannot_be_replaced_stays_in_use_and_that_is_said_once() -> None:
    async with stand(Limits(leaks=2, quiet=0.02, retry=0.02)) as s:
        s.failures += [RuntimeError("the engine is busy"), RuntimeError("the engine is busy")]
        await leak(s, 2)
        await soon(lambda: s.notes)
        assert await s.ask() == "re: hello"
        await soon(lambda: s.port.generation == 2)
        await soon(lambda: s.tunnels[0].closed)
        assert await s.ask() == "re: hello"
        prefix = f"port {s.port.published}: its tunnel "
        assert s.notes == [
            f"{prefix}cannot be replaced, and stays while that is tried again: the engine is busy",
            f"{prefix}could not be replaced for a while: there is a new one now",
        ]


async def test_a_renewal_that_was_asked_for_is_done_once_and_says_why() -> None:
    async with stand() as s:
        s.port.renew("its health check failed")
        s.port.renew("its health check failed")
        await soon(lambda: s.port.generation == 2)
        await soon(lambda: s.tunnels[0].closed)
        assert await s.ask() == "re: hello"
        assert s.notes == [f"port {s.port.published}: its health check failed: there is a new one now"]
        assert len(s.tunnels) == 2


async def test_no_tunnel_is_opened_for_a_service_that_is_down() -> None:
    async with stand() as s:
        await s.port.detach()
        s.port.renew("somebody asked")
        await s.attach()
        assert await s.ask() == "re: hello"
        assert (len(s.tunnels), s.port.rotations) == (2, 0)
