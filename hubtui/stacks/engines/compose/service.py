"""A service as the containers that Docker runs for it: begun and ended through Compose, seen through events.

What happens to them, Docker decides: its restart policies, its health checks. What is here follows, and puts it in
words.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping

from hubtui.errors import EngineError
from hubtui.models import Health, ServiceState
from hubtui.stacks import health
from hubtui.stacks.engines.compose.containers import Container, View, view
from hubtui.stacks.engines.compose.errors import of_text
from hubtui.stacks.engines.compose.logs import AT_FIRST, Feeds
from hubtui.stacks.engines.compose.reach import WAITS
from hubtui.stacks.engines.compose.shared import Shared
from hubtui.stacks.engines.compose.stamps import Clock
from hubtui.stacks.logfiles import LogReader, service_folder
from hubtui.stacks.spec.model import HealthCheck, Stack
from hubtui.stacks.supervise.restart import Restarts, duration
from hubtui.stacks.supervise.service import EXITED, FAILED, RUNNING, STOPPED, Supervised

_ELSEWHERE = 2.0  # seconds that whoever stopped a container has to start it, or another one, again
_SEEN = 2.0  # seconds within which an event says what a call of Compose has done


class ComposeService(Supervised):
    """A service of the stack as Docker has it."""

    def __init__(self, stack: Stack, name: str, shared: Shared) -> None:
        self._shared = shared
        self.seen: Mapping[str, Container] = {}
        self.heard_at: float | None = None  # when what is being stored was printed, seconds since the epoch
        self._news: asyncio.Future[None] | None = None
        self._told_to_end = False  # by somebody else
        self._taking_over = self._runs_already = False
        self._docker_checks = False
        self._develops = ""
        super().__init__(stack, name, shared.context, shared.reporter, shared.pace, shared.hurry)
        reader = LogReader(service_folder(shared.context.logs, name), name)
        self.feeds = Feeds(shared.watch.docker, self, reader)

    # What others see

    def now(self) -> float:
        return self.heard_at or time.time()

    @property
    def check(self) -> HealthCheck | None:
        """A URL that hubtui itself looks at, where Docker has no check of its own."""
        found = self.spec.health
        return found if found is not None and found.url and not self._docker_checks else None

    @property
    def checked(self) -> bool:
        return (self._docker_checks or self.check is not None) and not self.one_shot

    # What Docker says

    def see(self, found: Mapping[str, Container]) -> None:
        """These are its containers now."""
        self.seen = found
        starting = self._shared.acts.starting(self.name)
        lives = any(c.lives for c in found.values()) and not (starting and self.name in self._shared.acts.scales)
        if lives and not self.holding and not self.lock.locked() and not self._shared.acts.stopping(self.name):
            self.take_over(ours=starting)
        self.feeds.follow(found)
        self.feeds.at_most = "all"
        self._hear()

    def take_over(self, *, ours: bool = False) -> None:
        """It runs though nobody waited for it: somebody started it by hand, or before this runner began; or, where it
        is `ours`, Compose did before it was expected."""
        self._taking_over, self.begun_with = not ours, self.spec if ours else None
        self._runs_already = True
        self.feeds.at_most = "all" if ours else str(AT_FIRST)
        self._error = None
        found = view(self.seen.values())
        self._docker_checks, self.pulse.settled, self.restarts = found.checked, not ours, found.restarts
        checks = found.health if found.checked else Health.STARTING if self.checked else Health.NONE
        self.tell(found.state, health=checks, message=found.message)
        self._task = asyncio.create_task(self._supervise(), name=f"supervise {self.name}")

    def was_told_to_end(self) -> None:
        """Somebody sends it a signal; while a stop of ours is under way that is ours."""
        if not self.lock.locked() and not self._shared.acts.stopping(self.name):
            self._told_to_end = True

    def daemon(self, answers: bool) -> None:
        """The daemon went away, or is back."""
        self._told_to_end = not answers or not any(c.lives for c in self.seen.values())  # its end is the daemon's doing
        if answers:
            self.feeds.again()
            self.feeds.follow(self.seen)
        if self.holding or self.up:
            self.tell(message="" if answers else WAITS)
        self._hear()

    def develops(self, message: str) -> None:
        """What becomes of it while its files are watched, shown where nothing else is to be said."""
        self._develops = message
        if self.up:
            self.tell(message=message)

    def developed(self, line: str) -> None:
        """What Compose says of that."""
        self._note(f"watch: {line}")

    # One life, through all restarts that Docker itself makes

    async def _live(self, restarts: Restarts) -> float | None:
        self.pulse.reset()
        self._told_to_end = False
        runs, self._runs_already = self._runs_already, False
        taken, self._taking_over = self._taking_over, False
        if taken:
            self._note("taken over, it was running already")
        elif not runs:
            await self._launch()
        return await self._through(settled=taken)

    async def _launch(self) -> None:
        """Have Compose start it; returns as soon as a container of it has begun. Raises EngineError."""
        before, self.begun_with = {(c.id, c.started) for c in self.seen.values()}, self.spec
        ticket = self._shared.acts.up(self.name)
        try:
            while not ticket.done.done():
                news = self._next()
                begun = any(c.started and (c.id, c.started) not in before for c in self.seen.values())
                if begun and self.name not in self._shared.acts.scales:  # else the others are waited for, too
                    return ticket.let_go()
                await asyncio.wait([ticket.done, news], return_when=asyncio.FIRST_COMPLETED)
            ticket.done.result()
        finally:
            await ticket.give_up()
        if not any(c.runs for c in self.seen.values()):  # Compose says that it does: its event is a moment late
            await asyncio.wait([self._next()], timeout=_SEEN)

    def _next(self) -> asyncio.Future[None]:
        """Resolves with the next word of its containers."""
        if self._news is None or self._news.done():
            self._news = asyncio.get_running_loop().create_future()
        return self._news

    def _hear(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    async def _through(self, *, settled: bool) -> float | None:
        shown: View | None = None
        life: frozenset[tuple[str, str]] = frozenset()
        pulse: asyncio.Task[None] | None = None
        try:
            while (now := view(self.seen.values(), self._told_to_end)).state in (RUNNING, ServiceState.RESTARTING):
                begun = frozenset((c.id, c.started) for c in self.seen.values() if c.runs)
                if now.state is RUNNING and begun.isdisjoint(life):
                    pulse = self._new_life(now, pulse, settled)
                    settled, shown = False, None
                if begun != life:  # one more or less of several is no new life
                    life, self._told_to_end = begun, False
                if now != shown:
                    self._show(now, shown)
                    shown = now
                await asyncio.wait([self._next()])
            if self._shared.acts.stopping(self.name):
                await self.feeds.drained()
                self.tell(STOPPED, health=Health.NONE)
                return None
            if self._told_to_end or now.state is None:
                return await self._ended_by_others()
            return await self._ended(now)
        finally:
            if pulse is not None:
                pulse.cancel()
                await asyncio.wait([pulse], timeout=1)

    def _new_life(self, now: View, pulse: asyncio.Task[None] | None, settled: bool) -> asyncio.Task[None]:
        """Its containers, or some of them, have begun."""
        if pulse is not None:
            pulse.cancel()
            self._note_at("started again", *(c.started for c in self.seen.values()))
        self._told_to_end = False
        self._docker_checks = now.checked
        self.pulse.reset()
        self.pulse.settled = settled
        check = self.check if self.checked else None
        feeling = self.pulse.feel(check, self._context.health, health.Place())
        return asyncio.create_task(feeling, name=f"pulse {self.name}")

    def _show(self, now: View, shown: View | None) -> None:
        """Tell what is different."""
        self.restarts = now.restarts
        if now.state is ServiceState.RESTARTING:
            if shown is None or shown.state is not now.state:
                self._note_at(now.message, *(c.finished for c in self.seen.values()))
                self.tell(ServiceState.RESTARTING, health=Health.NONE, message=now.message, exit_code=now.code)
            return
        if now.checked and now.said:
            self.pulse.said = now.said
        if now.health is Health.HEALTHY and self.pulse.well_since is None:
            self.pulse.well_since = time.monotonic()
        found = now.health if now.checked and not self.one_shot else None
        if shown is None:
            if found is None:
                found = Health.STARTING if self.checked else Health.NONE
            self.tell(RUNNING, health=found, message=now.message or self._develops)
            return
        if found is not None and found is not self.health:
            self._note(f"{found.value}: {now.said}" if now.said else found.value)
        said = now.said if now.health is Health.UNHEALTHY else ""
        self.tell(health=found, message=now.message or said or self._develops)

    async def _ended_by_others(self) -> float | None:
        """Somebody stopped or removed it; who restarts or recreates it takes a moment to do so."""
        self.tell(message="was told to end by somebody else")
        deadline = time.monotonic() + _ELSEWHERE
        while (left := deadline - time.monotonic()) > 0:
            if any(c.lives for c in self.seen.values()):
                self._runs_already, self.begun_with = True, None
                self._shared.remade(self.name)
                return 0.0
            await asyncio.wait([self._next()], timeout=left)
            if not self._shared.watch.answers:  # nobody knows anything until the daemon is back
                deadline = time.monotonic() + _ELSEWHERE
        await self.feeds.drained()
        found = view(self.seen.values(), told_to_end=True)
        message = found.message if found.state is not None else "its container was removed outside hubtui"
        self._note(message)
        self.tell(STOPPED, health=Health.NONE, message=message, exit_code=found.code)
        return None

    async def _ended(self, found: View) -> float | None:
        await self.feeds.drained()
        self.out_of_memory, self.restarts = found.out_of_memory, found.restarts
        if found.error:
            raise of_text(found.error, f"{self.name} could not be started", self.name)
        lived = [c.lived for c in self.seen.values() if c.lived is not None]
        message = found.message + (f" after {duration(max(lived))}" if lived and found.code is not None else "")
        well = self.pulse.well_since is not None or not self.checked
        if found.state is STOPPED:
            message = found.message
        elif found.state is EXITED and not well:
            message += ", before it was healthy"
        message = "; ".join(filter(None, [message, found.tries]))
        self._note_at(message, *(c.finished for c in self.seen.values()))
        state = FAILED if found.state is FAILED or (found.state is EXITED and not well) else found.state or STOPPED
        self.tell(state, health=Health.NONE, message=message, exit_code=found.code)
        return None

    def _note_at(self, text: str, *stamps: str) -> None:
        """Into its log, at the latest of these times of the daemon's."""
        with contextlib.suppress(ValueError):
            self.heard_at = Clock().read(max(stamps, default="").encode())
        self._note(text)
        self.heard_at = None

    # Its end

    async def leave(self) -> None:
        """The runner goes, its containers stay."""
        await self._quit()
        await self.feeds.close()
        self._close_log()

    async def _lives(self) -> bool:
        return any(c.lives for c in self.seen.values())

    async def _end(self) -> bool:
        try:
            await self._shared.acts.stop(self.name).wait()
            deadline = time.monotonic() + _SEEN
            while await self._lives() and (left := deadline - time.monotonic()) > 0:
                await asyncio.wait([self._next()], timeout=left)
        except EngineError:
            self.take_over()  # it runs on, and so does looking after it
            raise
        await self.feeds.drained()
        killed = any(c.code == 137 and not c.out_of_memory for c in self.seen.values())
        return killed and self.spec.stop_signal != "SIGKILL"
