"""Reading the store from a screen, through aiosqlite: the event loop never waits for the disk."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any, TypeVar

from hubtui.paths import Home
from hubtui.store import connect
from hubtui.store.query import Query

if TYPE_CHECKING:
    import aiosqlite

T = TypeVar("T")


class Reading:
    """One read-only connection, opened when it is first used. Its owner closes it: its thread would outlive the app."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._opening: asyncio.Task[aiosqlite.Connection] | None = None
        self._closed = False

    async def all(self, query: Query[T], *parameters: Any) -> list[T]:
        """Every row. Raises StoreError."""
        try:
            return await query.aall(await self._connection(), *parameters)
        except sqlite3.Error as error:
            raise connect.explain(error, self._home) from error

    async def first(self, query: Query[T], *parameters: Any) -> T | None:
        """The first row, or None. Raises StoreError."""
        return next(iter(await self.all(query, *parameters)), None)

    async def _connection(self) -> aiosqlite.Connection:
        if self._closed:  # a look that was asked for as the screen went
            raise asyncio.CancelledError
        if self._opening is None or (self._opening.done() and self._opening.exception() is not None):
            self._opening = asyncio.create_task(self._open())
        return await asyncio.shield(self._opening)  # a look that is given up leaves no thread to nobody

    async def _open(self) -> aiosqlite.Connection:
        import aiosqlite

        # mode=rw makes nothing where the store is gone; a WAL cannot always be read with mode=ro
        con = await aiosqlite.connect(self._home.born, uri=True, isolation_level=None, timeout=2.0)
        con.row_factory = sqlite3.Row
        await con.execute("PRAGMA query_only=ON")
        return con

    async def close(self) -> None:
        """Close it, if it was opened."""
        self._closed = True
        opening, self._opening = self._opening, None
        if opening is not None:
            with contextlib.suppress(sqlite3.Error):  # it never opened
                await (await opening).close()
