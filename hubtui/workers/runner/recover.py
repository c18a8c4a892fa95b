"""A new runner's first act: what an earlier one of its project left behind is ended."""

from __future__ import annotations

import asyncio
import sqlite3

from hubtui.models import EndReason, Run
from hubtui.paths import Home
from hubtui.stacks import survivors
from hubtui.stacks.engines.base import ProcessIdentity
from hubtui.store import runs, services
from hubtui.workers import lost, reconcile
from hubtui.workers.runner.fenced import Fenced

GRACE = 10.0  # seconds


async def recover(home: Home, store: Fenced) -> None:
    """End survivors of a double kill. The caller holds the lease, and their run is ended already."""

    def look(con: sqlite3.Connection) -> tuple[Run | None, list[ProcessIdentity]]:
        run = runs.NEWEST_OF_PROJECT.first(con, store.project)
        if run is None or run.end_reason not in (EndReason.LOST, EndReason.REBOOTED):
            return None, []
        return run, reconcile.survivors(home, con, store.project)

    run, left = await store.arun(look)
    if run is None:
        return
    if left:
        mark = reconcile.marker(home, store.project, run.id)
        await asyncio.to_thread(survivors.end, left, GRACE, marker=mark)
    await store.arun(lambda con: services.all_ended(con, store.project, run.id, lost.words(run)))
