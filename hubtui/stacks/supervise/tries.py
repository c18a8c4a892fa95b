"""Bringing one service up, more than once where its stage says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hubtui.errors import EngineError
from hubtui.stacks.spec.model import Stage
from hubtui.stacks.supervise.restart import backoff, duration
from hubtui.stacks.supervise.service import Supervised

LONGEST = 60.0  # seconds between two tries, unless the first pause is longer
_AGAIN = ("service_exited", "unhealthy")  # it ran: all else would fail in the same way at once


async def bring_up(service: Supervised, stage: Stage, say: Callable[[str], None]) -> str:
    """Returns when it is ready: which try it was, "" where it was the first of one. `say` is told what it waits for.
    Raises EngineError when no try is left or none would help; cancelled, it leaves it as it is."""
    tries = 1 + stage.retries
    for number in range(1, tries + 1):
        try:
            await service.begin()
            await service.wait_ready(say)
        except EngineError as error:
            if error.kind not in _AGAIN or number == tries:
                raise _at(number, tries, error) from None
            pause = backoff(stage.retry_delay, max(stage.retry_delay, LONGEST), number)
            said = error.message.removeprefix(f"{service.name} ")
            say(message := f"try {number + 1} of {tries} in {duration(pause)}: {said}")
            await service.rest(message)
            await asyncio.sleep(pause)
            say(f"try {number + 1} of {tries}")
        else:
            return f", try {number} of {tries}" if number > 1 else ""
    raise AssertionError("unreachable")


def _at(number: int, tries: int, error: EngineError) -> EngineError:
    """The same error, which says the number of its try."""
    said = f"{error.message} (try {number} of {tries})"
    return EngineError(said, error.hint, kind=error.kind, service=error.service) if number > 1 else error
