"""Every write of a runner is checked against its generation: one that was replaced can change nothing any more."""

from __future__ import annotations

import sqlite3
from concurrent.futures import Future

from hubtui.models import Job, JobType, StepState
from hubtui.store import connect, jobs, runners, steps

READ = "read", "compose file"  # key and name of a start's first step


class Fenced:
    """The writer of one runner. All three ways of writing raise Replaced where a newer runner owns the project."""

    def __init__(self, writer: connect.Writer, project: str, generation: int) -> None:
        self._writer = writer
        self.project = project
        self.generation = generation

    def submit(self, work: connect.Work[connect.T]) -> Future[connect.T]:
        """Queue a transaction."""

        def checked(con: sqlite3.Connection) -> connect.T:
            runners.check(con, self.project, self.generation)
            return work(con)

        return self._writer.submit(checked)

    def claim_next(self, con: sqlite3.Connection) -> Job | None:
        """Claim the oldest job that waits, inside a transaction."""
        waiting = jobs.OPEN_OF_PROJECT.first(con, self.project)
        if waiting is None:
            return None
        job = jobs.claim(con, waiting.id, self.generation)
        if job is not None and job.type is JobType.START:  # seen to move before anything heavy is imported
            steps.put(con, self.project, job.id, *READ, StepState.RUNNING)
        return job

    def run(self, work: connect.Work[connect.T]) -> connect.T:
        """Write and wait."""
        return self.submit(work).result()

    async def arun(self, work: connect.Work[connect.T]) -> connect.T:
        """Write and wait from the loop; a cancelled waiter does not cancel the write."""
        import asyncio

        return await asyncio.shield(asyncio.wrap_future(self.submit(work)))
