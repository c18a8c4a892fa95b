"""Making the store true again: what died while nobody looked is said, what survived it is ended, what waits is taken.

Called when a hub opens and while it watches. It only writes and starts guards: processes are ended by a runner that
holds the project's lease, never from here.
"""

from __future__ import annotations

import os
import sqlite3

from hubtui.errors import HubtuiError
from hubtui.models import EndReason
from hubtui.paths import Home
from hubtui.stacks import proctree
from hubtui.stacks.engines.base import ProcessIdentity
from hubtui.store import jobs, runners, runs, services
from hubtui.store.query import Query
from hubtui.workers import lease, lost, spawn
from hubtui.workers.hub import Hub

_SUSPECTS = Query(
    "SELECT project FROM runs WHERE state <> 'ended' UNION SELECT project FROM jobs"  # noqa: S608
    f" WHERE {jobs.IS_OPEN} UNION SELECT project FROM services WHERE NOT {services.IS_DOWN}",
    lambda row: str(row["project"]),
)


def reconcile(hub: Hub) -> list[str]:
    """Compare the store with the kernel; returns the projects whose run was found dead. Cheap when all is well."""
    con = hub.reader()
    try:
        suspects = [p for p in _SUSPECTS.all(con) if not lease.held(hub.home.lease(p))]
    finally:
        con.close()
    return [project for project in suspects if _settle(hub, project)]


def _settle(hub: Hub, project: str) -> bool:
    """One project whose lease is free though the store says that it has something to do or to hold."""

    def work(con: sqlite3.Connection) -> tuple[bool, bool]:
        if lease.held(hub.home.lease(project)):  # taken since: its runner settles it
            return False, False
        run = runs.ACTIVE_OF_PROJECT.first(con, project)
        row = runners.OF_PROJECT.first(con, project)
        if run is not None or (row is not None and row.state == "up"):
            lost.mark_in(con, project, *cause(hub.home, con, project))
            lost.have_adopted(con, project)
        left = survivors(hub.home, con, project)
        newest = runs.NEWEST_OF_PROJECT.first(con, project)
        if not left and newest is not None:
            services.all_ended(con, project, newest.id, lost.words(newest))
        return run is not None, bool(left or jobs.OPEN_OF_PROJECT.all(con, project))

    found, needs_runner = hub.writer.run(work)
    hub.home.lost_note(project).unlink(missing_ok=True)
    if needs_runner:
        try:
            spawn.start_guard(hub.home, project)
        except HubtuiError:
            pass  # the job stays PENDING, and the next look tries again
    return found


def cause(home: Home, con: sqlite3.Connection, project: str) -> tuple[EndReason, str]:
    """Why a project whose lease is free still has something open: as its guard noted it, else as far as can be told."""
    run = runs.ACTIVE_OF_PROJECT.first(con, project)
    if run is not None and runs.BOOT_OF.first(con, run.id) != proctree.boot_id():
        return EndReason.REBOOTED, "the host was started anew"
    try:
        return EndReason.LOST, home.lost_note(project).read_text(encoding="utf-8")[:200]
    except OSError:
        return EndReason.LOST, lost.how(None)


def marker(home: Home, project: str, run: int) -> str:
    """The value of HUBTUI_RUN in every process of a run."""
    return f"{home.root}:{project}:{run}"


def survivors(home: Home, con: sqlite3.Connection, project: str) -> list[ProcessIdentity]:
    """Processes of the project that outlived runner and guard, by recorded identity and by their mark: that of any run,
    because an older copy of the store may not know the newest."""
    run = runs.NEWEST_OF_PROJECT.first(con, project)
    if run is None or runs.BOOT_OF.first(con, run.id) != proctree.boot_id():
        return []
    found = {m.who.pid: m.who for m in proctree.all_marked(f"{home.root}:{run.project}:")}
    for row in services.PROCESSES.all(con, project):
        identity = ProcessIdentity(row.pid, row.start_ticks, row.boot_id)
        fd = proctree.open_verified(identity)
        if fd is not None:
            os.close(fd)
            found[row.pid] = identity
    return list(found.values())
