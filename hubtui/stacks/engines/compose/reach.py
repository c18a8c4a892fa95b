"""The first look at a project: the daemon is waited for where that is wanted, and what has ended there is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from hubtui.models import Health, ServiceState, StepState
from hubtui.stacks.engines.base import Reporter
from hubtui.stacks.engines.compose.api.http import Refused, Unreachable
from hubtui.stacks.engines.compose.containers import view
from hubtui.stacks.engines.compose.watch import FIRST, LONGEST, Watch
from hubtui.stacks.spec.model import Stack

WAITS = "waits for the Docker daemon"
_STEP = "session", "Docker daemon"


async def reach(watch: Watch, where: str, reporter: Reporter, *, patient: bool) -> None:
    """Begin to watch; where the daemon at `where` does not answer, `patient` tries until it does. Raises Unreachable,
    Refused."""
    pause = FIRST
    while True:
        try:
            await watch.begin()
        except (Unreachable, Refused) as error:
            if not patient:
                raise
            if pause == FIRST:
                reporter.note("daemon_gone", f"{WAITS} at {where}: {error}")
                reporter.step(*_STEP, StepState.RUNNING, message=f"is waited for at {where}: {error}")
        else:
            if pause != FIRST:
                reporter.note("daemon_back", "The Docker daemon answers now.")
                reporter.step(*_STEP, StepState.DONE, message="answers")
            return
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST)


def tell_ended(watch: Watch, stack: Stack, running: Collection[str], tell: Callable[..., None]) -> None:
    """Say of those that have containers, but none that runs, how these ended. Who ended them is not known by now: so
    none of them counts as failed."""
    for name in stack.services:
        found = view(watch.of(name).values())
        if name not in running and found.state is not None:
            state = ServiceState.EXITED if found.state is ServiceState.EXITED else ServiceState.STOPPED
            tell(name, state, health=Health.NONE, message=found.message, exit_code=found.code)
