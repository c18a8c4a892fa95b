"""The one write lock of the store, a flock on a file beside it: held for each transaction, freed by any death."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from hubtui.errors import StoreBusy, StoreError
from hubtui.paths import Home
from hubtui.safetext import safe_text

BUSY_SECONDS = 5.0


def open_lock(home: Home) -> int:
    """A descriptor on the write lock's file. Raises StoreError."""
    try:
        return os.open(home.write_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as e:
        raise refused(e, home) from e


@contextmanager
def held(lock: int, home: Home, timeout: float = BUSY_SECONDS) -> Iterator[None]:
    """Hold the write lock. Raises StoreBusy after `timeout` seconds, StoreError where there is none to be had."""
    deadline, pause = time.monotonic() + timeout, 0.0001  # a commit takes a millisecond
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise _kept_from(lock, home, timeout) from None
            time.sleep(pause)
            pause = min(pause * 1.3, 0.01)
        except OSError as e:
            raise refused(e, home) from e
    try:
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


def _kept_from(lock: int, home: Home, timeout: float) -> StoreBusy:
    who = holder(lock)
    return StoreBusy(
        f"The store was locked by another hubtui for {timeout:.0f} s{f': {who}' if who else ''}.",
        f"See what that process waits for, continue it (kill -CONT) or end it; it holds {home.write_lock}.",
    )


def holder(fd: int) -> str:
    """`PID 4711 (python, which is stopped)` for the holder of the flock on this file; "" where that cannot be told."""
    status = os.fstat(fd)
    key = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    try:
        with open("/proc/locks", encoding="ascii") as table:
            taken = [fields for line in table if "->" not in (fields := line.split()) and key in fields]
        pid = next(int(fields[4]) for fields in taken if fields[1] == "FLOCK")
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            head, _, tail = file.read().rpartition(")")
    except (OSError, StopIteration, ValueError):
        return ""
    name = head.partition("(")[2]
    return f"PID {pid} ({safe_text(name)}{', which is stopped' if tail.split()[0] in 'Tt' else ''})"


def refused(error: OSError, home: Home) -> StoreError:
    """What the disk said, as a sentence for a person."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return full(home)
    return StoreError(f"The state folder {home.root} cannot be used: {error.strerror}.", "Run `hubtui doctor`.")


def full(home: Home) -> StoreError:
    """Nothing could be saved for want of space."""
    return StoreError("The disk is full: nothing was saved.", f"Free space for {home.root}, then try again.")
