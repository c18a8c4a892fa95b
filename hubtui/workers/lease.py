"""The lease: a kernel lock per project, shared by guard and runner. Free means: no process of the project is left.

It is an `flock`, which the kernel frees on any death. The file is never unlinked (two could hold two files of one
name), and asking whether it is held reads /proc/locks, so that asking never makes a starting guard fail. What is
written in the file is only a word for guards that wait; the lock is the truth.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

UP, LEAVING, ENDING = "up", "leaving", "ending"


def open_lease(path: Path) -> int:
    """A descriptor on the lease's file, which is made where it is missing."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def try_take(fd: int) -> bool:
    """Take the lease now or not at all."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def publish(fd: int, word: str) -> None:
    """Write what the holder does: UP, LEAVING or ENDING."""
    text = f"{word}\n".encode()
    os.pwrite(fd, text, 0)
    os.ftruncate(fd, len(text))


def published(fd: int) -> str:
    """The word as last published, "" where nothing was."""
    return os.pread(fd, 64, 0).decode(errors="replace").strip()


def holder(path: Path) -> int | None:
    """The PID that took the lease, as far as /proc/locks tells; 0 where it is held by one that cannot be named."""
    try:
        status = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return None
    wanted = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    with open("/proc/locks", encoding="ascii", errors="replace") as table:
        for line in table:
            fields = line.split()
            if "FLOCK" in fields and wanted in fields:
                pid = fields[fields.index(wanted) - 1]
                return int(pid) if pid.isdigit() else 0
    # Inside a PID namespace the kernel hides locks whose taker is dead, though a runner without its guard holds on.
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    finally:
        os.close(fd)
    return None


def held(path: Path) -> bool:
    """Whether a guard or runner of this project lives."""
    return holder(path) is not None
