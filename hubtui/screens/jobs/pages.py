"""A window on the history: the pages around the cursor are in memory, however many jobs there are."""

from __future__ import annotations

from hubtui.models import Job
from hubtui.screens.reading import Reading
from hubtui.store import history
from hubtui.store.history import PAGE, Page, Wanted

HELD = 3 * PAGE  # rows


class JobPages:
    """Rows newest first. Every method reads and then holds what it read; all of them raise StoreError."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.wanted = self.scope = Wanted()
        self.rows: list[Job] = []
        self.matching = self.total = 0  # how many are wanted, and how many there are in the scope
        self.has_newer = self.has_older = False

    async def newest(self, wanted: Wanted, scope: Wanted) -> None:
        """Begin at the newest of those wanted."""
        found = await self._read(history.older(wanted))
        self.wanted, self.scope, self.rows = wanted, scope, found
        self.has_newer, self.has_older = False, len(found) == PAGE
        await self._count()

    async def oldest(self) -> None:
        """Go to the other end."""
        found = await self._read(history.newer(self.wanted))
        self.rows = found[::-1]
        self.has_newer, self.has_older = len(found) == PAGE, False

    async def older(self) -> None:
        """Add the page after the last row; what is far above it is let go."""
        found = await self._read(history.older(self.wanted, self.rows[-1].id))
        self.has_older = len(found) == PAGE
        rows = self.rows + found
        self.has_newer = self.has_newer or len(rows) > HELD
        self.rows = rows[-HELD:]

    async def newer(self) -> None:
        """Add the page before the first row; what is far below it is let go."""
        found = await self._read(history.newer(self.wanted, self.rows[0].id))
        self.has_newer = len(found) == PAGE
        rows = found[::-1] + self.rows
        self.has_older = self.has_older or len(rows) > HELD
        self.rows = rows[:HELD]

    async def refresh(self, wanted: Wanted, at: int | None) -> None:
        """Read the same rows anew, with what has come where an end of them is an end of all. `wanted` as it is now (a
        `since` moves with the time); `at` is the job under the cursor, which stays among them."""
        self.wanted = wanted
        newest = self.rows[0].id if self.has_newer else None
        oldest = self.rows[-1].id if self.has_older else 0
        rows = await self._read(history.between(wanted, oldest, newest, HELD + PAGE))
        if len(rows) > HELD:
            low = at is not None and rows[HELD - 1].id > at
            self.has_newer, self.has_older = self.has_newer or low, self.has_older or not low
            rows = rows[-HELD:] if low else rows[:HELD]
        if not rows and (self.has_newer or self.has_older):  # all in sight is gone, and there is no row to go on from
            await self.newest(wanted, self.scope)
            return
        self.rows = rows
        await self._count()

    async def _count(self) -> None:
        query, parameters = history.count(self.wanted)
        self.matching = self.total = await self._reading.first(query, *parameters) or 0
        if self.wanted != self.scope:
            query, parameters = history.count(self.scope)
            self.total = await self._reading.first(query, *parameters) or 0

    async def _read(self, page: Page) -> list[Job]:
        return await self._reading.all(page.query, *page.parameters)
