"""Ending what is left of a run that is no more: asked first, then made to, and looked at until nobody is left."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterable

from hubtui.stacks import proctree
from hubtui.stacks.engines.base import ProcessIdentity


def end(
    identities: Iterable[ProcessIdentity], grace: float, marker: str = "", patience: float = 5.0
) -> list[ProcessIdentity]:
    """End survivors of a run that is no more, what they started and what carries `marker`: TERM and CONT, KILL after
    `grace` seconds, looking again until nobody is left. Blocks. Returns who is still there `patience` seconds after
    the first KILL (somebody in uninterruptible sleep), usually []."""
    known = {who.pid: who for who in identities}
    told: set[ProcessIdentity] = set()
    deadline = time.monotonic() + grace
    while True:
        live = _pinned(known, marker)
        try:
            late = time.monotonic() - deadline
            if not live or late > patience:
                return list(live)
            for who, fd in live.items():
                if late >= 0:
                    proctree.send(fd, signal.SIGKILL)
                elif who not in told:
                    told.add(who)
                    proctree.send(fd, signal.SIGTERM)
                    proctree.send(fd, signal.SIGCONT)  # a stopped process takes no TERM
            poll = select.poll()
            for fd in live.values():
                poll.register(fd, select.POLLIN)
            poll.poll(20)  # milliseconds; an exit wakes it at once
        finally:
            for fd in live.values():
                os.close(fd)


def _pinned(known: dict[int, ProcessIdentity], marker: str) -> dict[ProcessIdentity, int]:
    """A pidfd for all that live of `known`, of their descendants and of the marked; the finds are added to `known`."""
    if marker:
        known.update((who.pid, who) for who in proctree.find_marked(marker))
    live: dict[ProcessIdentity, int] = {}
    todo, seen = list(known.values()), set(known)
    while todo:
        who = todo.pop()
        fd = proctree.open_verified(who)
        if fd is None:
            continue
        live[who] = fd
        for pid in proctree.children(who.pid):
            there = proctree.stat(pid)
            if there and pid not in seen and pid != os.getpid():
                seen.add(pid)
                known[pid] = ProcessIdentity(pid, there.start_ticks, proctree.boot_id())
                todo.append(known[pid])
    return live
