"""Every write of a runner is checked against its generation: one that was replaced can change nothing any more."""

from __future__ import annotations

import sqlite3
from concurrent.futures import Future

from hubtui.store import connect, runners


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

    def run(self, work: connect.Work[connect.T]) -> connect.T:
        """Write and wait."""
        return self.submit(work).result()

    async def arun(self, work: connect.Work[connect.T]) -> connect.T:
        """Write and wait from the loop; a cancelled waiter does not cancel the write."""
        import asyncio

        return await asyncio.shield(asyncio.wrap_future(self.submit(work)))
