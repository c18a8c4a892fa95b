"""Dagger's tunnels as what stands behind a published port."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubtui.stacks.engines.dagger.trace import Trace

if TYPE_CHECKING:
    import dagger

_OPEN, _CLOSE = 10.0, 5.0  # seconds; both take some hundredths of one
_TRIES = 3


@dataclass(frozen=True, slots=True)
class DaggerTunnel:
    """One tunnel: the CLI listens on `port` of all interfaces."""

    port: int
    service: dagger.Service
    trace: Trace

    async def close(self) -> None:
        """End it at once, with all its connections: without `kill` one that leaked would never stop."""
        with contextlib.suppress(Exception), self.trace.operation():
            async with asyncio.timeout(_CLOSE):
                await self.service.stop(kill=True)


async def open_tunnel(client: dagger.Client, target: int, instance: dagger.Service, trace: Trace) -> DaggerTunnel:
    """A new tunnel to a running service. Each on a spare port of its own: the same definition is the same tunnel.
    Raises dagger.DaggerError, TimeoutError."""
    import dagger

    tried = 0
    while True:
        tried += 1
        port = _spare_port()
        forward = dagger.PortForward(backend=target, frontend=port)
        try:
            with trace.operation():
                async with asyncio.timeout(_OPEN):
                    tunnel = await client.host().tunnel(instance, ports=[forward]).start()
            return DaggerTunnel(port, tunnel, trace)
        except dagger.QueryError as error:
            if tried >= _TRIES or "address already in use" not in str(error):
                raise


def _spare_port() -> int:
    """A port that is free now on all interfaces: Dagger can bind nothing less."""
    with socket.create_server(("", 0)) as probe:
        return int(probe.getsockname()[1])
