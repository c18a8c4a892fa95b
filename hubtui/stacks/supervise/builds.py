"""Builds of several services side by side: the first that fails ends the others."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from hubtui.errors import EngineError
from hubtui.models import ServiceState

if TYPE_CHECKING:
    from hubtui.stacks.supervise.service import Supervised


class NotBuilt(EngineError):
    """A service was not built because one that it needs was not."""


@contextlib.contextmanager
def being_built(service: Supervised) -> Iterator[None]:
    """Tell what becomes of a service while it is built in the block; of one that is up nothing is told."""

    def tell(state: ServiceState, message: str | None = None) -> None:
        if not service.up:
            service.tell(state, message=message)

    tell(ServiceState.BUILDING)
    try:
        yield
    except asyncio.CancelledError:
        tell(ServiceState.STOPPED)
        raise
    except EngineError as error:
        tell(ServiceState.FAILED, error.message)
        raise
    tell(ServiceState.STOPPED, "built")


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
