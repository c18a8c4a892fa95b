"""Stored lines on their way to disk: which file, when to rotate, what rotation and a full disk took away.

It never raises because of the disk: a service must not stand still since its log cannot be written. What could not be
stored is counted, and a marker says so as soon as writing works again. Readers look on without a lock, so a file only
ever loses the incomplete line at its end, never a newline that was once there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hubtui.stacks.engines.base import LogLimits
from hubtui.stacks.logfiles import format as disk
from hubtui.stacks.logfiles.format import NO_PAST, Past
from hubtui.stacks.logfiles.marks import MarkWriter
from hubtui.stacks.logfiles.marks import path_of as marks_path

TORN = b"the line above is torn: its writer was killed, or the disk failed, in the middle of it"
_TAIL = 1 << 16


@dataclass(frozen=True, slots=True)
class Lost:
    """What could not be stored: lines and their bytes, the stamps of the first and last of them, and why."""

    lines: int = 0
    size: int = 0
    first: str = ""
    last: str = ""
    reason: str = ""

    def more(self, lines: int, size: int, first: str, last: str, reason: str) -> Lost:
        return Lost(self.lines + lines, self.size + size, self.first or first, last, reason)


class Storage:
    """Appends stored lines below `folder`. `marker` gives the beginning of a line of hubtui's own, stamped now."""

    def __init__(self, folder: Path, limits: LogLimits, marker: Callable[[], bytes]) -> None:
        self._folder = folder
        self._limits = limits
        self._marker = marker
        self._head_size = len(marker())
        self._fd: int | None = None
        self._number = 0
        self._size = 0  # of the open file, in bytes
        self._found = 0  # bytes that were in it when it was opened
        self._lines = 0  # stored in it since
        self._last = "?"  # stamp of its newest line
        self._past = NO_PAST  # what came before it
        self._marks: MarkWriter | None = None  # where its lines lie
        self._due = b""  # markers that must be stored before the next line
        self._unsaid = Lost()
        self._failure = ""
        self._closed = False
        self.lost = Lost()
        self._open()

    def append(self, body: bytes, lines: int | None = None) -> None:
        """Store these complete lines, `lines` of them if the caller knows. No file outgrows its size, unless by a
        single line; what the disk does not take is counted in `lost`."""
        while body:
            if self._fd is None and not self._open():
                return self._lose(body)
            said = self._said()
            part, body = self._fitting(body, len(self._due) + len(said))
            if not part:
                self._rotate()
                continue
            lines = None if body else lines
            if not self._put(said, part, part.count(b"\n") if lines is None else lines):
                return self._lose(body)
        return None

    def append_view(self, head: bytes, rest: memoryview, lines: int) -> None:
        """As `append` of `head` + `rest`, without copying them together: large copies cost more than the write."""
        size = len(head) + len(rest)
        if self._fd is None or self._due or self._unsaid.lines or self._size + size > self._limits.file_size:
            return self.append(b"".join((head, rest)), lines)
        try:
            taken = os.writev(self._fd, (head, rest))
        except OSError:
            taken = 0  # tried again, and accounted for, below
        if taken < size:
            self._put(b"", b"".join((head, rest)), lines, taken)
            return None
        self._mark(head)
        self._size += size
        self._lines += lines
        self._last = disk.stamp_of(head)
        return None

    def close(self) -> None:
        """Say what is still to be said, if the disk lets, and let go of the file."""
        if self._fd is not None and (self._due or self._unsaid.lines):
            self._put(self._said(), b"", 0)
        self._closed, self._failure = True, "the log was closed"
        self._release()

    def _fitting(self, body: bytes, before: int) -> tuple[bytes, bytes]:
        """As many lines as the open file has room for, and the rest. Nothing fits: empty, unless the file is too."""
        room = self._limits.file_size - self._size - before
        if len(body) <= room:
            return body, b""
        cut = body.rfind(b"\n", 0, max(room, 0)) + 1
        if not cut and not self._size:
            cut = body.find(b"\n") + 1
        return body[:cut], body[cut:]

    def _put(self, said: bytes, part: bytes, lines: int, taken: int = 0) -> bool:
        """Write what is due, then `part`; False where the disk took less. Only whole lines of it stay. The disk has
        `taken` the first bytes already."""
        prelude = self._due + said
        data = prelude + part if prelude else part
        taken = self._write(data, taken)
        if taken == len(data):
            self._mark(data)
            self._lines += lines + prelude.count(b"\n")
            self._due = b""
            if said:
                self._unsaid = Lost()
            kept = taken
        else:
            kept = data.rfind(b"\n", 0, taken) + 1
            self._lines += data.count(b"\n", 0, kept)
            if said and kept >= len(prelude):
                self._unsaid = Lost()
            self._due = self._due[kept:]
            self._cut_off(kept, taken)
            self._lose(data[max(kept, len(prelude)) :])
        self._size += kept
        if kept > len(prelude):
            self._last = disk.stamp_of_last(data, kept)
        return taken == len(data)

    def _mark(self, stored: bytes) -> None:
        """Write down where what has just been stored begins, now and then."""
        if self._marks is not None and self._marks.due(self._size) and disk.stamp_of(stored) != "?":
            self._marks.add(self._size, self._lines, stored[: disk.STAMP])

    def _write(self, data: bytes, taken: int) -> int:
        try:
            while taken < len(data) and self._fd is not None:
                taken += os.write(self._fd, data[taken:] if taken else data)
        except OSError as error:
            self._failure = error.strerror or str(error)
        return taken

    def _cut_off(self, kept: int, taken: int) -> None:
        """Take back the incomplete line that the disk gave up in the middle of."""
        if taken == kept or self._fd is None:
            return
        try:
            os.ftruncate(self._fd, self._size + kept)
        except OSError:
            self._size += taken - kept
            self._due = b"\n" + self._marker() + TORN + b"\n" + self._due

    def _lose(self, body: bytes) -> None:
        lines = body.count(b"\n")
        if not lines:
            return
        first = disk.stamp_of(body)
        last = disk.stamp_of_last(body, len(body))
        size = len(body) - lines * self._head_size
        self.lost = self.lost.more(lines, size, first, last, self._failure)
        self._unsaid = self._unsaid.more(lines, size, first, last, self._failure)

    def _said(self) -> bytes:
        """The marker that tells what was lost since the last one; empty where nothing was."""
        if not self._unsaid.lines:
            return b""
        lost = self._unsaid
        text = f"lost {lost.lines} lines ({lost.size} bytes), {lost.first} to {lost.last}: {lost.reason}\n"
        return self._marker() + text.encode("utf-8", "replace")

    # Files

    def _open(self) -> bool:
        """Open the newest file if it has room, else the next one; False, and `_failure` says why, if that fails."""
        if self._closed:
            return False
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            numbers = disk.file_numbers(self._folder)
            if numbers and numbers[-1] > self._number:  # left by an earlier writer
                self._adopt(numbers[-1])
                if self._fd is not None and self._size < self._limits.file_size:
                    return True
                self._rotate()
            self._begin(numbers)
        except OSError as error:
            self._failure = error.strerror or str(error)
            self._release()
        return self._fd is not None

    def _open_file(self, number: int, flags: int) -> int:
        flags |= os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._fd = os.open(disk.file_path(self._folder, number), flags, 0o600)
        return self._fd

    def _adopt(self, number: int) -> None:
        fd = self._open_file(number, 0)
        size = os.fstat(fd).st_size
        tail = os.pread(fd, _TAIL, max(size - _TAIL, 0))
        self._number, self._size, self._found, self._lines = number, size, size, 0
        self._past = disk.read_past(self._folder, number)
        self._last = disk.stamp_of_last(tail, len(tail))
        self._due = b"" if not tail or tail.endswith(b"\n") else b"\n" + self._marker() + TORN + b"\n"
        self._marks = MarkWriter.go_on(self._folder, number, fd, size)

    def _rotate(self) -> None:
        """The open file is full: add it to the past. The next one is opened by the next line."""
        found = disk.count_lines(self._folder, self._number, self._found) if self._found else 0
        known = None if found is None or self._past.lines is None else self._past.lines + found + self._lines
        first = self._past.first if self._past.lines != 0 else disk.first_stamp(self._folder, self._number)
        self._past = Past(known, first, self._last)
        self._release()

    def _begin(self, numbers: list[int]) -> None:
        """Make room and open the file after the newest."""
        number = max([self._number, *numbers]) + 1
        spare = max(self._limits.files - 1, 0)
        keep_from = max(len(numbers) - spare, 0)
        for old in numbers[:keep_from]:
            disk.file_path(self._folder, old).unlink(missing_ok=True)
            marks_path(self._folder, old).unlink(missing_ok=True)
        left = numbers[keep_from:]
        removed = disk.read_past(self._folder, left[0]) if left else self._past
        self._open_file(number, os.O_CREAT | os.O_EXCL)
        self._number, self._size, self._found, self._lines = number, 0, 0, 0
        self._due = b""
        self._marks = MarkWriter(self._folder, number)
        if number > 1:
            self._due = self._marker() + disk.past_text(number, self._past, removed).encode() + b"\n"

    def _release(self) -> None:
        if self._marks is not None:
            self._marks.close()
            self._marks = None
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
