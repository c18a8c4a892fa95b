"""A service as a container of a Dagger session: started, looked after, ended, however its session answers.

Dagger's own traps, and what is done about them: a start that hangs cannot be cancelled, so it is a task of its own
that outlives whoever waited for it; a TERM that comes too early is lost and `stop()` then never returns, so every stop
is timed and followed by a kill; 0.19 believes a crashed service to be running, so a kill goes before every start.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from hubtui.errors import EngineError
from hubtui.models import Health, ServiceState
from hubtui.safetext import safe_text
from hubtui.stacks.engines.base import HealthDefaults
from hubtui.stacks.engines.dagger.definition import define
from hubtui.stacks.engines.dagger.errors import LOST_HINT, TRACE, exit_of, explain
from hubtui.stacks.engines.dagger.held import Held, Prepared
from hubtui.stacks.engines.dagger.ingredients import ingredients
from hubtui.stacks.engines.dagger.life import Life
from hubtui.stacks.engines.dagger.looking import Looking
from hubtui.stacks.engines.dagger.published import Published
from hubtui.stacks.engines.dagger.shared import Shared
from hubtui.stacks.engines.dagger.telemetry.life import Ended
from hubtui.stacks.engines.dagger.telemetry.otlp import LogRecord
from hubtui.stacks.engines.dagger.trace import Trace
from hubtui.stacks.engines.dagger.tunnels import DaggerTunnel, open_tunnel
from hubtui.stacks.spec.model import HealthCheck, MountKind, Stack
from hubtui.stacks.supervise.restart import Restarts, duration, how_it_ended
from hubtui.stacks.supervise.service import RUNNING, Supervised

if TYPE_CHECKING:
    import dagger

_SLOW_START = 5.0  # seconds after which a start that does not return is spoken of
_START_PATIENCE = 10.0  # seconds that a stop waits for a start that is under way
_HURRIED_START = 1.0  # as long at most once that stop was insisted on; most starts return within
_KILL = 10.0  # seconds for a kill; a second is what it takes


class DaggerService(Supervised):
    """A service of the stack in the session that its `prepared` image belongs to."""

    def __init__(self, stack: Stack, name: str, shared: Shared) -> None:
        self._shared = shared
        self.held: Held | None = None
        self.prepared: Prepared | None = None
        self.built: Prepared | None = None  # for its next life
        self.heard_at: float | None = None  # when what is being written was printed, seconds since the epoch
        self.trace = Trace(0)
        self.ports = Published(self._note)
        self._life: Life | None = None
        self._starting: asyncio.Task[dagger.Service] | None = None
        self._instance: dagger.Service | None = None
        self.looking = Looking(self)
        super().__init__(stack, name, shared.context, shared.reporter, shared.pace, shared.hurry)

    @property
    def defaults(self) -> HealthDefaults:
        """`health.*` of the settings."""
        return self._context.health

    def now(self) -> float:
        """The time that its log lines carry."""
        return self.heard_at or time.time()

    def _note(self, text: str) -> None:
        """hubtui's own words are of this moment, whenever the service printed last."""
        heard, self.heard_at = self.heard_at, None
        super()._note(text)
        self.heard_at = heard

    @property
    def check(self) -> HealthCheck | None:
        return self.looking.check

    @property
    def starting(self) -> asyncio.Task[dagger.Service] | None:
        """Its start, while the engine has not answered it."""
        return self._starting if self._starting and not self._starting.done() else None

    def enter(self, held: Held, rank: int) -> None:
        """It belongs to this session from now on; what an earlier one knew of it is gone."""
        self.held, self.trace = held, Trace(rank)
        held.feed.attend(self.trace.id, self)
        self.prepared = self.built = self._instance = self._life = self._starting = None

    async def renew(self) -> bool:
        """Nothing of it runs: what was built for its next life, if anything was, and that entry count from now on.
        Raises EngineError where a port is taken."""
        if self.built is None:
            return False
        self.prepared, self.built = self.built, None
        self.adopt(self.prepared.stack)
        await self.ports.bind(self.spec.ports, self._context.address)
        return True

    async def drop(self) -> None:
        """What was to be its next life is not."""
        self.built = None
        await self.ports.release()

    # What its session's streams say

    def hear(self, record: LogRecord) -> None:
        """It printed something."""
        if self._life:
            self._life.hear(record)

    def ended(self, life: Ended) -> None:
        """Its process has ended."""
        if self._life and self._life.operation == life.root:
            if life.code is None:
                self._note(f"its end, as the engine tells it: {safe_text(TRACE.sub('', life.message), 300)}")
            self._life.end(life.code)
            self._stopped_after_all()

    def lost(self, why: str) -> None:
        """Its session is no more."""
        if self._life:
            self._life.lose(why)
            self._stopped_after_all()
        if self._starting:
            self._starting.cancel()
        if self.state is ServiceState.RESTARTING and self._task:  # it waits for a next life that it cannot have there
            self._task.cancel()

    def _stopped_after_all(self) -> None:
        """Its life is over. A stop that was given up, or cancelled, said so too early."""
        if self.state is ServiceState.STOPPING and not self.lock.locked():
            self.tell(ServiceState.STOPPED, health=Health.NONE)

    # One life

    async def _live(self, restarts: Restarts) -> float | None:
        prepared = self.prepared
        if prepared is None:
            raise EngineError(f"{self.name} has no image in this session", "Start it again.", kind="session_lost")
        self.pulse.reset()
        life = self._life = Life(self, self._shared.token, self._saw)
        await self._launch(prepared, life)
        await life.has_its_volumes()
        if not life.over.done():
            await self._open_ports(prepared)
            self.tell(RUNNING)
        watching = self.looking.begin()
        try:
            await asyncio.wait([life.over])
        finally:
            watching.cancel()
            await asyncio.wait([watching], timeout=1)
            if life.over.done():
                await self.ports.detach()
        return await self._after(life, restarts)

    async def _launch(self, prepared: Prepared, life: Life) -> None:
        """Start it in the engine. Raises EngineError."""
        await self._kill_the_dead(prepared)
        self.begun_with = self.spec
        wanted = ingredients(self, prepared, self._shared)
        life.unseen = set(wanted.expected) if prepared.image.shell else set()
        instance = define(prepared.held.session.client, wanted)
        with self.trace.operation() as life.operation:
            starting = self._starting = asyncio.create_task(instance.start(), name=f"start {self.name}")
        starting.add_done_callback(lambda task: task.cancelled() or task.exception())  # somebody may not wait for it
        either: list[asyncio.Future[Any]] = [starting, life.over]
        done, _ = await asyncio.wait(either, timeout=_SLOW_START, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            held_up = [m.source for m in self.spec.mounts if m.kind is MountKind.VOLUME and m.source]
            why = f" (is {', '.join(held_up)} in use by another session?)" if held_up else ""
            self.tell(message=f"waits for the engine to start it{why}")
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done() or starting.cancelled():
            return  # it has ended, or its session has
        if error := starting.exception():
            code, _ = exit_of(error)
            if code is None:
                raise explain(error, self.name, "start")
            life.end(code)
            return
        self._instance = starting.result()
        self._note("started in its Dagger session")

    async def _kill_the_dead(self, prepared: Prepared) -> None:
        """0.19 takes a service that has crashed for one that runs, until it is told otherwise."""
        if self._instance is not None:
            with contextlib.suppress(Exception), self.trace.operation():
                async with asyncio.timeout(_KILL):
                    await self._instance.stop(kill=True)
            self._instance = None

    async def _after(self, life: Life, restarts: Restarts) -> float | None:
        await life.drained()
        if life.lost:
            said = f"{self.name}: its Dagger session was lost: {life.lost}"
            raise EngineError(said, LOST_HINT, kind="session_lost", service=self.name)
        if life.lost_volume:
            raise self._shared.memory.lost(self._context.project, life.lost_volume, self.name)
        code = life.over.result()
        how = how_it_ended(code, time.monotonic() - life.began)
        self._note(how)
        return await self._judge(restarts, code, how, code)

    def _saw(self, what: str, rest: str) -> None:
        """The helper beside its command found something."""
        if what == "health":
            code, _, text = rest.partition(" ")
            self.looking.hear(code, text)
        elif what == "full" and self.prepared:
            self._shared.memory.saw_data(rest, self._context.run, self.prepared.held.engine)

    async def _open_ports(self, prepared: Prepared) -> None:
        client, instance, trace = prepared.held.session.client, self._instance, self.trace

        async def tunnel(target: int) -> DaggerTunnel:
            assert instance is not None
            return await open_tunnel(client, target, instance, trace)

        try:
            await self.ports.attach(tunnel)
        except Exception as error:
            await self._end()
            raise explain(error, self.name, "tunnel") from error

    # Its end

    async def _lives(self) -> bool:
        return self.starting is not None or (self._life is not None and not self._life.over.done())

    async def _clear(self) -> None:
        if await self._lives():
            await self._end()

    async def _end(self) -> bool:
        life = self._life
        if life is None:
            return False
        if starting := self.starting:  # a stop that comes before the start has returned is lost, or hangs
            with contextlib.suppress(TimeoutError):
                async with self._hurry.grace(_START_PATIENCE, _HURRIED_START):
                    await asyncio.wait([starting])
            if not starting.done():
                await self._shared.hangs(self)
        forced = False
        if not life.over.done() and self._instance is None and self._starting and not self._starting.cancelled():
            self._instance = None if self._starting.exception() else self._starting.result()
        if not life.over.done() and self._instance is not None:
            forced = self._hurry.on or not await self._told_to_stop(self.spec.stop_grace_period, kill=False)
            if forced and not await self._told_to_stop(_KILL, kill=True):
                await self._shared.hangs(self)
        await life.drained()
        life.end(None)
        await self.ports.detach()
        return forced

    async def _told_to_stop(self, patience: float, *, kill: bool) -> bool:
        """Whether the engine said within `patience` seconds (in a hurry it has them for a kill alone) that it has
        stopped."""
        assert self._instance is not None
        began = time.monotonic()
        kill = kill or self.spec.stop_signal == "SIGKILL"
        try:
            with self.trace.operation():
                async with asyncio.timeout(patience) if kill else self._hurry.grace(patience):
                    await self._instance.stop(kill=kill)
        except TimeoutError:
            self._note(f"did not end within {duration(time.monotonic() - began)}")
            return False
        except Exception as error:  # of a session that is gone, or a service that has ended meanwhile
            self._note(f"its end: {explain(error, self.name, 'stop').message}")
        return True
