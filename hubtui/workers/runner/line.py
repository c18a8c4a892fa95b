"""The host's line, seen from one runner: whoever waits is woken when a slot gets free, and a slot that a dead runner
still seems to hold gets somebody to free it."""

from __future__ import annotations

import asyncio
import contextlib

import aiosqlite

from hubtui.errors import HubtuiError
from hubtui.paths import Home
from hubtui.store import slots
from hubtui.workers import doorbell, lease, spawn


async def wake(home: Home, project: str, reader: aiosqlite.Connection) -> None:
    """Ring the runners of all other projects that wait for a slot."""
    for other in await slots.WAITING_PROJECTS.aall(reader):
        if other != project:
            doorbell.ring_runner(home, other)


async def bury(home: Home, project: str, reader: aiosqlite.Connection) -> None:
    """See that a job at work whose runner and guard are both dead is closed: the next runner of its project does it."""
    for other in dict.fromkeys(await slots.HOLDERS.aall(reader)):
        if other != project and not lease.held(home.lease(other)):
            with contextlib.suppress(HubtuiError):  # tried again at the next look
                await asyncio.to_thread(spawn.start_guard, home, other)
