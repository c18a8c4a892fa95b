"""Reading the store from a screen, through aiosqlite: the event loop never waits for the disk."""

from __future__ import annotations

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
        self._con: aiosqlite.Connection | None = None

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
        if self._con is None:
            import aiosqlite

            # mode=rw makes nothing where the store is gone; a WAL cannot always be read with mode=ro
            uri = f"{self._home.database.absolute().as_uri()}?mode=rw"
            self._con = await aiosqlite.connect(uri, uri=True, isolation_level=None, timeout=2.0)
            self._con.row_factory = sqlite3.Row
            await self._con.execute("PRAGMA query_only=ON")
        return self._con

    async def close(self) -> None:
        """Close it, if it was opened."""
        con, self._con = self._con, None
        if con is not None:
            await con.close()
