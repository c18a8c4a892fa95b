"""Gathering the three truths of a project. Reads the store, /proc, the lease and the heartbeat; changes nothing."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence

from hubtui.models import Project
from hubtui.paths import Home
from hubtui.stacks import proctree
from hubtui.stacks.engines.base import ProcessIdentity
from hubtui.stacks.engines.kinds import OUTLIVES
from hubtui.store import jobs, projects, runners, runs, services
from hubtui.workers import heartbeat, lease
from hubtui.workers.truths import containers
from hubtui.workers.truths.compare import compared
from hubtui.workers.truths.model import Kernel, Marked, Record, Truths

AGAIN = 0.3  # seconds until a difference is looked at a second time: what is on its way is none
_BEAT = heartbeat.INTERVAL + 0.5  # seconds within which a runner's next word on its engine comes
_MODULE = b"hubtui.workers.guard"


def look(home: Home, con: sqlite3.Connection, project: str, *, once: bool = False) -> Truths:
    """The three truths of one project. Where they differ it looks twice, so that what is just changing counts for
    nothing: 0.3 s later, or after the next heartbeat where the engine's word is older than the record. Raises
    UsageError for an unknown project."""
    return look_at_all(home, con, [projects.get(con, project)], once=once)[0]


def look_at_all(home: Home, con: sqlite3.Connection, found: Sequence[Project], *, once: bool = False) -> list[Truths]:
    """The same of several projects, with one walk through /proc for all of them."""
    first = _all(home, con, found)
    odd = [t for t in first if t.differences]
    if once or not odd:
        return first
    _wait(home, odd)
    second = _all(home, con, [p for p in found if any(t.project == p.name for t in odd)])
    seen = {t.project: {(d.kind, d.service) for d in t.differences} for t in first}
    again = {t.project: _only(t, seen[t.project]) for t in second}
    return [again.get(t.project, t) for t in first]


def _only(found: Truths, seen: set[tuple[str, str]]) -> Truths:
    """What is still different, of what was before."""
    return compared(found, lambda d: (d.kind, d.service) in seen)


def _wait(home: Home, odd: Iterable[Truths]) -> None:
    time.sleep(AGAIN)
    deadline = time.monotonic() + _BEAT
    for found in odd:
        if not any(d.kind == "engine_differs" for d in found.differences) or found.beat is None:
            continue
        path, count = home.heartbeat(found.project), found.beat.count
        while time.monotonic() < deadline and (beat := heartbeat.read(path)) is not None and beat.count == count:
            time.sleep(0.05)


def _all(home: Home, con: sqlite3.Connection, found: Sequence[Project]) -> list[Truths]:
    marked = proctree.all_marked(f"{home.root}:")
    guards = holders(home)
    docker = containers.running(found)
    return [compared(_one(home, con, p, marked, guards.get(p.name.lower(), []), docker)) for p in found]


def _one(
    home: Home,
    con: sqlite3.Connection,
    project: Project,
    marked: Iterable[proctree.Marked],
    candidates: Sequence[proctree.Stat],
    docker: Mapping[str, tuple[str, ...]] | None,
) -> Truths:
    record = _record(con, project.name)
    beat = heartbeat.read(home.heartbeat(project.name))
    expected = {beat.pid} if beat is not None else set()
    if record.runner is not None and record.runner.pid is not None:
        expected.add(record.runner.pid)
    path = home.lease(project.name)
    guard, runner = _guard_and_runner(candidates, expected)
    held = lease.held(path)
    kernel = Kernel(
        boot_id=proctree.boot_id(),
        held=held,
        word=_word(path) if held else "",
        guard=guard if held else None,
        runner=runner if held else None,
        alive=frozenset(name for name, row in record.processes.items() if _alive(row)),
        marked=tuple(m for each in marked if (m := _of_project(each, f"{home.root}:{project.name}:"))),
    )
    engine = record.run.engine if record.run is not None else project.engine
    known = docker.get(str(project.path), ()) if docker is not None and engine in OUTLIVES else None
    return Truths(project.name, engine, record, kernel, beat, known)


def _record(con: sqlite3.Connection, project: str) -> Record:
    con.execute("BEGIN")  # the parts belong together
    try:
        run = runs.NEWEST_OF_PROJECT.first(con, project)
        return Record(
            run=run,
            boot_id=runs.BOOT_OF.first(con, run.id) or "" if run is not None else "",
            jobs=tuple(jobs.OPEN_OF_PROJECT.all(con, project)),
            runner=runners.OF_PROJECT.first(con, project),
            services=tuple(services.OF_PROJECT.all(con, project)),
            processes={row.service: row for row in services.PROCESSES.all(con, project)},
        )
    finally:
        con.execute("COMMIT")


def _alive(row: services.ProcessRow) -> bool:
    fd = proctree.open_verified(ProcessIdentity(row.pid, row.start_ticks, row.boot_id))
    if fd is None:
        return False
    os.close(fd)
    return True


def _of_project(found: proctree.Marked, prefix: str) -> Marked | None:
    rest = found.marker.removeprefix(prefix)
    if rest == found.marker or not (rest.isascii() and rest.isdigit()):
        return None
    return Marked(found.who.pid, int(rest), found.service)


def holders(home: Home) -> dict[str, list[proctree.Stat]]:
    """Guards and runners of this state folder, by their project's name in lower case: a runner is forked from its guard
    and has its command line. Guards that only wait for a lease are among them."""
    root, found = os.fsencode(home.root), dict[str, list[proctree.Stat]]()
    for pid, words in proctree.of_this_user("cmdline"):
        at = words.index(_MODULE) if _MODULE in words else -1
        if at >= 0 and words[at + 1 : at + 2] == [root] and len(words) > at + 2 and (there := proctree.stat(pid)):
            found.setdefault(os.fsdecode(words[at + 2]).lower(), []).append(there)
    return found


def _guard_and_runner(
    candidates: Sequence[proctree.Stat], expected: set[int]
) -> tuple[proctree.Stat | None, proctree.Stat | None]:
    """A runner is the child of its guard; one whose guard is dead is told by the PID that heartbeat or record names."""
    by_pid = {there.pid: there for there in candidates}
    living = sorted((there for there in candidates if not there.dead), key=lambda there: there.pid not in expected)
    runner = next((there for there in living if there.parent in by_pid), None)
    if runner is not None:
        return by_pid[runner.parent], runner
    runner = next((there for there in living if there.pid in expected), None)
    return (None, runner) if runner is not None else (next(iter(living), None), None)


def _word(path: os.PathLike[str]) -> str:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return lease.published(fd)
    finally:
        os.close(fd)
