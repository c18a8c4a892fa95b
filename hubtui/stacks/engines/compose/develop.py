"""`develop.watch`: while a stack is up, Compose itself watches the files of services that ask for it, and syncs,
rebuilds or restarts them on change. What it does is told on.

It watches whatever `docker compose watch` would, but only services that are up; `x-hubtui: {watch: false}` leaves it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Sequence
from typing import Protocol

from hubtui.errors import EngineError
from hubtui.safetext import safe_text
from hubtui.stacks.engines.compose.cli import Compose
from hubtui.stacks.engines.compose.errors import reason
from hubtui.stacks.spec.model import Stack

# pkg/compose/watch.go: `Syncing service "web" after 2 changes were detected`,
# `Rebuilding service(s) ["web"] after ...`, `service "web" successfully built`; older ones leave out "service".
_NAMES = re.compile(r'"([^"]+)"')
_SAID = (
    ("Syncing", "syncs what changed", "synced"),
    ("Rebuilding", "is rebuilt after a change", ""),
    ("Restarting", "is restarted after a change", "restarted after a change"),
    ("service", "", "rebuilt after a change"),
)
WATCHED = "files watched"


class Told(Protocol):
    """Whom it tells about a service."""

    def develops(self, service: str, message: str) -> None:
        """What to show beside it from now on."""

    def developed(self, service: str, line: str) -> None:
        """A line for its log."""


def wanted(stack: Stack, names: Iterable[str]) -> tuple[str, ...]:
    """Those of these services that ask to be watched, where the stack does not forbid it."""
    own = stack.extra.get("x-hubtui")
    if isinstance(own, dict) and own.get("watch") is False:
        return ()
    return tuple(n for n in names if n in stack.services and _asks(stack.services[n].extra.get("develop")))


def _asks(develop: object) -> bool:
    return isinstance(develop, dict) and bool(develop.get("watch"))


def understood(line: str) -> tuple[Sequence[str], str]:
    """(services, what to show beside them) of a line that Compose prints; nobody where it says nothing of the kind."""
    for word, begins, done in _SAID:
        if line.startswith(word) and (names := _NAMES.findall(line)):
            clock = time.strftime("%H:%M:%S")
            return names, f"{WATCHED}, {done} {clock}" if done else f"{WATCHED}, {begins}"
    return (), ""


class Develop:
    """One call of `docker compose watch` for all services of the stack that are up and ask for it."""

    def __init__(self, compose: Compose, told: Told) -> None:
        self._compose, self._told = compose, told
        self._names: tuple[str, ...] = ()
        self._task: asyncio.Task[None] | None = None
        self._about: Sequence[str] = ()

    async def follow(self, stack: Stack, up: Iterable[str]) -> None:
        """Watch for these services, which are up, and for no others any more."""
        names = wanted(stack, sorted(up))
        if names == self._names and self._task is not None and not self._task.done():
            return
        await self.close()
        self._names = names
        if names:
            self._task = asyncio.create_task(self._watch(stack, names), name="docker compose watch")

    async def close(self) -> None:
        """Watch for nobody."""
        task, self._task, self._names = self._task, None, ()
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _watch(self, stack: Stack, names: Sequence[str]) -> None:
        self._about = names
        for name in names:
            self._told.develops(name, WATCHED)
        try:
            ended = await self._compose.call(stack, "watch", "--no-up", *names, hear=self._hear)
            why = reason(ended.lines) if ended.code else "docker compose watch has ended"
        except EngineError as error:
            why = error.message
        for name in names:
            self._told.develops(name, f"files not watched any more: {safe_text(why, 200)}")

    def _hear(self, line: str) -> None:
        said = safe_text(line)
        names, message = understood(said)
        if names:
            self._about = names
        for name in names:
            self._told.develops(name, message)
        for name in self._about if said.strip() else ():
            self._told.developed(name, said)
