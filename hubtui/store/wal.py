"""The log beside the store: how large it is, which file it is, and emptying it (https://sqlite.org/wal.html)."""

from __future__ import annotations

import os
import sqlite3

from hubtui.errors import StoreBusy
from hubtui.paths import Home
from hubtui.store.lock import BUSY_SECONDS, held


def size(home: Home) -> int:
    """Bytes in the WAL, 0 where there is none."""
    try:
        return os.stat(home.wal).st_size
    except OSError:
        return 0


def inode(home: Home) -> int:
    """Which file it is, 0 where there is none."""
    try:
        return os.stat(home.wal).st_ino
    except OSError:
        return 0


def checkpoint(con: sqlite3.Connection, lock: int, home: Home) -> None:
    """Move what the WAL holds into the store and empty it. Best effort: a reader in the middle of a look, or a lock
    that is not to be had, only postpones it."""
    try:
        with held(lock, home):
            con.execute("PRAGMA busy_timeout=50")
            con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except (StoreBusy, sqlite3.Error):
        pass
    finally:
        con.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
