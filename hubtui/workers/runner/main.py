"""A runner's life: register, recover what an earlier one left, serve jobs, hold the stack, leave when nothing is left.

Run by the guard in its forked child. The first job is claimed before anything heavy is imported, so that a person
sees it move at once.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3

from hubtui import openfiles
from hubtui.paths import Home
from hubtui.store import connect, runners
from hubtui.workers import doorbell, lost, reconcile
from hubtui.workers.runner.claims import Claims
from hubtui.workers.runner.fenced import Fenced


def run(home: Home, project: str, lease_fd: int, ready: int, guard: int) -> int:
    """Be the project's runner. Exit code 0 when everything is in order; anything else makes the guard clean up."""
    openfiles.allow_many()  # two pipes and a pidfd per service
    writer = connect.Writer(home, after_commit=lambda: doorbell.ring_hubs(home))
    home.heartbeat(project).unlink(missing_ok=True)  # an earlier runner's last one says nothing of this one
    bell = doorbell.Bell.of_runner(home, project)
    who = _identity()

    def take_over(con: sqlite3.Connection) -> int:
        # the lease is ours: a run or a claimed job that is open belongs to a runner that died
        lost.mark_in(con, project, *reconcile.cause(home, con, project))
        lost.have_adopted(con, project)
        return runners.register(con, project, *who)

    generation = writer.run(take_over)
    home.lost_note(project).unlink(missing_ok=True)
    if ready >= 0:
        with contextlib.suppress(BrokenPipeError):  # the hub that waited for this word may be dead by now
            os.write(ready, b"up\n")
        os.close(ready)
    fenced = Fenced(writer, project, generation)
    claims = Claims(home, project, generation)
    first = fenced.run(claims.next)

    import asyncio

    from hubtui.workers.runner.loop import Runner

    runner = Runner(home, fenced, claims, bell, lease_fd, guard)
    try:
        return asyncio.run(runner.live(first))
    finally:
        bell.close()
        writer.close()


def _identity() -> tuple[int, int, str]:
    from hubtui.stacks import proctree

    me = proctree.identity(os.getpid())
    return me.pid, me.start_ticks, me.boot_id
