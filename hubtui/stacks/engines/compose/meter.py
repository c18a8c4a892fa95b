"""CPU, memory and network of each service, read while somebody asks, never waited for by who asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping

from hubtui.stacks.engines.base import Usage
from hubtui.stacks.engines.compose.api.client import Docker
from hubtui.stacks.engines.compose.api.http import Refused, Unreachable
from hubtui.stacks.engines.compose.containers import Container
from hubtui.stacks.engines.compose.usage import Reading, percent, read

_AT_ONCE = 8  # questions to the daemon
_OLD = 10.0  # seconds after which a reading says nothing any more


class Meter:
    """Of all containers of a project."""

    def __init__(self, docker: Docker) -> None:
        self._docker = docker
        self._last: dict[str, Reading] = {}
        self._percent: dict[str, float | None] = {}
        self._reading: asyncio.Task[None] | None = None
        self._slots = asyncio.Semaphore(_AT_ONCE)

    def ask(self, containers: Iterable[Container]) -> None:
        """Read these anew, unless that is being done."""
        if self._reading is None or self._reading.done():
            running = [c.id for c in containers if c.status == "running"]
            self._reading = asyncio.create_task(self._read(running), name="docker stats")

    def of(self, containers: Mapping[str, Container]) -> Usage:
        """What these take together, as last read."""
        now = time.monotonic()
        found = [(self._last[i], self._percent.get(i)) for i in containers if i in self._last]
        fresh = [(reading, cpu) for reading, cpu in found if now - reading.at < _OLD]
        cpu = [c for _, c in fresh if c is not None]
        memory = [r.memory for r, _ in fresh if r.memory is not None]
        received = [r.received for r, _ in fresh if r.received is not None]
        sent = [r.sent for r, _ in fresh if r.sent is not None]
        return Usage(
            cpu_percent=sum(cpu) if cpu else None,
            memory_bytes=sum(memory) if memory else None,
            bytes_received=sum(received) if received else None,
            bytes_sent=sum(sent) if sent else None,
        )

    async def close(self) -> None:
        """Ask no more."""
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
            await asyncio.wait([self._reading])

    async def _read(self, containers: list[str]) -> None:
        await asyncio.gather(*(self._one(identity) for identity in containers))
        for gone in self._last.keys() - set(containers):
            self._last.pop(gone)
            self._percent.pop(gone, None)

    async def _one(self, identity: str) -> None:
        async with self._slots:
            try:
                found = await self._docker.stats(identity)
            except (Unreachable, Refused):
                return
        if found:
            now = read(found, time.monotonic())
            self._percent[identity] = percent(self._last.get(identity), now)
            self._last[identity] = now
