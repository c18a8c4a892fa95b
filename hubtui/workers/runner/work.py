"""One attempt at a job: the task that does it, and the task that writes how it ended, which nothing cancels."""

from __future__ import annotations

import asyncio
import traceback
from datetime import timedelta

from hubtui.errors import HubtuiError, Replaced
from hubtui.models import Job, JobError, JobState, now
from hubtui.stacks.causes import is_transient
from hubtui.workers.runner import retry
from hubtui.workers.runner.claims import Claims
from hubtui.workers.runner.stack import StackHolder
from hubtui.workers.runner.watch import span


class Work:
    """Begins at once. `over` ends when the job has its state; `replaced` says that a newer runner owns the project."""

    def __init__(self, job: Job, stack: StackHolder, claims: Claims) -> None:
        self.job = job
        self.replaced = False
        self._stack, self._claims = stack, claims
        self._reason = ""  # why it was told to end
        self._timed_out: JobError | None = None
        self._doing = asyncio.create_task(stack.perform(job))
        self.over = asyncio.create_task(self._live())

    def cancel(self, reason: str) -> None:
        """End it, once: asking again must not cut its tidying up short, it shortens what the engine waits for."""
        if self._reason:
            self._stack.insist()
            return
        self._reason = reason
        self._doing.cancel()

    async def look(self) -> None:
        """See whether it still moves, and end it where it has taken too long."""
        if self.over.done():
            return
        oversight = self._stack.oversight
        if oversight.too_long and not self.job.type.ends and not self._reason:
            limit = span(oversight.watch.limits.hard_limit)
            self._timed_out = JobError(
                "timed_out",
                f"{self.job.type} #{self.job.id} took longer than its hard limit of {limit}",
                "See in its steps what took long; jobs.hard_limit in the settings, or under x-hubtui, allows more.",
            )
            self.cancel(self._timed_out.message)
        await self._stack.look_after(self.job)

    async def _live(self) -> None:
        try:
            await self._end()
        except Replaced:
            self.replaced = True

    async def _end(self) -> None:
        try:
            message = await self._doing
            state, error = JobState.SUCCESS, None
        except asyncio.CancelledError:
            await undo(self._stack, self.job)
            state, error = (JobState.FAILURE, self._timed_out) if self._timed_out else (JobState.REVOKED, None)
            message = f"{self._reason}; {self._stack.summary()}"
        except Replaced:
            raise
        except Exception as e:
            error = explain(e)
            if is_transient(e) and await self._try_again(error):
                return
            state, message = JobState.FAILURE, error.message
        await self._stack.settle(self.job, state, message, error)

    async def _try_again(self, error: JobError) -> bool:
        """Put the job off until its next attempt, where it has one left and nobody ended it meanwhile."""
        limits, attempt = self._stack.oversight.watch.limits, self.job.attempt
        if attempt >= limits.max_attempts or self._reason:
            return False
        seconds = retry.delay(limits.retry_delay, attempt)
        self._claims.put_off(self.job.id, seconds)
        message = f"try {attempt} of {limits.max_attempts} failed: {error.message}"
        return await self._stack.put_off(self.job, message, error, now() + timedelta(seconds=seconds))


async def undo(stack: StackHolder, job: Job) -> None:
    """Stop what a job that was ended had begun. Where that cannot be done the job ends all the same, and says what is
    left up."""
    try:
        await stack.undo(job)
    except Replaced:
        raise
    except Exception:
        traceback.print_exc()


def explain(error: Exception) -> JobError:
    """What went wrong, for the job's row."""
    if isinstance(error, HubtuiError):
        return JobError(error.kind, error.message, error.hint)
    traceback.print_exception(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    return JobError("internal", f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})", "hubtui doctor")
