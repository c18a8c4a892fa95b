"""The runner's loop: looks at the store when the bell rings, does one job at a time, beats, and leaves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
import traceback
from functools import partial

import aiosqlite

from hubtui.errors import Replaced, StoreError
from hubtui.models import EndReason, Job, JobError, JobState
from hubtui.paths import Home
from hubtui.store import events, requests, runners
from hubtui.workers import doorbell, heartbeat, lease, lost, spawn
from hubtui.workers.runner.fenced import Fenced
from hubtui.workers.runner.recover import recover
from hubtui.workers.runner.stack import StackHolder

SLOW_POLL = 1.0  # seconds; behind the doorbell, which may get lost


class Runner:
    """One project's runner. `live` returns the process' exit code."""

    def __init__(self, home: Home, fenced: Fenced, bell: doorbell.Bell, lease_fd: int, guard: int) -> None:
        self.home = home
        self.project = fenced.project
        self._store = fenced
        self._bell = bell
        self._lease_fd = lease_fd
        self._guard = guard
        self._wake = asyncio.Event()
        self._stack = StackHolder(home, fenced)
        self._job: Job | None = None
        self._work: asyncio.Task[str] | None = None
        self._task: asyncio.Task[None] | None = None
        self._cancel_reason = ""
        self._told_to_end = ""
        self._replaced = False

    async def live(self, first: Job | None) -> int:
        """Serve until nothing is left to do or to hold."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._bell.fileno(), self._rang)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled)
        beating = asyncio.create_task(self._beat())
        self._stack.on_replaced = self._was_replaced
        reader = await aiosqlite.connect(self.home.database, isolation_level=None)
        try:
            reader.row_factory = sqlite3.Row
            await recover(self.home, self._store)
            if first is not None:
                self._begin(first)
            return await self._serve(reader)
        finally:
            beating.cancel()
            await reader.close()

    async def _serve(self, reader: aiosqlite.Connection) -> int:
        while True:
            self._wake.clear()
            if self._replaced:
                await self._end_job("a newer runner owns the project")
                with contextlib.suppress(Replaced):
                    await self._stack.end()
                return 1
            if self._told_to_end:
                return await self._end_as_lost()
            try:
                if not await self._look(reader) and await self._leave():
                    return 0
            except Replaced:
                self._replaced = True
                continue
            except (StoreError, sqlite3.Error) as e:  # a store that fails must not end a stack
                print(f"store: {e}", file=sys.stderr, flush=True)
            try:
                await asyncio.wait_for(self._wake.wait(), SLOW_POLL)
            except TimeoutError:
                pass

    async def _look(self, reader: aiosqlite.Connection) -> bool:
        """Take the next job, or obey requests about the one under way. False: nothing to do and nothing held."""
        if self._job is not None:
            await self._obey(reader, self._job)
        if self._task is None:
            job = await self._store.arun(self._store.claim_next)
            if job is not None:
                self._begin(job)
        return self._task is not None or self._stack.holding

    async def _obey(self, reader: aiosqlite.Connection, job: Job) -> None:
        await self._store.arun(lambda con: None)  # still ours? A job that waits for its services writes nothing itself
        for request in await requests.OPEN.aall(reader, self.project):
            if request.job == job.id:
                self._cancel(request.reason or "cancelled")
            await self._store.arun(partial(requests.obeyed, request=request.id))

    def _begin(self, job: Job) -> None:
        self._job, self._cancel_reason = job, ""
        self._work = asyncio.create_task(self._stack.perform(job))
        self._task = asyncio.create_task(self._do(job, self._work))
        self._task.add_done_callback(self._done)

    def _cancel(self, reason: str) -> None:
        """Cancel the work of the job under way, once: asking again must not cut its tidying up short (the engine hears
        of it), and what writes its end is another task, which nothing cancels."""
        if self._work is None:
            return
        if self._cancel_reason:
            self._stack.insist()
            return
        self._cancel_reason = reason
        self._work.cancel()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._job = self._task = self._work = None
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            traceback.print_exception(task.exception())

    async def _do(self, job: Job, work: asyncio.Task[str]) -> None:
        """One job to its terminal state, whatever happens in it."""
        try:
            message = await work
            state, error = JobState.SUCCESS, None
        except asyncio.CancelledError:
            state, error = JobState.REVOKED, None
            message = f"{self._cancel_reason}; {self._stack.summary()}"
        except Replaced:
            self._was_replaced()
            return
        except Exception as e:
            state, error = JobState.FAILURE, explain(e)
            message = error.message
        try:
            await self._stack.settle(job, state, message, error)
        except Replaced:
            self._was_replaced()

    async def _leave(self) -> bool:
        """End the run where nothing is held any more, then leave unless a job came meanwhile."""
        await self._stack.release()
        lease.publish(self._lease_fd, lease.LEAVING)

        def work(con: sqlite3.Connection) -> bool:
            events.prune(con)
            return runners.leave(con, self.project, self._store.generation)

        left = False
        try:
            left = await self._store.arun(work)
        finally:
            if not left:
                lease.publish(self._lease_fd, lease.UP)
                self._wake.set()
        return left

    async def _end_as_lost(self) -> int:
        """Told to end by a signal: stop the stack in order, say why, and go."""
        await self._end_job(self._told_to_end)
        lease.publish(self._lease_fd, lease.ENDING)
        await self._stack.end(EndReason.LOST, self._told_to_end)

        def work(con: sqlite3.Connection) -> bool:
            return lost.mark_in(con, self.project, EndReason.LOST, self._told_to_end)

        pending = await self._store.arun(work)
        if pending and os.getppid() != self._guard:
            spawn.start_guard(self.home, self.project, timeout=0)
        return 0

    async def _end_job(self, reason: str) -> None:
        if self._task is not None:
            self._cancel(reason)
            await asyncio.wait([self._task])

    async def _beat(self) -> None:
        """The heartbeat, from this very loop: a helper thread would beat on while the loop hangs."""
        count = 0
        while True:
            if not lease.in_place(self._lease_fd, self.home.lease(self.project)):
                print("the lease was removed: the guard ends the stack", file=sys.stderr, flush=True)
                os._exit(1)  # nothing can be written any more, and a second runner might begin at any time
            count += 1
            heartbeat.beat(self.home.heartbeat(self.project), count, await self._stack.usage())
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


def explain(error: Exception) -> JobError:
    """What went wrong, for the job's row."""
    from hubtui.errors import HubtuiError

    if isinstance(error, HubtuiError):
        return JobError(error.kind, error.message, error.hint)
    traceback.print_exception(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    return JobError("internal", f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})", "hubtui doctor")
