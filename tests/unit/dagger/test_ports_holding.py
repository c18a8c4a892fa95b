"""A published port is hubtui's own from bind to close: nobody else's, and clients wait at it for the service."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

import pytest

from hubtui.errors import EngineError
from hubtui.stacks.engines.dagger.ports.listener import PublishedPort
from hubtui.stacks.engines.dagger.ports.tunnel import Limits
from tests.doubles.stacks import free_ports
from tests.doubles.tunnels import TunnelDouble, descriptors, soon, stand


async def test_a_port_that_is_taken_is_an_error_that_names_it_and_who_holds_it() -> None:
    with socket.create_server(("127.0.0.1", free_ports(1)[0])) as holder:
        number = holder.getsockname()[1]
        before = descriptors(first=True)
        with pytest.raises(EngineError) as raised:
            await PublishedPort("127.0.0.1", number, 80, lambda _: None).bind()
        assert descriptors() == before
    assert raised.value.kind == "port_taken"
    assert f"port {number} is taken by PID {os.getpid()}" in raised.value.message
    assert "press s again" in raised.value.hint


@pytest.fixture
def two_addresses(monkeypatch: pytest.MonkeyPatch) -> str:
    """A name that stands for two addresses of this host, whatever its /etc/hosts has."""
    real = socket.getaddrinfo

    def resolve(host: str, *args: Any, **kwargs: Any) -> Any:
        names = ("127.0.0.1", "127.0.0.2") if host == "both.test" else (host,)
        return [found for name in names for found in real(name, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return "both.test"


async def test_a_name_with_two_addresses_is_listened_on_at_both(two_addresses: str) -> None:
    async with stand(address=two_addresses) as s:
        assert [await s.ask(host=host) for host in ("127.0.0.1", "127.0.0.2")] == ["re: hello"] * 2


async def test_of_a_name_with_two_addresses_none_is_kept_where_the_other_is_taken(two_addresses: str) -> None:
    with socket.create_server(("127.0.0.2", free_ports(1)[0])) as holder:
        number = holder.getsockname()[1]
        before = descriptors(first=True)
        with pytest.raises(EngineError, match=f"port {number} is taken by PID {os.getpid()}"):
            await PublishedPort(two_addresses, number, 80, lambda _: None).bind()
        assert descriptors() == before


@pytest.mark.parametrize("address", ["192.0.2.1", "no.such.name.invalid"])
async def test_an_address_that_is_not_this_hosts_is_an_error_that_names_address_and_port(address: str) -> None:
    number = free_ports(1)[0]
    with pytest.raises(EngineError) as raised:
        await PublishedPort(address, number, 80, lambda _: None).bind()
    assert raised.value.kind == "port_taken"
    assert f"port {number} cannot be opened: {address}: " in raised.value.message


async def test_a_client_that_comes_before_the_service_waits_and_is_answered_when_it_is_up() -> None:
    async with stand(attached=False) as s:
        early = await s.client()
        early.writer.write(b"early\nbye\n")
        await soon(lambda: s.port.connections == 1)
        assert s.server.sources == []
        await s.attach()
        assert await early.rest() == b"re: early\nre: bye\n"


async def test_a_client_that_waits_for_too_long_is_reset() -> None:
    async with stand(Limits(hold=0.1), attached=False) as s:
        client = await s.client()
        client.writer.write(b"hello\n")
        with pytest.raises(ConnectionResetError):
            await client.rest()
        await soon(lambda: s.port.connections == 0)
        await s.attach()
        assert await s.ask() == "re: hello"


async def test_more_clients_than_may_wait_are_reset_at_once_and_the_others_still_answered() -> None:
    async with stand(Limits(held=3), attached=False) as s:
        waiting = [await s.client() for _ in range(3)]
        await soon(lambda: s.port.connections == 3)
        with pytest.raises(ConnectionResetError):
            await (await s.client()).rest()
        assert s.port.connections == 3
        await s.attach()
        assert [await client.say("hello") for client in waiting] == ["re: hello"] * 3


async def test_a_client_that_has_left_while_it_waited_never_reaches_the_service() -> None:
    async with stand(attached=False) as s:
        gone, stays = await s.client(), await s.client()
        await soon(lambda: s.port.connections == 2)
        gone.writer.close()
        await gone.writer.wait_closed()
        await s.attach()
        assert await stays.say("hello") == "re: hello"
        await soon(lambda: s.port.connections == 1)
        assert len(s.server.sources) == 1


async def test_a_service_that_ends_resets_its_clients_and_the_next_life_answers_at_the_same_port() -> None:
    async with stand() as s:
        old = await s.client()
        assert await old.say("hello") == "re: hello"
        await s.port.detach()
        with pytest.raises(ConnectionResetError):
            await old.rest()
        assert (s.port.connections, s.tunnels[0].closed) == (0, 1)
        waiting = await s.client()
        await soon(lambda: s.port.connections == 1)
        await s.attach()
        assert await waiting.say("again") == "re: again"
        assert await s.ask() == "re: hello"
        assert (s.port.generation, s.port.rotations) == (2, 0)


async def test_a_second_attach_takes_the_place_of_the_first() -> None:
    async with stand() as s:
        assert await s.ask() == "re: hello"
        await s.attach()
        assert await s.ask() == "re: hello"
        assert [tunnel.closed for tunnel in s.tunnels] == [1, 0]


async def test_a_tunnel_that_cannot_be_opened_is_raised_and_clients_go_on_waiting() -> None:
    async with stand(attached=False) as s:
        client = await s.client()
        s.failures.append(RuntimeError("the engine is away"))
        with pytest.raises(RuntimeError, match="the engine is away"):
            await s.attach()
        await s.attach()
        assert await client.say("hello") == "re: hello"


@pytest.mark.parametrize("how", ["detached", "cancelled"])
async def test_a_tunnel_that_comes_when_nobody_wants_it_any_more_is_closed(how: str) -> None:
    async with stand(attached=False) as s:
        asked, come = asyncio.Event(), asyncio.Event()

        async def late() -> TunnelDouble:
            asked.set()
            await come.wait()
            return await s.open()

        attaching = asyncio.create_task(s.port.attach(late))
        await asked.wait()
        if how == "cancelled":
            attaching.cancel()
        else:
            await s.port.detach()
        come.set()
        await asyncio.wait([attaching])
        await soon(lambda: s.tunnels and s.tunnels[0].closed)
        assert s.port.generation == 0


async def test_a_detach_returns_only_when_a_tunnel_that_was_being_opened_is_closed_again() -> None:
    async with stand(attached=False) as s:
        asked, come = asyncio.Event(), asyncio.Event()

        async def second_is_late() -> TunnelDouble:
            if s.tunnels:
                asked.set()
                await come.wait()
            return await s.open()

        await s.port.attach(second_is_late)
        s.port.renew("it was asked for")
        await asked.wait()
        detaching = asyncio.create_task(s.port.detach())
        await soon(lambda: s.tunnels[0].closed)
        come.set()
        await detaching
        assert [tunnel.closed for tunnel in s.tunnels] == [1, 1]
