"""What opening a run takes beyond its rows: what its engine is told, and that a cancel does not leave it half open."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from hubtui.models import Project
from hubtui.paths import Home
from hubtui.stacks.engines.base import EngineContext
from hubtui.workers import reconcile
from hubtui.workers.runner.settings import RunnerSettings

T = TypeVar("T")


def context(home: Home, project: Project, run: int, conf: RunnerSettings) -> EngineContext:
    """What the engine may know of the run."""
    return EngineContext(
        project=project.name,
        run=run,
        marker=reconcile.marker(home, project.name, run),
        logs=home.logs(project.name),
        folder=home.run(project.name) / "engine",
        address=conf.address,
        health=conf.health,
        log_limits=conf.logs,
    )


async def whole(work: Coroutine[Any, Any, T]) -> T:
    """Carry out what must not be left half done: a cancel that comes meanwhile takes effect after it."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
