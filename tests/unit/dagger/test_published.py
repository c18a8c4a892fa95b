"""The published ports of a service follow what its compose file says at each start."""

from __future__ import annotations

import socket

import pytest

from hubtui.errors import EngineError
from hubtui.stacks.engines.dagger.published import Published
from hubtui.stacks.spec.model import Port
from tests.doubles.stacks import free_ports


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


async def test_what_is_no_longer_published_is_given_back_and_what_leads_elsewhere_is_new() -> None:
    one, two, three = free_ports(3)
    ports = Published(lambda told: None)
    await ports.bind([Port(80, one), Port(81, two), Port(82)], "127.0.0.1")
    before = {p.published: p for p in ports}
    await ports.bind([Port(80, one), Port(90, two), Port(83, three)], "127.0.0.1")
    after = {p.published: p for p in ports}
    assert after[one] is before[one]
    assert (after[two].target, after[three].target) == (90, 83)
    await ports.bind([Port(83, three)], "127.0.0.1")
    assert (listens(one), listens(two), listens(three)) == (False, False, True)
    await ports.free()
    assert not ports
    assert not listens(three)


async def test_one_that_is_taken_is_an_error_that_leaves_the_others_held() -> None:
    one, two = free_ports(2)
    ports = Published(lambda told: None)
    with socket.create_server(("127.0.0.1", two)):
        with pytest.raises(EngineError, match=f"port {two} is taken by PID"):
            await ports.bind([Port(80, one), Port(81, two)], "127.0.0.1")
        assert [p.published for p in ports] == [one]
    await ports.free()


async def test_what_the_next_life_will_have_is_reserved_while_this_one_keeps_its_own() -> None:
    one, two, three = free_ports(3)
    ports = Published(lambda told: None)
    await ports.bind([Port(80, one), Port(81, two)], "127.0.0.1")
    before = list(ports)
    await ports.reserve([Port(90, one), Port(83, three)], "127.0.0.1")
    assert list(ports) == before, "what is looked at and told of is what this life has"
    assert all(listens(port) for port in (one, two, three))
    await ports.release()
    assert (listens(one), listens(two), listens(three)) == (True, True, False)
    await ports.reserve([Port(90, one), Port(83, three)], "127.0.0.1")
    await ports.bind([Port(90, one), Port(83, three)], "127.0.0.1")
    assert [(p.published, p.target) for p in ports] == [(one, 90), (three, 83)]
    assert (listens(one), listens(two), listens(three)) == (True, False, True)
    await ports.reserve([Port(81, two)], "127.0.0.1")
    await ports.free()
    assert not any(listens(port) for port in (one, two, three))
