"""A new runner's first act: what an earlier one of its project left behind is ended and said."""

from __future__ import annotations

import asyncio
import sqlite3

from hubtui.models import EndReason
from hubtui.paths import Home
from hubtui.stacks import proctree
from hubtui.stacks.engines.base import ProcessIdentity
from hubtui.store import runs, services
from hubtui.workers import reconcile
from hubtui.workers.runner.fenced import Fenced

GRACE = 10.0  # seconds


async def recover(home: Home, store: Fenced) -> None:
    """End survivors of a double kill and close the run they belonged to. The caller holds the lease."""

    def look(con: sqlite3.Connection) -> tuple[int | None, list[ProcessIdentity]]:
        run = runs.NEWEST_OF_PROJECT.first(con, store.project)
        if run is None or (not run.active and run.end_reason is not EndReason.LOST):
            return None, []
        return run.id, reconcile.survivors(home, con, store.project)

    run, left = await store.arun(look)
    if run is None:
        return
    if left:
        mark = reconcile.marker(home, store.project, run)
        await asyncio.to_thread(proctree.end, left, GRACE, marker=mark)

    def settle(con: sqlite3.Connection) -> None:
        rebooted = runs.BOOT_OF.first(con, run) != proctree.boot_id()
        why = (EndReason.REBOOTED, "the host was started anew") if rebooted else (EndReason.LOST, "its runner died")
        runs.end(con, run, *why)
        services.all_ended(con, store.project, run, "ended: its runner died")

    await store.arun(settle)
