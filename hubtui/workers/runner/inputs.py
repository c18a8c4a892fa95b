"""What went into a start, kept with its job beside what of it is different since the last good one."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence

from hubtui.models import Job
from hubtui.stacks import fingerprint
from hubtui.stacks.spec.model import Stack
from hubtui.store import attempts
from hubtui.workers.runner.fenced import Fenced


async def keep(store: Fenced, job: Job, stack: Stack, names: Sequence[str]) -> None:
    """Take the fingerprint of these services and compare it with that of the last good job on the same."""
    found = await asyncio.to_thread(fingerprint.of_stack, stack, names)

    def work(con: sqlite3.Connection) -> None:
        before = attempts.LAST_GOOD_FINGERPRINT.first(con, job.id)
        attempts.compare(con, job.id, found, fingerprint.differences(before, found) if before else ())

    await store.arun(work)
