"""After a session was lost: its services with a restart policy come back in a new one, in their order."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from hubtui.errors import EngineError
from hubtui.models import Health, ServiceState
from hubtui.stacks import proctree
from hubtui.stacks.engines.base import Reporter
from hubtui.stacks.supervise.restart import Pace

if TYPE_CHECKING:
    from hubtui.stacks.engines.dagger.service import DaggerService


_PASSING = ("session_lost", "dagger_no_session", "dagger_no_engine")  # errors that another session may not have
_LEAVE = 12.0  # seconds in which an engine that lives ends the services of a session whose CLI has died (8 s were seen)


class Revivable(Protocol):
    """What has services that can come back."""

    @property
    def lost(self) -> str:
        """Why its session is no more; "" while it has one."""

    @property
    def marker(self) -> str:
        """What every process of this run carries in its environment."""

    async def let_go(self) -> None:
        """The session is lost: end what is left of it here."""

    async def again(self, names: Sequence[str]) -> None:
        """Start these services once more, as the stack was last told. Raises EngineError."""


class Revival:
    """At most one at a time. It gives up when sessions are lost as often as a service may end by its `Pace`."""

    def __init__(self, stack: Revivable, pace: Pace, reporter: Reporter) -> None:
        self._stack, self._pace, self._reporter = stack, pace, reporter
        self._losses: deque[float] = deque()
        self._back: dict[str, DaggerService] = {}  # those that are to come back
        self._task: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None

    @property
    def at_work(self) -> bool:
        """Whether services will come back."""
        return self._task is not None and not self._task.done()

    def begin(self, why: str, engine_died: bool, services: Sequence[DaggerService]) -> None:
        """The session is gone, and this is why; these services are to come back."""
        self._reporter.note("session_lost", f"The Dagger session was lost: {why}.")
        if not engine_died or self.at_work:
            self._looking = asyncio.create_task(self._name_orphans(_LEAVE), name="orphans")
        self._back |= {service.name: service for service in services}
        if not self.at_work:
            self._task = asyncio.create_task(self._run(why, engine_died), name="revive")

    async def cancel(self) -> None:
        """Nobody comes back any more."""
        tasks = [task for task in (self._task, self._looking) if task and not task.done()]
        self._task = self._looking = None
        self._back.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self, why: str, engine_died: bool) -> None:
        await self._stack.let_go()
        if engine_died:  # its CLI is gone now: what is left is the engine's
            await self._name_orphans(0)
        if await self._brought_back(why):
            self._back.clear()
        while self._back:
            name, service = self._back.popitem()
            if not service.up and service.state is not ServiceState.FAILED:
                service.tell(ServiceState.FAILED, message=f"{name}: its session was lost: {why}; given up")

    async def _brought_back(self, why: str) -> bool:
        while self._back and (delay := self._delay()) is not None:
            for service in self._back.values():
                if service.state is not ServiceState.STOPPED:
                    service.tell(ServiceState.RESTARTING, health=Health.NONE, message=f"its session was lost: {why}")
            await asyncio.sleep(delay)
            try:
                await self._stack.again(list(self._back))
            except EngineError as error:
                self._reporter.note("session_failed", f"After a lost Dagger session: {error.message}")
                if error.kind not in _PASSING:
                    return False
            else:
                if not self._stack.lost:  # else it was lost once more, a moment ago
                    return True
        return False

    def _delay(self) -> float | None:
        """Seconds until the next session; None where too many were lost."""
        now = time.monotonic()
        self._losses.append(now)
        while self._losses[0] < now - self._pace.window:
            self._losses.popleft()
        if len(self._losses) > self._pace.ends:
            self._reporter.note("session_failed", f"{len(self._losses)} Dagger sessions lost: given up.")
            return None
        return min(self._pace.first * 2.0 ** (len(self._losses) - 1), self._pace.longest)

    async def _name_orphans(self, patience: float) -> None:
        """An engine without a container of its own leaves its containers behind when it dies."""
        known = await asyncio.to_thread(proctree.find_marked, self._stack.marker)
        await asyncio.sleep(patience)
        left = [who for who in known if (now := proctree.stat(who.pid)) and now.start_ticks == who.start_ticks]
        if left:
            names = ", ".join(f"{proctree.name_of(who.pid)} ({who.pid})" for who in left)
            self._reporter.note("orphans", f"Processes of the lost session still run on this host: {names}.")
