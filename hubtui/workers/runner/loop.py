"""The runner's loop: looks at the store when the bell rings, does one job at a time, beats, and leaves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
import time
import traceback
from functools import partial

from hubtui.errors import Forgotten, HubtuiError, Replaced, StoreError
from hubtui.models import EndReason, Job, JobState
from hubtui.paths import Home
from hubtui.store import jobs, requests, runners
from hubtui.workers import doorbell, heartbeat, lease, lost, spawn, tidy
from hubtui.workers.runner import line
from hubtui.workers.runner.claims import Claims
from hubtui.workers.runner.fenced import Fenced
from hubtui.workers.runner.reader import Reader
from hubtui.workers.runner.recover import recover
from hubtui.workers.runner.stack import StackHolder
from hubtui.workers.runner.work import Work, undo

SLOW_POLL = 1.0  # seconds; behind the doorbell, which may get lost
TIDY_EVERY = 60.0  # seconds


class Runner:
    """One project's runner. `live` returns the process' exit code."""

    def __init__(
        self, home: Home, fenced: Fenced, claims: Claims, bell: doorbell.Bell, lease_fd: int, guard: int
    ) -> None:
        self.home = home
        self.project = fenced.project
        self._store = fenced
        self._claims = claims
        self._bell = bell
        self._lease_fd = lease_fd
        self._guard = guard
        self._reader = Reader(home)
        self._wake = asyncio.Event()
        self._stack = StackHolder(home, fenced)
        self._work: Work | None = None
        self._told_to_end = ""
        self._replaced = False
        self._freed = False  # a slot, for others to hear of
        self._tidied = time.monotonic()

    async def live(self, first: Job | None) -> int:
        """Serve until nothing is left to do or to hold."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._bell.fileno(), self._rang)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled)
        beating = asyncio.create_task(self._beat())
        self._stack.on_replaced = self._was_replaced
        try:
            await recover(self.home, self._store)
            if first is not None:
                self._begin(first)
            return await self._serve()
        finally:
            beating.cancel()
            await self._reader.drop()

    async def _serve(self) -> int:
        while True:
            self._wake.clear()
            if self._replaced:
                await self._end_work("a newer runner owns the project")
                with contextlib.suppress(Replaced):
                    await self._stack.end()
                return 1
            if self._told_to_end:
                return await self._end_as_lost()
            try:
                if not await self._look() and await self._leave():
                    return 0
            except Replaced:
                self._replaced = True
                continue
            except Forgotten as e:
                if self._work is None and not self._stack.holding:  # its project was removed as soon as it had ended
                    lease.publish(self._lease_fd, lease.LEAVING)
                    return 0
                self._store.complain(e)
            except (StoreError, sqlite3.Error, OSError) as e:  # a store that fails must not end a stack
                self._store.complain(e)
                await self._reader.drop()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._nap()):  # unlike wait_for no task of its own: awake two turns sooner
                    await self._wake.wait()

    def _nap(self) -> float:
        due = self._claims.until_due()
        return SLOW_POLL if due is None else min(SLOW_POLL, due + 0.01)

    async def _look(self) -> bool:
        """Take the next job, obey requests, watch over the job under way. False: nothing to do and nothing held."""
        if (work := self._work) is not None:
            await self._store.arun(lambda con: None)  # still ours? A job that waits for its services writes nothing
            await work.look()  # it may have ended meanwhile
        asked, job = await self._store.arun(self._next)
        if job is not None:
            self._begin(job)
        for request in asked:
            if await self._obey(request):
                await self._store.arun(partial(requests.obeyed, request=request.id))
                self._wake.set()  # what waited for that is looked for at once
        if self._work is None and self._claims.waiting:
            await line.bury(self.home, self.project, await self._reader.get())
        if self._work is None and time.monotonic() > self._tidied + TIDY_EVERY:
            await self._tidy()
        if self._freed:
            self._freed = False
            await line.wake(self.home, self.project, await self._reader.get())
        return bool(asked) or self._work is not None or self._claims.waiting or self._stack.holding

    def _next(self, con: sqlite3.Connection) -> tuple[list[requests.Request], Job | None]:
        """What is asked of this runner; where nothing is and nothing is under way, the job that begins."""
        asked = requests.OPEN.all(con, self.project)
        return asked, None if asked or self._work is not None else self._claims.next(con)

    async def _obey(self, request: requests.Request) -> bool:
        """Do what was asked for; False where it has to wait until the job under way is over."""
        if self._work is not None and request.job == self._work.job.id:
            if request.kind == "cancel":
                self._work.cancel(request.reason or "cancelled")
            elif request.kind == "wait":
                self._stack.oversight.be_patient()
        elif request.kind == "retry_now" and request.job is not None:
            self._claims.hurry(request.job)
        elif request.kind == "cancel" and request.job is not None:
            return self._work is None and await self._give_up(request.job, request.reason or "cancelled")
        return True

    async def _give_up(self, number: int, reason: str) -> bool:
        """End a job that waits for its next attempt, with what it left up."""
        job = await self._store.arun(lambda con: jobs.ONE.first(con, number))
        if job is not None and job.state is JobState.RETRY:
            await undo(self._stack, job)
            self._claims.forget(number)
            await self._stack.settle(job, JobState.REVOKED, f"{reason}; {self._stack.summary()}", None)
        return True

    def _begin(self, job: Job) -> None:
        self._work = Work(job, self._stack, self._claims)
        self._work.over.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        work, self._work = self._work, None
        self._freed = True
        self._replaced |= work is not None and work.replaced
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            traceback.print_exception(task.exception())

    async def _leave(self) -> bool:
        """End the run where nothing is held any more, then leave unless a job came meanwhile."""
        await self._stack.release()
        await self._tidy()
        lease.publish(self._lease_fd, lease.LEAVING)

        def work(con: sqlite3.Connection) -> bool:
            return runners.leave(con, self.project, self._store.generation)

        left = False
        try:
            left = await self._store.arun(work)
        finally:
            if not left:
                lease.publish(self._lease_fd, lease.UP)
                self._wake.set()
        return left

    async def _tidy(self) -> None:
        """Keep the history within its bounds, a slice of it."""
        self._tidied = time.monotonic()
        try:
            keep = await asyncio.to_thread(tidy.keeping)
        except HubtuiError:  # a settings file that cannot be used is said by the next start
            return
        for work in tidy.slices(keep):
            await self._store.arun(work)

    async def _end_as_lost(self) -> int:
        """Told to end by a signal: stop the stack in order, say why, and go."""
        self._stack.leaving = True
        await self._end_work(self._told_to_end)
        lease.publish(self._lease_fd, lease.ENDING)
        await self._stack.end(EndReason.LOST, self._told_to_end)

        def work(con: sqlite3.Connection) -> bool:
            pending = lost.mark_in(con, self.project, EndReason.LOST, self._told_to_end)
            return pending or (orphaned and lost.have_adopted(con, self.project))

        orphaned = os.getppid() != self._guard
        pending = await self._store.arun(work)
        if pending and orphaned:
            spawn.start_guard(self.home, self.project, timeout=0)
        return 0

    async def _end_work(self, reason: str) -> None:
        if self._work is not None:
            self._work.cancel(reason)
            await asyncio.wait([self._work.over])

    async def _beat(self) -> None:
        """The heartbeat, from this very loop: a helper thread would beat on while the loop hangs."""
        count = 0
        while True:
            if not lease.in_place(self._lease_fd, self.home.lease(self.project)):
                print("the lease was removed: the guard ends the stack", file=sys.stderr, flush=True)
                os._exit(1)  # nothing can be written any more, and a second runner might begin at any time
            if self._store.split():
                print("the store's WAL was taken away: the guard ends the stack", file=sys.stderr, flush=True)
                os._exit(1)  # what is asked for is written where nobody here can read it
            count += 1
            usage = await self._stack.usage()
            heartbeat.beat(self.home.heartbeat(self.project), count, usage, engine=self._stack.engine_says())
            await asyncio.sleep(heartbeat.INTERVAL)

    def _rang(self) -> None:
        self._bell.drain()
        self._wake.set()

    def _signalled(self) -> None:
        died = os.getppid() != self._guard
        self._told_to_end = "its guard died" if died else "the runner was told to end (SIGTERM)"
        self._wake.set()

    def _was_replaced(self) -> None:
        self._replaced = True
        self._wake.set()
