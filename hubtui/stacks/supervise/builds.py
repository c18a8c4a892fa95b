"""Builds of several services side by side: the first that fails ends the others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from hubtui.errors import EngineError


class NotBuilt(EngineError):
    """A service was not built because one that it needs was not."""


async def all_built(tasks: Mapping[str, asyncio.Task[None]]) -> None:
    """Wait for the builds, by service. Raises the first EngineError (one that came from another's last), when none is
    at work any more; cancelled, it ends them all."""
    if not tasks:
        return
    try:
        await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_EXCEPTION)
    finally:  # one failed, or nobody wants them any more
        for task in tasks.values():
            task.cancel()
        await asyncio.wait(tasks.values())
    errors = [e for t in tasks.values() if not t.cancelled() and (e := t.exception())]
    for error in sorted(errors, key=lambda e: isinstance(e, NotBuilt)):
        raise error
    for name, task in tasks.items():
        if task.cancelled():
            raise EngineError(f"{name} was stopped while it was being built", kind="stopped", service=name)
