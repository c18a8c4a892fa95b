"""The runner's read connection: opened anew where the store's file is another one than before, or could not be read."""

from __future__ import annotations

import os
import sqlite3

import aiosqlite

from hubtui.paths import Home


class Reader:
    """`get` before each look; `drop` after one that failed."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._con: aiosqlite.Connection | None = None
        self._inode = 0

    async def get(self) -> aiosqlite.Connection:
        """A connection to the store that has its name now. Raises sqlite3.Error, OSError where there is none."""
        inode = os.stat(self._home.database).st_ino
        if self._con is None or inode != self._inode:
            await self.drop()
            self._con = await aiosqlite.connect(self._home.born, isolation_level=None, uri=True)
            self._con.row_factory = sqlite3.Row
            self._inode = inode
        return self._con

    async def drop(self) -> None:
        """Close it. Idempotent."""
        con, self._con = self._con, None
        if con is not None:
            await con.close()
