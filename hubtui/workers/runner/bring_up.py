"""Building and starting what a job is about, on any engine, and what is said of what was left running."""

from __future__ import annotations

from collections.abc import Sequence

from hubtui.few import few
from hubtui.models import Job, JobState
from hubtui.stacks.engines.base import Engine
from hubtui.stacks.spec.model import Stack
from hubtui.workers.runner import asked
from hubtui.workers.runner.recorder import Recorder

_SHOWN = 3


async def whole(job: Job, engine: Engine, recorder: Recorder, stack: Stack, names: Sequence[str]) -> None:
    """Returns when all of `names` is up. What is to be had anew is stopped as late as its engine can. Raises
    EngineError."""
    anew = asked.anew(job, names)
    if anew and not engine.builds_apart:
        await engine.stop(anew)
    await engine.build(stack, names, asked.build_options(job, names))
    recorder.phase(JobState.RUNNING)
    if anew and engine.builds_apart:
        await engine.stop(anew)
    await engine.start(stack, names)


def compared(engine: Engine, recorder: Recorder, stack: Stack) -> Sequence[str]:
    """The services that are up with another entry than the files have now. All others have that of now."""
    older = engine.compare(stack)
    for name in set(recorder.newer) - set(older):
        recorder.takes_entry(name)
    return older


def said(sentence: str, older: Sequence[str]) -> str:
    """A job's closing sentence, and which services were left running with another entry than the files have now."""
    if not older:
        return sentence
    what = "its entry" if len(older) == 1 else "their entries"
    return f"{sentence}; older than {what}: {few(older, _SHOWN)} (see `hubtui status`)"
