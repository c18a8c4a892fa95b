"""The jobs that only an engine with containers of its own can do: pull, scale, down, clean."""

from __future__ import annotations

from collections.abc import Sequence

from hubtui.errors import EngineError
from hubtui.models import Job, JobState, JobType
from hubtui.stacks.engines.base import Engine
from hubtui.stacks.engines.kinds import OUTLIVES
from hubtui.stacks.spec.model import Stack
from hubtui.workers.runner.recorder import Recorder

TYPES = (JobType.PULL, JobType.SCALE, JobType.DOWN, JobType.CLEAN)


def check(job: Job, engine: str) -> None:
    """Raises EngineError for a project whose engine keeps nothing."""
    if engine not in OUTLIVES:
        raise EngineError(
            f"{job.type} is for projects on the compose engine; {job.project} is on {engine}.",
            "What is built anew there: hubtui rebuild. What it holds: hubtui disk.",
            kind="not_supported",
        )


async def perform(job: Job, engine: Engine, recorder: Recorder, stack: Stack, names: Sequence[str]) -> str:
    """Do it; the job's closing sentence. Of a stack that is to go all has ended before. Raises EngineError."""
    assert engine.upkeep is not None
    if job.type is JobType.DOWN:
        return await engine.upkeep.down(stack)
    if job.type is JobType.CLEAN:
        return await engine.upkeep.clean(stack, job.arguments)
    if job.type is JobType.PULL:
        return await _pull(engine, recorder, stack, names)
    service, count = job.services[0], int(job.arguments[0])
    recorder.phase(JobState.RUNNING)
    if not count:
        await engine.stop([service])
    await engine.upkeep.scale(stack, service, count)
    if count:
        await engine.start(stack, [service])
    return f"{service} has {count} container{'s' * (count != 1)}"


async def _pull(engine: Engine, recorder: Recorder, stack: Stack, names: Sequence[str]) -> str:
    assert engine.upkeep is not None
    old = await engine.upkeep.pull(stack, names)
    if not old:
        return "pulled; what runs is up to date"
    recorder.phase(JobState.RUNNING)
    await engine.stop(old)
    await engine.start(stack, old)
    return f"pulled; made anew: {', '.join(old)}"
