"""What opening a run takes beyond its rows: what its engine is told, and that a cancel does not leave it half open."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from hubtui.models import Job, Project
from hubtui.paths import Home
from hubtui.stacks import plan
from hubtui.stacks.engines.base import Engine, EngineContext
from hubtui.workers import reconcile
from hubtui.workers.runner import asked, settings
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


async def refuse_first(job: Job, project: Project, engine: Engine | None) -> None:
    """Raise what would keep a restart from starting again, while what it is to stop is still up. `engine`: None where
    another one is to start it."""
    environment, stack = await asyncio.to_thread(asked.load, project, job)
    await asyncio.to_thread(settings.load, environment)
    if engine is not None:
        engine.check(stack, plan.select(stack, (), job.profiles))


async def whole(work: Coroutine[Any, Any, T]) -> T:
    """Carry out what must not be left half done: a cancel that comes meanwhile takes effect after it."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
