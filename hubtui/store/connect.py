"""Opening the store, and the one way to write to it.

Many processes write here: every hub and every runner. SQLite before 3.51.3 (3.50.7, 3.44.6) can corrupt a WAL database
when a commit resets the WAL while another process starts a checkpoint (https://sqlite.org/wal.html#walreset). So every
write and every checkpoint runs under one `flock` on db.lock, and automatic checkpoints are off: no commit can happen
during a checkpoint, on any version.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from hubtui.errors import StoreBusy, StoreError
from hubtui.paths import Home
from hubtui.store import migrations, wal
from hubtui.store.connection import Connection
from hubtui.store.lock import BUSY_SECONDS, full, held, open_lock

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
WAL_LIMIT = 4_000_000  # bytes, SQLite's own default; then the writer that made it so large checkpoints


def open_reader(home: Home) -> sqlite3.Connection:
    """A connection that can only read. Raises StoreError where there is no store yet."""
    if not up_to_date(home):
        create(home)
    con = _connect(home)
    con.execute("PRAGMA query_only=ON")
    return con


def up_to_date(home: Home) -> bool:
    """Whether the store is there in this hubtui's version. Raises StoreError where it was there and is not."""
    try:
        if not home.birth_mark.exists():
            return False
        check_present(home)
    except PermissionError as e:
        raise StoreError(
            f"The state folder {home.root} cannot be read.", f"chmod u+rwx {home.root}, or set HUBTUI_HOME to another."
        ) from e
    with contextlib.closing(_connect(home)) as con:
        return bool(con.execute("PRAGMA user_version").fetchone()[0] == migrations.newest())


def create(home: Home) -> None:
    """Make the state folder and the store, or bring an older store up to date. Idempotent."""
    home.prepare()
    lock = open_lock(home)
    try:
        with held(lock, home):
            born = home.birth_mark.exists()
            check_present(home)
            old_umask = os.umask(0o077)
            try:
                con = _connect(home, check=born)
            finally:
                os.umask(old_umask)
            try:
                con.execute("PRAGMA journal_mode=WAL")
                migrations.migrate(con)
            finally:
                con.close()
            home.birth_mark.touch(mode=0o600)
    except sqlite3.Error as e:
        raise explain(e, home) from e
    finally:
        os.close(lock)


def open_writer(home: Home) -> tuple[sqlite3.Connection, int]:
    """(connection, write lock) for `transact`; the store is made where there is none. The caller closes both."""
    if not up_to_date(home):
        create(home)
    lock = open_lock(home)
    try:
        return _connect(home), lock
    except BaseException:
        os.close(lock)
        raise


def check_present(home: Home) -> None:
    """Raise StoreError where a store was born here and is gone or empty: that is a loss, not a first run. Or where
    something else has its name."""
    try:
        found = home.database.stat()
        size = found.st_size
    except FileNotFoundError:
        found, size = None, 0
    if found is not None and not stat.S_ISREG(found.st_mode):
        raise StoreError(
            f"{home.database} is not a file, so it cannot be the store.",
            "Move it away, and put a copy of the store there. Running stacks are untouched.",
        )
    if size == 0 and home.birth_mark.exists():
        raise StoreError(
            f"The store {home.database} is missing or empty, though one was made here.",
            f"Put a copy back; or, to begin anew, remove {home.birth_mark}. Running stacks are untouched.",
        )


def _connect(home: Home, *, check: bool = True) -> sqlite3.Connection:
    where = home.born if check else home.database
    try:
        con = Connection(where, BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=True)
        con.row_factory = sqlite3.Row
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF", "wal_autocheckpoint=0"):
            con.execute(f"PRAGMA {pragma}")
        if check:
            _check_version(con, home)
        return con
    except sqlite3.Error as e:
        raise explain(e, home) from e


def _check_version(con: sqlite3.Connection, home: Home) -> None:
    application = con.execute("PRAGMA application_id").fetchone()[0]
    version = con.execute("PRAGMA user_version").fetchone()[0]
    if application != migrations.APPLICATION_ID:
        con.close()
        raise StoreError(f"{home.database} is not a hubtui store.", "Set HUBTUI_HOME to another folder.")
    if version > migrations.newest():
        con.close()
        raise StoreError(
            f"The store was written by a newer hubtui (schema {version}, this one knows {migrations.newest()}).",
            "Upgrade hubtui here. Running stacks are untouched.",
        )


def explain(error: sqlite3.Error, home: Home) -> StoreError:
    """An SQLite error as a sentence for a person."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL"):
        return full(home)
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return StoreError(
            f"The store {home.database} is damaged ({error}). Running stacks are untouched.",
            f"Move it aside together with its -wal and -shm files, and remove {home.birth_mark} to begin anew.",
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return StoreError(
            f"The store {home.database} cannot be written ({error}).", f"Check who may write to {home.root}."
        )
    if name.startswith("SQLITE_BUSY"):
        return StoreBusy("The store is busy.", "Try again in a moment.")
    return StoreError(f"The store failed: {error}.", "Run `hubtui doctor`.")


def transact(
    con: sqlite3.Connection,
    lock: int,
    home: Home,
    work: Work[T],
    timeout: float = BUSY_SECONDS,
) -> T:
    """Run `work` as one committed and synced transaction in this thread; whatever it raises, nothing is left open."""
    with held(lock, home, timeout):
        try:
            con.execute("BEGIN IMMEDIATE")
            result = work(con)
            con.execute("COMMIT")
        except BaseException as e:
            if con.in_transaction:  # FULL and IOERR have rolled back already; a blind ROLLBACK would hide them
                con.execute("ROLLBACK")
            if isinstance(e, sqlite3.Error) and not isinstance(e, sqlite3.IntegrityError):
                raise explain(e, home) from e
            raise
    return result


class Writer:
    """The writing side of one process: one connection; each piece of work runs whole, one after the other.

    `after_commit` is called after every commit that changed something: it rings the doorbell. What the commit left to
    tidy comes after that: nobody who waits for the commit waits for a checkpoint.
    """

    def __init__(self, home: Home, after_commit: Callable[[], None] = lambda: None) -> None:
        self.home = home
        self._after_commit = after_commit
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hubtui-store")
        self._turn = threading.Lock()
        self._closed = False
        self._con: sqlite3.Connection | None = None
        self._lock = -1
        self._wal_limit = WAL_LIMIT
        self._untidy = False
        self._inode = 0
        self._wal = 0  # its inode, as soon as it is known

    def run(self, work: Work[T]) -> T:
        """Run `work` here and now: a hop to another thread and back would cost a tenth of what the commit does. Raises
        StoreError, or what `work` raises."""
        if self._closed:
            raise RuntimeError("this writer is closed")
        return self._in_turn(work)

    def submit(self, work: Work[T]) -> Future[T]:
        """Queue `work`; it runs even when nobody waits for the result any more."""
        return self._pool.submit(self._in_turn, work)

    async def arun(self, work: Work[T]) -> T:
        """Like `run` from an event loop, in a thread: a cancelled waiter does not cancel the write."""
        import asyncio  # the command line gets by without it

        return await asyncio.shield(asyncio.wrap_future(self.submit(work)))

    def _in_turn(self, work: Work[T]) -> T:
        with self._turn:
            if self._untidy:  # a writer without a pause between two pieces of work tidies here
                self._tidy()
            if self._con is None or not self._same_file():
                self._reopen()
            assert self._con is not None
            self._check_wal()
            before = self._con.total_changes
            result = transact(self._con, self._lock, self.home, work)
            if self._con.total_changes != before:
                self._after_commit()
                self._untidy = wal.size(self.home) >= self._wal_limit
        if self._untidy and not self._closed:
            with contextlib.suppress(RuntimeError):  # closed since: whoever closes the store last tidies it
                self._pool.submit(self._tidy_in_turn)
        return result

    def _tidy_in_turn(self) -> None:
        with self._turn:
            if self._untidy:
                self._tidy()

    def _tidy(self) -> None:
        """Checkpoint. Where a reader in the middle of a look stands in the way, try again when the WAL has grown."""
        self._untidy = False
        if self._con is not None:
            wal.checkpoint(self._con, self._lock, self.home)
            left = wal.size(self.home)
            self._wal_limit = max(WAL_LIMIT, left + WAL_LIMIT // 4)

    def _same_file(self) -> bool:
        # writes to an unlinked database succeed silently: compare what is open with what has the name
        try:
            return os.stat(self.home.database).st_ino == self._inode
        except FileNotFoundError:
            return False

    def _check_wal(self) -> None:
        # whoever takes the WAL away from under open connections splits the store: what they write others never see
        found = wal.inode(self.home)
        if self._wal and found != self._wal:
            raise StoreError(
                f"The store's {self.home.database.name}-wal was taken away while it was in use.",
                "Leave hubtui here and open it again; what was written since is in the one or in the other.",
            )
        self._wal = found

    @property
    def file(self) -> int:
        """The inode of the store that was last written to."""
        return self._inode

    def split(self) -> bool:
        """Whether others write where this one cannot see it: the WAL was taken away, and there is another one."""
        return bool(self._wal) and wal.inode(self.home) != self._wal and wal.size(self.home) > 0

    def _reopen(self) -> None:
        self._wal = 0
        if self._con is not None:
            self._con.close()
            self._con = None
        if self._lock != -1:
            check_present(self.home)
            if not self.home.database.exists():  # it was there: this is a loss, not a first run
                raise StoreError(f"The store {self.home.database} was removed.", "Put a copy back.")
            os.close(self._lock)
            self._lock = -1
        self._con, self._lock = open_writer(self.home)
        self._inode = os.stat(self.home.database).st_ino

    def close(self) -> None:
        """Finish what is queued and close. Idempotent."""
        self._closed = True
        self._pool.shutdown(wait=True)
        with self._turn:
            if self._con is not None:
                self._con.close()
                self._con = None
            if self._lock != -1:
                os.close(self._lock)
                self._lock = -1
