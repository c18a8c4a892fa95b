"""The lease: a kernel lock per project, shared by guard and runner. Free means: no process of the project is left.

It is a lock of the open file description (F_OFD_SETLK, fcntl(2)): shared across fork, freed by the kernel on any death,
and, unlike flock, it can be asked about (F_OFD_GETLK) without being taken, so that asking never makes a starting guard
fail. Reading /proc/locks for the same answer blocks for milliseconds, and inside a PID namespace it hides locks whose
taker is dead. The file is never unlinked: two could hold two files of one name. What is written in it is a word for
guards that wait; the lock is the truth.
"""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path

UP, LEAVING, ENDING = "up", "leaving", "ending"
_FLOCK = struct.Struct("hhqqi4x")  # struct flock: type, whence, start, length (0: to the end), PID (0 for OFD locks)
_WHOLE_FILE = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)


def open_lease(path: Path) -> int:
    """A descriptor on the lease's file, which is made where it is missing."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def try_take(fd: int) -> bool:
    """Take the lease now or not at all."""
    try:
        fcntl.fcntl(fd, fcntl.F_OFD_SETLK, _WHOLE_FILE)
    except BlockingIOError:
        return False
    return True


def in_place(fd: int, path: Path) -> bool:
    """Whether the file still has its name: one that was removed protects nobody from a second holder."""
    try:
        named, mine = os.stat(path, follow_symlinks=False), os.fstat(fd)
    except FileNotFoundError:
        return False
    return (named.st_dev, named.st_ino) == (mine.st_dev, mine.st_ino)


def held(path: Path) -> bool:
    """Whether a guard or runner of this project lives. Takes nothing, costs microseconds."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        found = _FLOCK.unpack(fcntl.fcntl(fd, fcntl.F_OFD_GETLK, _WHOLE_FILE))
    finally:
        os.close(fd)
    return bool(found[0] != fcntl.F_UNLCK)


def publish(fd: int, word: str) -> None:
    """Write what the holder does: UP, LEAVING or ENDING."""
    text = f"{word}\n".encode()
    os.pwrite(fd, text, 0)
    os.ftruncate(fd, len(text))


def published(fd: int) -> str:
    """The word as last published, "" where nothing was."""
    return os.pread(fd, 64, 0).decode(errors="replace").strip()
