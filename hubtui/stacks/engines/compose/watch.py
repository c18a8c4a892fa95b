"""Watching the containers of a project: events say that something changed, an inspection says what.

The daemon may go away and come back: that is said, waited for, and then everything is looked at anew.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Protocol

from hubtui.stacks.engines.compose.api.client import Docker
from hubtui.stacks.engines.compose.api.http import Refused, Unreachable
from hubtui.stacks.engines.compose.containers import Container, parse
from hubtui.stacks.engines.compose.labels import ONEOFF, SERVICE

SAFETY = 60.0  # seconds between looks at everything, should an event get lost
FIRST, LONGEST = 0.1, 5.0  # seconds between tries to reach a daemon that went away
_QUIET = ("exec_create", "exec_start", "exec_die", "exec_detach", "attach", "detach", "top", "resize", "copy", "export")
_HARMLESS = ("1", "10", "12", "17", "18", "28", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGCONT", "SIGWINCH")


class Watcher(Protocol):
    """Whom the watch tells."""

    def changed(self, service: str, containers: Mapping[str, Container]) -> None:
        """These are the service's containers now, by their ids."""

    def told_to_end(self, service: str) -> None:
        """Somebody sends a signal to one of its containers."""

    def gone(self, why: str) -> None:
        """The daemon does not answer any more."""

    def back(self) -> None:
        """It answers again, and everything was looked at."""


class Watch:
    """One for a project. `containers` are as last seen, by id."""

    def __init__(self, docker: Docker, project: str, watcher: Watcher) -> None:
        self.docker, self._project, self._watcher = docker, project, watcher
        self.containers: dict[str, Container] = {}
        self.answers = False
        self._task: asyncio.Task[None] | None = None
        self._looks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()

    async def begin(self) -> None:
        """Follow from now on; returns when everything was looked at once. Raises Unreachable, Refused."""
        if self._task is not None:
            return
        seen: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._follow(seen), name=f"docker events {self._project}")
        try:
            await seen
        except BaseException:
            await self.close()
            raise

    def of(self, service: str) -> dict[str, Container]:
        """The containers of this service."""
        return {c.id: c for c in self.containers.values() if c.service == service}

    async def look(self) -> None:
        """Look at everything now. Raises Unreachable, Refused."""
        before = dict(self.containers)  # what an event tells of one of them meanwhile is newer
        known = {str(c["Id"]) for c in await self.docker.containers(self._project)}
        gone = [
            one for identity, one in before.items() if identity not in known and self.containers.get(identity) is one
        ]
        services = {self.containers.pop(one.id).service for one in gone}
        for one in await asyncio.gather(*(self.docker.inspect(identity) for identity in known)):
            if one is not None:
                container = parse(one)
                last = self.containers.get(container.id)
                if last is before.get(container.id) and last != container:
                    self.containers[container.id] = container
                    services.add(container.service)
        for service in services:
            self._watcher.changed(service, self.of(service))

    async def close(self) -> None:
        """Watch no more."""
        tasks = [t for t in (self._task, *self._looks.values()) if t is not None]
        self._task = None
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _follow(self, seen: asyncio.Future[None]) -> None:
        pause = FIRST
        while True:
            why: Exception = Unreachable("its event stream ended")
            try:
                async with self.docker.events(self._project) as events:
                    await self.look()
                    pause = FIRST
                    self._answers(seen)
                    async with asyncio.TaskGroup() as group:
                        slow = group.create_task(self._slowly())
                        async for event in events:
                            self._heard(event)
                        slow.cancel()
            except* (Unreachable, Refused, OSError) as errors:
                why = _leaf(errors)
            if not seen.done():
                seen.set_exception(why)
                return
            if self.answers:
                self.answers = False
                self._watcher.gone(str(why))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST)

    def _answers(self, seen: asyncio.Future[None]) -> None:
        self.answers = True
        if seen.done():
            self._watcher.back()
        else:
            seen.set_result(None)

    async def _slowly(self) -> None:
        while True:
            await asyncio.sleep(SAFETY)
            await self.look()

    def _heard(self, event: Mapping[str, object]) -> None:
        action = str(event.get("Action") or event.get("status") or "").partition(":")[0]
        actor = event.get("Actor")
        actor = actor if isinstance(actor, dict) else {}
        identity, labels = str(actor.get("ID") or event.get("id") or ""), actor.get("Attributes") or {}
        if not identity or action in _QUIET or labels.get(ONEOFF) == "True":
            return
        service = str(labels.get(SERVICE, ""))
        if action == "kill" and str(labels.get("signal", "15")) not in _HARMLESS:  # `docker stop` sends one, too
            self._watcher.told_to_end(service)
        if action == "destroy":
            self.containers.pop(identity, None)
            self._watcher.changed(service, self.of(service))
            return
        self._look_at(identity)

    def _look_at(self, identity: str) -> None:
        """Inspect it; what happens to it meanwhile makes another look."""
        if identity in self._looks:
            self._again.add(identity)
            return
        task = self._looks[identity] = asyncio.create_task(self._inspect(identity))
        task.add_done_callback(lambda _: self._looked(identity))

    def _looked(self, identity: str) -> None:
        self._looks.pop(identity, None)
        if identity in self._again:
            self._again.discard(identity)
            self._look_at(identity)

    async def _inspect(self, identity: str) -> None:
        with contextlib.suppress(Unreachable, Refused):  # a daemon that went away is noticed by its event stream
            found = await self.docker.inspect(identity)
            if found is None:
                gone = self.containers.pop(identity, None)
                if gone is not None:
                    self._watcher.changed(gone.service, self.of(gone.service))
                return
            container = parse(found)
            self.containers[identity] = container
            self._watcher.changed(container.service, self.of(container.service))


def _leaf(errors: BaseExceptionGroup[Exception]) -> Exception:
    error = errors.exceptions[0]
    return _leaf(error) if isinstance(error, BaseExceptionGroup) else error
