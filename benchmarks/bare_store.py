"""The smallest store that jobs can be asked for in: one table in WAL mode, synced at every commit, as hubtui's is."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from benchmarks.scratch import Watch


class BareStore:
    """One connection that inserts, one that watches."""

    def __init__(self, path: Path) -> None:
        self._con = sqlite3.connect(path, isolation_level=None)
        self._con.execute("PRAGMA journal_mode=WAL")
        self._con.execute("PRAGMA synchronous=FULL")
        self._con.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")
        self._reader = sqlite3.connect(path, isolation_level=None)
        self.watch = Watch(self._reader)

    def insert(self) -> int:
        """A PENDING job, committed."""
        return self._con.execute("INSERT INTO jobs (state) VALUES ('PENDING')").lastrowid or 0

    def __enter__(self) -> BareStore:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()
        self._con.close()
