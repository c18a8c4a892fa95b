"""The order in which services end: dependents first, the rest side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from hubtui.stacks.supervise.service import Supervised


async def stop_in_order(
    services: Mapping[str, Supervised], names: Sequence[str], flying: dict[str, asyncio.Task[None]]
) -> None:
    """Stop `names`, each once those of them that depend on it have ended. What is `flying` (a start, a build) is
    cancelled first: it must not come up behind our back. Cancelled, it tells nobody else to end, and waits for those
    that it has told: they cannot go on, and asked again they would have their grace twice.
    Raises the first error of a service that could not be ended, when all others have."""
    for name in names:
        if task := flying.pop(name, None):
            task.cancel()
    users: dict[str, list[str]] = {name: [] for name in names}
    for name in names:
        for dependency in services[name].spec.depends_on:
            users.setdefault(dependency.service, []).append(name)
    tasks: dict[str, asyncio.Task[None]] = {}
    told: set[str] = set()

    async def one(name: str) -> None:
        if users[name]:
            await asyncio.wait([tasks[user] for user in users[name]])
        told.add(name)
        await services[name].stop()

    for name in names:
        tasks[name] = asyncio.create_task(one(name), name=f"stop {name}")
    cancelled = False
    while live := [task for task in tasks.values() if not task.done()]:
        try:
            await asyncio.wait(live)
        except asyncio.CancelledError:
            cancelled = True
            for name in tasks.keys() - told:
                tasks[name].cancel()
    if cancelled:
        raise asyncio.CancelledError
    for task in tasks.values():  # only now: one that could not be ended must not keep the others up
        task.result()
