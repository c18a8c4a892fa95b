"""Where the lines of a log file lie, written down as it grows: a small file of records beside it.

`00000001.marks` has a record for about each SPACING bytes of `00000001.log`: bytes before a line, lines before it, the
stamp it begins with, and a checksum. It only ever grows, nothing waits for it to reach the disk, and whoever reads it
asks the log whether it fits: a torn, stale, damaged or missing one costs the time to count the lines, nothing else.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hubtui.stacks.logfiles import format as disk

SPACING = 256 * 1024
_RECORD = struct.Struct(f"<QQ{disk.STAMP}s")
_SUM = struct.Struct("<I")
SIZE = _RECORD.size + _SUM.size
_TAIL = 2 * SPACING  # bytes that are counted when a writer goes on with a file


@dataclass(frozen=True, slots=True)
class Mark:
    """A line: bytes and lines of its file before it, and its stamp."""

    offset: int
    lines: int
    stamp: bytes

    def fits(self, read_at: Callable[[int, int], bytes]) -> bool:
        """Whether a line with this stamp begins there. `read_at` gives bytes of the log: how many, from where."""
        return read_at(disk.STAMP + 1, self.offset - 1) == b"\n" + self.stamp


def packed(offset: int, lines: int, stamp: bytes) -> bytes:
    """A mark as it is stored."""
    record = _RECORD.pack(offset, lines, stamp)
    return record + _SUM.pack(zlib.crc32(record))


def unpacked(record: bytes) -> Mark | None:
    """A stored mark; None where it is not whole."""
    body = record[: _RECORD.size]
    if len(record) != SIZE or _SUM.unpack_from(record, _RECORD.size)[0] != zlib.crc32(body):
        return None
    return Mark(*_RECORD.unpack(body))


def path_of(folder: Path, number: int) -> Path:
    """The marks of the log file of this number."""
    return folder / f"{number:08d}.marks"


def read(folder: Path, number: int, size: int, read_at: Callable[[int, int], bytes]) -> list[Mark]:
    """The marks of a log file of `size` bytes; none where there are none, or where they are of another file."""
    try:
        fd = os.open(path_of(folder, number), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return []
    try:
        marks = _records(fd, size)
        fit = all(mark.fits(read_at) for mark in {0: marks[0], 1: marks[len(marks) // 2], 2: marks[-1]}.values())
        return marks if fit else []
    except (OSError, IndexError):
        return []
    finally:
        os.close(fd)


class MarkWriter:
    """Adds marks to those of the log file that is being written. Nothing here raises OSError: what cannot be written
    down is left out."""

    def __init__(self, folder: Path, number: int) -> None:
        """For a log file that is new."""
        self._lines: int | None = 0  # in the file when this writer began; None: not known, so no marks
        self._last = 0
        self._fd: int | None = None
        self._open(folder, number, os.O_TRUNC)

    @classmethod
    def go_on(cls, folder: Path, number: int, fd: int, size: int) -> MarkWriter:
        """For a log file of `size` bytes that somebody else wrote, which `fd` reads."""
        self = cls.__new__(cls)
        self._fd = None
        marks = read(folder, number, size, lambda n, at: os.pread(fd, n, at))
        before = marks[-1] if marks else Mark(0, 0, b"")
        self._last = before.offset
        try:
            near = size - before.offset <= _TAIL
            self._lines = before.lines + os.pread(fd, _TAIL, before.offset).count(b"\n") if near else None
        except OSError:
            self._lines = None
        if self._lines is not None:
            self._open(folder, number, 0, len(marks) * SIZE)
        return self

    def due(self, offset: int) -> bool:
        """Whether it is time for a mark at this point."""
        return offset - self._last >= SPACING and self._fd is not None

    def add(self, offset: int, lines: int, stamp: bytes) -> None:
        """A line with this stamp begins at `offset`, behind `lines` lines that this writer wrote."""
        if self._fd is None or self._lines is None or len(stamp) != disk.STAMP:
            return
        try:
            whole = os.write(self._fd, packed(offset, self._lines + lines, stamp)) == SIZE
        except OSError:
            whole = False
        self._last = offset
        if not whole:  # torn: what would follow could not be read
            self.close()

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _open(self, folder: Path, number: int, flags: int, size: int = 0) -> None:
        flags |= os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._fd = os.open(path_of(folder, number), flags, 0o600)
            os.ftruncate(self._fd, size)
        except OSError:
            self.close()


def _records(fd: int, size: int) -> list[Mark]:
    """The records of a file of marks, as far as each is whole and they ascend."""
    data = os.pread(fd, os.fstat(fd).st_size, 0)
    marks: list[Mark] = []
    offset = lines = 0
    for at in range(0, len(data), SIZE):
        mark = unpacked(data[at : at + SIZE])
        if mark is None or not (offset < mark.offset < size and 0 <= mark.lines - lines <= mark.offset - offset):
            break
        offset, lines = mark.offset, mark.lines
        marks.append(mark)
    return marks
