"""From a CLI that was spawned to its handshake, and no longer than there is an engine to wait for: one that is not
there would keep the CLI waiting for ten minutes (engine/client/client.go), without a word."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from hubtui.errors import EngineError
from hubtui.stacks.causes.kinds import ENGINE_STARTING
from hubtui.stacks.causes.texts import STARTING_HINT
from hubtui.stacks.engines.dagger import probe
from hubtui.stacks.engines.dagger.host import RunnerHost, waiting_for
from hubtui.stacks.engines.dagger.probe import Presence
from hubtui.stacks.engines.dagger.process import Door, SessionProcess

PATIENCE = 30.0  # seconds for an engine that is just being started
_EVERY = 1.0


async def handshake(child: SessionProcess, host: RunnerHost, tell: Callable[[str], None]) -> Door:
    """Wait for the session; `tell` hears what for. Raises EngineError: the CLI's own reasons,
    `dagger_no_engine`, or `engine_starting` where its container has been seen on its way up."""
    shaking = asyncio.create_task(child.handshake(), name="dagger handshake")
    looking = asyncio.create_task(_look(host, tell), name="look at the dagger engine")
    both: list[asyncio.Task[Any]] = [shaking, looking]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not shaking.done() and (error := looking.exception()):
            raise error
        return await shaking
    except EngineError as error:
        if host.container and error.kind == "dagger_no_session":
            found = await asyncio.to_thread(probe.look, host)
            if found.presence in (Presence.DOWN, Presence.STARTING):
                error.message += f"; {found.words}"  # Docker's reason: the CLI does not tell it
            if found.presence is Presence.STARTING:
                error.kind, error.hint = ENGINE_STARTING, STARTING_HINT
        raise
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def _look(host: RunnerHost, tell: Callable[[str], None]) -> None:
    """Until an engine is seen. Raises EngineError where there is none, for too long; one that the CLI makes may take
    its time, but not one whose container is there and does not start."""
    tell(await asyncio.to_thread(waiting_for, host))
    began = time.monotonic()
    while True:
        found = await asyncio.to_thread(probe.look, host)
        comes = host.provisions and found.presence not in (Presence.DOWN, Presence.STARTING)
        if found.presence is Presence.RUNNING or (found.presence is Presence.UNKNOWN and not comes):
            return
        if comes:
            began = time.monotonic()
        elif found.presence is Presence.ABSENT or time.monotonic() - began >= PATIENCE:
            raise EngineError(
                f"There is no Dagger engine: {found.words}.",
                f"Start it, or name another (now: {host.url}, {host.why}); hubtui doctor says more.",
                kind=ENGINE_STARTING if found.presence is Presence.STARTING else "dagger_no_engine",
            )
        else:
            tell(f"waits for an engine: {found.words}")
        await asyncio.sleep(_EVERY)
