"""Bytes that come in one direction only: pipes, compressed files, and files in UTF-16."""

from __future__ import annotations

import codecs
import os
import select
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

_AT_ONCE = 64 * 1024
_PAGE = 4096  # bytes that any file in /sys says it has
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Feed(Protocol):
    """What a spool is filled from."""

    ended: str | None
    """None while something may still come; else a sentence about that, or nothing to say."""

    def more(self) -> bytes:
        """What there is now, 64 KiB or so at most; never waits. Raises OSError."""

    def close(self) -> None:
        """Let go of it."""


class _Unpacked(Protocol):
    """A compressed file, open."""

    def read1(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


class PipeFeed:
    """A pipe, or what else is read like one. `stays`: it has a path, so another writer may come."""

    def __init__(self, fd: int, name: str, *, stays: bool) -> None:
        self.ended: str | None = None
        self._fd = fd
        self._name = name
        self._stays = stays
        self._poll = select.poll()
        self._poll.register(fd, select.POLLIN)

    def more(self) -> bytes:
        if not any(events & (select.POLLIN | select.POLLHUP) for _, events in self._poll.poll(0)):
            return b""
        data = os.read(self._fd, _AT_ONCE)
        if not data and not self._stays:
            self.ended = f"{self._name} has ended."
        return data

    def close(self) -> None:
        os.close(self._fd)


class UnpackFeed:
    """A compressed file, as far as it is whole."""

    def __init__(self, file: _Unpacked, name: str) -> None:
        self.ended: str | None = None
        self._file = file
        self._name = name

    def more(self) -> bytes:
        import lzma
        import zlib

        try:
            data = self._file.read1(_AT_ONCE)
        except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
            self.ended = f"{self._name} is damaged and can be read no further: {error}."
            return b""
        if not data:
            self.ended = ""
        return data

    def close(self) -> None:
        self._file.close()


class Utf16Feed:
    """A file in UTF-16 as UTF-8; also what is added to it."""

    def __init__(self, fd: int) -> None:
        self.ended: str | None = None
        self._fd = fd
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")

    def more(self) -> bytes:
        return self._decoder.decode(os.read(self._fd, _AT_ONCE)).encode("utf-8", "replace")

    def close(self) -> None:
        os.close(self._fd)


def feed_of(path: Path) -> Feed | None:
    """How a file is read that is no plain one; None for a plain one. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        state = os.fstat(fd)
        mode = state.st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
            return PipeFeed(os.dup(fd), path.name, stays=True)
        first = os.pread(fd, _PAGE, 0)
        fits = len(first) == min(state.st_size, _PAGE)
        if not fits and os.fstat(fd).st_size == state.st_size:  # the kernel makes it up while it is read: /proc, /sys
            return PipeFeed(os.dup(fd), path.name, stays=False)
        opener = _unpacker(first)
        if opener is not None:
            return UnpackFeed(opener(path), path.name)
        if first.startswith(_UTF16) and not first.startswith(codecs.BOM_UTF32_LE):
            return Utf16Feed(os.dup(fd))
        return None
    finally:
        os.close(fd)


def _unpacker(first: bytes) -> Callable[[Path], _Unpacked] | None:
    """What opens a file that begins with these bytes, if it is compressed."""
    if first.startswith(b"\x1f\x8b"):
        import gzip

        return lambda path: gzip.GzipFile(path)
    if first.startswith(b"BZh"):
        import bz2

        return lambda path: bz2.BZ2File(path)
    if first.startswith(b"\xfd7zXZ\0"):
        import lzma

        return lambda path: lzma.LZMAFile(path)
    return None
