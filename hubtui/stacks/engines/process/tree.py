"""Which living process belongs to which service: what its main process started, and what slipped out of its tree.

The runner is a child subreaper, so an escapee (double fork, setsid) becomes a child of the runner. It is given back to
its service by what was seen before, by HUBTUI_SERVICE in its environment, or by its session.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping

from hubtui.stacks import proctree
from hubtui.stacks.proctree import Stat

NOBODY = ""  # the service of a process that wiped every trace: only ended with the whole stack
_MANY = 256  # processes that are remembered before those that have ended are forgotten


class Census:
    """Looks at everything below this process. Those who ask within one turn of the loop share one look, taken after
    they asked: a hundred services that stop together cost one walk, and an empty answer is never an old one."""

    def __init__(self, marker: str) -> None:
        self._marker = marker
        self._mains: dict[int, str] = {}
        self._known: dict[tuple[int, int], str] = {}  # (pid, start) -> service
        self._sessions: dict[int, str] = {}
        self._strangers = _born(proctree.children(os.getpid()))  # were here before: not ours to end
        self._next: asyncio.Future[dict[str, list[Stat]]] | None = None

    def add_main(self, pid: int, service: str) -> None:
        """A process that somebody here waits for, and whose tree is this service."""
        self._mains[pid] = self._sessions[pid] = service

    def remove_main(self, pid: int) -> None:
        """It was reaped; its session goes on to say whose its children are."""
        self._mains.pop(pid, None)

    def forget(self, service: str) -> None:
        """Its tree is empty: its numbers may come back as something else."""
        self._known = {key: name for key, name in self._known.items() if name != service}
        self._sessions = {sid: name for sid, name in self._sessions.items() if name != service or sid in self._mains}

    async def look(self) -> Mapping[str, list[Stat]]:
        """Every living process below us by service (key NOBODY: unknown whose)."""
        if self._next is None:
            loop = asyncio.get_running_loop()
            self._next = loop.create_future()
            loop.call_soon(self._answer)
        return await asyncio.shield(self._next)

    async def of(self, service: str) -> list[Stat]:
        """The living processes of a service; empty only if two looks in a row found none, since the kernel's list of
        children may skip one while others end."""
        for _ in range(2):
            if found := (await self.look()).get(service):
                return found
        return []

    def _answer(self) -> None:
        asked, self._next = self._next, None
        if asked and not asked.done():
            asked.set_result(self._walk())

    def _walk(self) -> dict[str, list[Stat]]:
        found: dict[str, list[Stat]] = {}
        for pid in proctree.children(os.getpid()):
            main = self._mains.get(pid)
            if main is None and pid in proctree.claimed:
                continue  # a health check's command: it has its own deadline
            there = proctree.stat(pid)
            if there is None or (pid, there.start_ticks) in self._strangers:
                continue
            if there.dead:
                if pid not in proctree.claimed:
                    _reap(pid)
                continue
            service = main or self._whose(there)
            below = [s for p in proctree.descendants(pid) if (s := proctree.stat(p)) and not s.dead]
            found.setdefault(service, []).extend([there, *below])
            if service:
                self._known.update(((s.pid, s.start_ticks), service) for s in below)
        if len(self._known) > _MANY + 2 * sum(map(len, found.values())):  # looked at again, since a walk may skip one
            self._known = {key: name for key, name in self._known.items() if _lives(*key)}
        return found

    def _whose(self, there: Stat) -> str:
        key = there.pid, there.start_ticks
        if key not in self._known:
            variables = proctree.environment(there.pid)
            name = variables.get(proctree.SERVICE) if variables.get(proctree.MARKER) == self._marker else None
            name = name or self._sessions.get(there.session)
            if name is None:
                return NOBODY
            self._known[key] = name
        return self._known[key]

    def alone(self) -> bool:
        """Whether the kernel says that this process has no children at all (strangers aside)."""
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return True
        return self._strangers >= _born(proctree.children(os.getpid()))


def _born(pids: list[int]) -> set[tuple[int, int]]:
    return {(there.pid, there.start_ticks) for there in map(proctree.stat, pids) if there}


def _lives(pid: int, start_ticks: int) -> bool:
    there = proctree.stat(pid)
    return there is not None and there.start_ticks == start_ticks


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
