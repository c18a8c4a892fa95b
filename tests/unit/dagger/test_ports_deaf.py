"""A tunnel that carries nothing any more is found out and replaced; a service that is only slow is left in peace."""

from __future__ import annotations

import asyncio

import pytest

from hubtui.stacks.engines.dagger.ports.tunnel import Limits
from tests.doubles.tunnels import Stand, soon, stand

IMPATIENT = Limits(patience=0.05)
QUICK = Limits(settle=0.02, retry=0.02)


class Slow:
    """Answers at once what does not begin with `think`, and that when it is told to."""

    def __init__(self) -> None:
        self.done = asyncio.Event()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            if line.startswith(b"think"):
                await self.done.wait()
            writer.write(b"re: " + line)
            if line == b"bye\n":
                return


def said(s: Stand, what: str) -> bool:
    return any(what in note for note in s.notes)


async def test_a_tunnel_that_goes_deaf_is_replaced_and_the_port_answers_again() -> None:
    async with stand(IMPATIENT) as s:
        assert await s.ask() == "re: hello"
        s.tunnels[0].hears.clear()
        unlucky = await s.client()
        unlucky.writer.write(b"hello?\n")
        await soon(lambda: s.port.generation > 1)
        assert await s.ask() == "re: hello"
        assert said(s, "its tunnel gave no answer for 0.05 s: there is a new one now")
        unlucky.reset()
        await soon(lambda: s.tunnels[0].closed)


async def test_a_tunnel_whose_listener_is_gone_is_replaced_and_who_came_meanwhile_is_answered() -> None:
    async with stand(QUICK) as s:
        assert await s.ask() == "re: hello"
        await s.tunnels[0].die()
        assert await s.ask() == "re: hello"
        assert said(s, "its tunnel was gone: there is a new one now")
        await soon(lambda: [tunnel.closed for tunnel in s.tunnels] == [1, 0])


async def test_a_tunnel_that_closes_all_that_it_accepts_is_replaced_and_who_came_meanwhile_is_answered() -> None:
    async with stand(Limits(settle=0.02, drops=2, at_once=0.3)) as s:
        assert await s.ask() == "re: hello"
        s.tunnels[0].drops = True
        first = await s.client()  # believes that it is connected: whether it is was looked at only before
        assert await first.rest() == b""
        assert await s.ask() == "re: hello"
        assert said(s, "its tunnel closed every connection: there is a new one now")


async def test_it_is_tried_again_until_there_is_a_new_tunnel_and_clients_wait_as_long() -> None:
    async with stand(QUICK) as s:
        assert await s.ask() == "re: hello"
        s.failures += [RuntimeError("not yet")] * 3
        await s.tunnels[0].die()
        assert await s.ask() == "re: hello"
        assert said(s, "not yet")
        assert s.port.generation == 2


async def test_one_that_dies_again_and_again_is_replaced_again_and_again() -> None:
    async with stand(QUICK) as s:
        for _ in range(4):
            assert await s.ask() == "re: hello"
            await s.tunnels[-1].die()
        assert await s.ask() == "re: hello"
        assert s.port.rotations == 4


async def test_a_service_that_has_never_answered_is_not_taken_for_a_deaf_tunnel() -> None:
    slow = Slow()
    async with stand(IMPATIENT, talk=slow.talk) as s:
        client = await s.client()
        client.writer.write(b"think\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.read(), 6 * IMPATIENT.patience)
        assert (s.port.generation, s.notes) == (1, [])


async def test_a_service_that_thinks_for_long_loses_no_connection_by_being_suspected() -> None:
    slow = Slow()
    async with stand(IMPATIENT, talk=slow.talk) as s:
        assert await s.ask() == "re: hello"
        thinking = []
        for _ in range(12):
            thinking.append(await s.client())
            thinking[-1].writer.write(b"think\n")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(thinking[-1].reader.read(), IMPATIENT.patience)
        slow.done.set()
        assert [await client.hear() for client in thinking] == ["re: think"] * 12
        assert not said(s, "cut")
        assert 1 < s.port.generation <= 3


async def test_a_probe_says_what_is_wrong() -> None:
    async with stand(Limits(settle=30, at_once=0.3), attached=False) as s:
        assert await s.port.probe() == "it has no tunnel"
        await s.attach()
        assert await s.port.probe() == ""
        s.tunnels[0].drops = True
        assert await s.port.probe() == "it closes connections at once"
        await s.tunnels[0].die()
        assert await s.port.probe() == "its tunnel is gone"


async def test_a_probe_costs_a_leak_only_where_no_traffic_has_shown_that_all_is_well() -> None:
    async with stand() as s:
        assert await s.ask() == "re: hello"
        assert (await s.port.probe(), s.port.leaked) == ("", 0)
        assert (await s.port.probe(), s.port.leaked) == ("", 1)


async def test_a_probe_alone_brings_a_tunnel_back_that_died_while_nobody_used_it() -> None:
    async with stand(QUICK) as s:
        await s.tunnels[0].die()
        assert await s.port.probe() == "its tunnel is gone"
        await soon(lambda: s.port.generation == 2)
        assert await s.port.probe() == ""
