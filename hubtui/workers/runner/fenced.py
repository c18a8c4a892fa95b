"""Every write of a runner is checked against its generation: one that was replaced can change nothing any more."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from concurrent.futures import Future

from hubtui.errors import Replaced, StoreError
from hubtui.store import connect, runners
from hubtui.workers.runner import put_back

AGAIN = 1.0  # seconds, when the store refuses


class Fenced:
    """The writer of one runner. All four ways of writing raise Replaced where a newer runner owns the project."""

    def __init__(self, writer: connect.Writer, project: str, generation: int) -> None:
        self._writer = writer
        self.project = project
        self.generation = generation
        self._file = writer.file
        self._complaint = ""
        self.holds: Callable[[], put_back.Held] = put_back.Held  # for an older copy of the store that is put back

    def split(self) -> bool:
        """Whether others write to a store that this runner cannot see (`connect.Writer.split`)."""
        return self._writer.split()

    def submit(self, work: connect.Work[connect.T]) -> Future[connect.T]:
        """Queue a transaction."""

        def checked(con: sqlite3.Connection) -> connect.T:
            row = runners.OF_PROJECT.first(con, self.project)
            if file != self._writer.file or row is None or row.generation < self.generation:  # an older copy
                put_back.write(con, self.project, self.generation, self.holds())
            runners.check(con, self.project, self.generation)
            return work(con)

        file = self._file
        future = self._writer.submit(checked)
        future.add_done_callback(self._wrote)
        return future

    def _wrote(self, future: Future[connect.T]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._file = self._writer.file
            self._complaint = ""

    def complain(self, error: BaseException) -> None:
        """Say in the runner's log that the store refuses, once for as long as it says the same."""
        if str(error) != self._complaint:
            self._complaint = str(error)
            print(f"store: {error}", file=sys.stderr, flush=True)

    def run(self, work: connect.Work[connect.T]) -> connect.T:
        """Write and wait."""
        return self.submit(work).result()

    async def arun(self, work: connect.Work[connect.T]) -> connect.T:
        """Write and wait from the loop; a cancelled waiter does not cancel the write."""
        import asyncio

        return await asyncio.shield(asyncio.wrap_future(self.submit(work)))

    async def insist(self, work: connect.Work[connect.T]) -> connect.T:
        """Write what has happened and must be told: where the store refuses, again until it takes it."""
        import asyncio

        while True:
            try:
                return await self.arun(work)
            except Replaced:
                raise
            except (StoreError, sqlite3.Error) as e:
                self.complain(e)
            await asyncio.sleep(AGAIN)
