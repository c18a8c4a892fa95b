"""What a person can have done where the three truths differ. Each says in one sentence what came of it.

Here alone, on a person's word, a runner that is stopped or hangs is killed: its guard then ends what it held. What no
guard ends any more is ended by this process while it holds the project's lease, so that nothing can be started beside.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from hubtui.errors import HubtuiError
from hubtui.models import EndReason, JobState, JobType
from hubtui.paths import Home
from hubtui.safetext import safe_text
from hubtui.stacks import proctree, survivors
from hubtui.stacks.engines.base import ProcessIdentity
from hubtui.stacks.engines.kinds import OUTLIVES
from hubtui.store import jobs, runs, services
from hubtui.workers import guard, heartbeat, lease, lost, operations, reconcile, spawn
from hubtui.workers.hub import Hub
from hubtui.workers.truths import containers
from hubtui.workers.truths.gather import look
from hubtui.workers.truths.model import Action, Truths

PATIENCE = 15.0  # seconds beyond the longest grace until an ordinary stop counts as hanging
LONGEST_GRACE = 120.0  # seconds; a service may ask for more, but not of somebody who waits at a terminal
Left = Callable[[], bool]
_GOES_ON = 6.0  # seconds for the next heartbeat of a runner that goes on
_LOOK = 0.05


def carry_out(hub: Hub, project: str, action: Action, left: Left = lambda: False) -> str:
    """Do it and say what came of it. Raises HubtuiError where it is refused, did not work, or where `left` says that
    nobody waits for it any more."""
    if action is Action.STOP:
        return stop(hub, project, left=left)
    return take_over(hub, project) if action is Action.TAKE_OVER else mark_failed(hub, project)


def take_over(hub: Hub, project: str) -> str:
    """See a runner in charge of the project: one that was stopped goes on, where there is none a new one settles what
    the record has open and takes the jobs that wait. Raises HubtuiError where that is unsafe or impossible."""
    found = _look(hub, project)
    name, kernel = safe_text(found.project), found.kernel
    if kernel.held:
        if found.stopped or any(p is not None and p.state in "Tt" for p in (kernel.guard, kernel.runner)):
            return _go_on(hub, found)
        pid = f"PID {kernel.runner.pid}" if kernel.runner is not None else "whoever holds it"
        if found.answers and found.known:
            raise HubtuiError(
                f"There is nothing to take over: the runner of {name}, {pid}, answers.", f"hubtui status {name}"
            )
        raise HubtuiError(
            f"{name} cannot be taken over while {pid} holds it: there would be two.", f"hubtui reconcile {name} --stop"
        )
    if containers.alone(found) and found.record.active is None:
        return containers.take_over(hub, found)
    if found.survivors and found.engine not in OUTLIVES:
        what = "its session has" if found.engine == "dagger" else "its pipes have"
        raise HubtuiError(
            f"{name} cannot be taken over: with its runner {what} ended, so nobody could hear or steer what is left.",
            f"hubtui reconcile {name} --stop, then hubtui start {name}",
        )
    if not found.differences:
        return f"Nothing differs: there is nothing of {name} to take over."
    spawn.start_guard(hub.home, found.project)
    hub.home.lost_note(found.project).unlink(missing_ok=True)
    return _taken(_look(hub, project, once=True))


def _taken(found: Truths) -> str:
    run, waiting = found.record.run, found.record.jobs
    told = [f"run #{run.id} ended as {run.end_reason}" if run is not None and run.end_reason else ""]
    told += [f"{job.type} #{job.id} goes on" for job in waiting[:3]]
    return f"A new runner settled {safe_text(found.project)}: {', '.join(t for t in told if t) or 'nothing was open'}."


def _go_on(hub: Hub, found: Truths) -> str:
    before = found.beat.count if found.beat is not None else 0
    for there in (found.kernel.guard, found.kernel.runner):
        if there is not None:
            _signal(there, signal.SIGCONT)
    runner, path = found.kernel.runner, hub.home.heartbeat(found.project)
    if runner is None:
        _until(lambda: not lease.held(hub.home.lease(found.project)), _GOES_ON)
        return f"The guard of {safe_text(found.project)} goes on and ends what its dead runner left."
    beats = _until(lambda: (beat := heartbeat.read(path)) is not None and beat.count != before, _GOES_ON)
    if not beats and lease.held(hub.home.lease(found.project)):
        raise HubtuiError(
            f"The runner of {safe_text(found.project)}, PID {runner.pid}, was told to go on and is still silent.",
            f"hubtui reconcile {safe_text(found.project)} --stop",
        )
    return f"The runner of {safe_text(found.project)}, PID {runner.pid}, goes on."


def stop(hub: Hub, project: str, *, by: str = "", left: Left = lambda: False) -> str:
    """See every process of the project ended, whoever holds it, and verify it. Where the run that is up is in order,
    only what belongs to another run is ended. Raises HubtuiError where something cannot be ended."""
    found = _look(hub, project)
    asker, run = by or jobs.asker(), found.record.active
    if containers.alone(found):
        return containers.stop(hub, found, asker)
    if run is not None and found.differences and all(d.kind == "other_run" for d in found.differences):
        _verify(found, _end(hub.home, found, {m.run for m in found.strays}, ()))
        return f"{_processes(found.strays)} of other runs ended; run #{run.id} goes on."
    before = {m.pid for m in found.kernel.marked}
    if found.kernel.held:
        _end_held(hub, found, asker, left)
    with _leased(hub, found.project):
        after = _look(hub, project, once=True)
        _verify(after, _end(hub.home, after, {m.run for m in after.kernel.marked}, _recorded(after)))
        hub.writer.run(lambda con: _all_stopped(con, found.project, asker))
        hub.home.lost_note(found.project).unlink(missing_ok=True)
    if not before:
        return f"Nothing of {safe_text(found.project)} was alive; the record says so now."
    return f"Nothing of {safe_text(found.project)} is left: {_processes(before)} ended."


def _end_held(hub: Hub, found: Truths, asker: str, left: Left) -> None:
    """Free the lease: by an ordinary stop as long as the runner answers, by killing it where it does not."""
    runner, path = found.kernel.runner, hub.home.lease(found.project)
    grace = _grace(found) + PATIENCE

    def free() -> bool:
        if left():
            raise HubtuiError(f"Nobody waited until {safe_text(found.project)} was ended.", "hubtui reconcile")
        return not lease.held(path)

    if found.answers and found.known and found.record.active is not None:
        operations.ask(hub, JobType.STOP, found.project, by=asker)
        ranks = len(found.record.services)  # at most: one is ended after the other
        _until(lambda: free() or not _beats(hub.home, found.project), grace * max(ranks, 1))
    else:
        hub.writer.run(lambda con: _revoke_waiting(con, found.project))  # else the guard would start the next runner
        if found.kernel.guard is not None:
            _signal(found.kernel.guard, signal.SIGCONT)
        if runner is not None:
            _signal(runner, signal.SIGTERM if found.answers else signal.SIGKILL)
        _until(free, grace)
    if free():
        return
    if runner is not None:
        hub.writer.run(lambda con: _revoke_waiting(con, found.project))
        _signal(runner, signal.SIGKILL)
        if _until(free, grace):
            return
    holder = runner or found.kernel.guard
    who = f"PID {holder.pid} ({proctree.state(holder.pid)})" if holder is not None else "a process that cannot be seen"
    raise HubtuiError(
        f"{safe_text(found.project)} is still held by {who}.",
        "One in uninterruptible sleep (D) ends when its device or network share answers; then try again.",
    )


def mark_failed(hub: Hub, project: str, *, by: str = "") -> str:
    """End run and job in the record, and signal nobody. Raises HubtuiError where a living runner would know better."""
    found = _look(hub, project, once=True)
    name = safe_text(found.project)
    if found.answers:
        assert found.kernel.runner is not None
        raise HubtuiError(
            f"The runner of {name}, PID {found.kernel.runner.pid}, lives and answers: what it holds has not failed.",
            f"hubtui stop {name}, or hubtui reconcile {name} --stop",
        )
    run, job = found.record.active, found.record.claimed
    up = [s for s in found.record.services if not s.state.down]
    if run is None and job is None and not up:
        raise HubtuiError(f"Nothing of {name} is open in the record.", f"hubtui status {name}")
    detail = f"marked failed by {by or jobs.asker()}"

    def work(con: sqlite3.Connection) -> None:
        now = _again(hub, con, found)
        lost.mark_in(con, found.project, EndReason.LOST, detail)
        services.all_ended(con, found.project, now, detail)

    hub.writer.run(work)
    hub.home.lost_note(found.project).unlink(missing_ok=True)
    told = [f"run #{run.id} ended as lost" if run else "", f"{job.type} #{job.id} as FAILURE" if job else ""]
    left = found.kernel.marked
    alive = f"{_processes(left)} may be alive" if left else "nothing of it was alive"
    return f"{name}: {', '.join(t for t in told if t) or 'its services are stopped'}; nobody was signalled, {alive}."


def _again(hub: Hub, con: sqlite3.Connection, found: Truths) -> int | None:
    """Inside the transaction: refuse where a runner has begun since it was looked at; the newest run."""
    beat = heartbeat.read(hub.home.heartbeat(found.project))
    if lease.held(hub.home.lease(found.project)) and not found.kernel.held and (beat is None or beat.responsive):
        raise HubtuiError(f"A runner has just taken {safe_text(found.project)}.", "hubtui reconcile once more")
    run = runs.NEWEST_OF_PROJECT.first(con, found.project)
    return run.id if run is not None else None


# Ending what is left


def _end(home: Home, found: Truths, numbers: set[int], recorded: Sequence[ProcessIdentity]) -> list[ProcessIdentity]:
    """TERM, and KILL after the grace, for these and for all that carry the marks of these runs; who is still there."""
    grace = _grace(found)
    left = survivors.end(recorded, grace)
    for number in sorted(numbers):
        left += survivors.end((), grace, marker=reconcile.marker(home, found.project, number))
    return left


def _recorded(found: Truths) -> list[ProcessIdentity]:
    rows = found.record.processes.values()
    return [ProcessIdentity(row.pid, row.start_ticks, row.boot_id) for row in rows if row.service in found.kernel.alive]


def _verify(found: Truths, left: list[ProcessIdentity]) -> None:
    if left:
        told = ", ".join(f"PID {who.pid} ({proctree.state(who.pid)})" for who in left)
        raise HubtuiError(
            f"Of {safe_text(found.project)} this is still there after KILL: {told}.",
            "One in uninterruptible sleep (D) ends when its device or network share answers; then try again.",
        )


def _grace(found: Truths) -> float:
    """The longest grace period that any of its processes was started with, in seconds."""
    return min(max((guard.grace_of(m.pid) for m in found.kernel.marked), default=guard.GRACE), LONGEST_GRACE)


@contextlib.contextmanager
def _leased(hub: Hub, project: str) -> Iterator[None]:
    """The project's lease is this process's: nothing of it can be started meanwhile. Raises HubtuiError."""
    path = hub.home.lease(project)
    fd = lease.open_lease(path)
    try:
        if not _until(lambda: lease.try_take(fd), 2.0):
            raise HubtuiError(f"A runner has just taken {safe_text(project)}.", "hubtui reconcile once more")
        lease.publish(fd, lease.ENDING)  # whoever wants to begin waits
        yield
    finally:
        os.close(fd)


def _revoke_waiting(con: sqlite3.Connection, project: str) -> None:
    """A stop beats every start."""
    for job in jobs.OPEN_OF_PROJECT.all(con, project):
        if job.state is JobState.PENDING and not job.type.ends:
            jobs.finish(con, job.id, JobState.REVOKED, "a stop came first")
        elif job.state is JobState.PENDING:
            jobs.finish(con, job.id, JobState.SUCCESS, "done by reconcile")


def _all_stopped(con: sqlite3.Connection, project: str, by: str) -> None:
    """The lease is ours and nothing lives: what the record has open has ended."""
    _revoke_waiting(con, project)
    run = runs.ACTIVE_OF_PROJECT.first(con, project)
    rebooted = run is not None and runs.BOOT_OF.first(con, run.id) != proctree.boot_id()
    lost.mark_in(con, project, EndReason.REBOOTED if rebooted else EndReason.LOST, f"ended by {by} (reconcile)")
    newest = runs.NEWEST_OF_PROJECT.first(con, project)
    services.all_ended(con, project, newest.id if newest is not None else None, f"ended by {by} (reconcile)")


# Small things


def _look(hub: Hub, project: str, *, once: bool = False) -> Truths:
    con = hub.reader()
    try:
        return look(hub.home, con, project, once=once)
    finally:
        con.close()


def _beats(home: Home, project: str) -> bool:
    beat = heartbeat.read(home.heartbeat(project))
    return beat is not None and beat.responsive


def _signal(there: proctree.Stat, number: signal.Signals) -> None:
    """To exactly this process, or to nobody."""
    fd = proctree.open_verified(ProcessIdentity(there.pid, there.start_ticks, proctree.boot_id()))
    if fd is not None:
        proctree.send(fd, number)
        os.close(fd)


def _until(look: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK)
    return True


def _processes(found: Iterable[object]) -> str:
    number = len(list(found))
    return "one process" if number == 1 else f"{number} processes"
