"""The published ports of one service: taken before it first starts, and kept through all its lives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from hubtui.stacks.engines.dagger.ports.listener import PublishedPort

if TYPE_CHECKING:
    from hubtui.stacks.engines.dagger.ports.tunnel import Tunnel
    from hubtui.stacks.spec.model import Port

_Key = tuple[str, int, int]  # address, published, target


class Published:
    """`tell` takes a sentence for the service's log."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._listeners: dict[_Key, PublishedPort] = {}
        self._reserved: dict[_Key, PublishedPort] = {}  # for the next life, while another entry's still goes on

    def __iter__(self) -> Iterator[PublishedPort]:
        return iter(list(self._listeners.values()))

    def __bool__(self) -> bool:
        return bool(self._listeners)

    async def bind(self, ports: Sequence[Port], address: str) -> None:
        """Take those not held yet, at `address` where they name none, and give back what is not among them any more.
        Raises EngineError where one is taken."""
        wanted = _wanted(ports, address)
        for key in [key for key in self._listeners if key not in wanted]:
            await self._listeners.pop(key).close()
        for key in wanted:
            if key not in self._listeners:
                reserved = key in self._reserved
                self._listeners[key] = self._reserved.pop(key) if reserved else await self._taken(key)
        await self.release()

    async def reserve(self, ports: Sequence[Port], address: str) -> None:
        """Take for the next `bind` what the life that goes on does not have. Raises EngineError where one is taken."""
        held = {published for _, published, _ in self._listeners}
        for key in _wanted(ports, address):
            if key[1] not in held and key not in self._reserved:
                self._reserved[key] = await self._taken(key)

    async def release(self) -> None:
        """Give back what was reserved."""
        reserved, self._reserved = list(self._reserved.values()), {}
        await asyncio.gather(*(listener.close() for listener in reserved))

    async def _taken(self, key: _Key) -> PublishedPort:
        listener = PublishedPort(*key, self._tell)
        await listener.bind()
        return listener

    async def free(self) -> None:
        """Give all of them back."""
        listeners, self._listeners = list(self._listeners.values()), {}
        await asyncio.gather(self.release(), *(listener.close() for listener in listeners))

    async def attach(self, tunnel: Callable[[int], Awaitable[Tunnel]]) -> None:
        """A life begins; `tunnel` opens one to a port of it. Raises what that raises."""
        await asyncio.gather(*(self._attach(listener, tunnel) for listener in self))

    async def _attach(self, listener: PublishedPort, tunnel: Callable[[int], Awaitable[Tunnel]]) -> None:
        await listener.attach(lambda: tunnel(listener.target))

    async def detach(self) -> None:
        """A life is over; clients wait for the next one."""
        await asyncio.gather(*(listener.detach() for listener in self))


def _wanted(ports: Sequence[Port], address: str) -> list[_Key]:
    return list(dict.fromkeys((p.address or address, p.published, p.target) for p in ports if p.published))
