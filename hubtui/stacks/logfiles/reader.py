"""Reading a service's log while it is written and rotated: its end, and what comes after a position.

A reader keeps no file open and takes no lock. It gives complete lines only; an incomplete one at the end of a file is a
line as soon as a newer file shows that nobody will complete it.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from hubtui.models import LogLine, now
from hubtui.stacks.logfiles import format as disk

_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two lines: number of the file, bytes from its beginning."""

    file: int = 0
    offset: int = 0


START = Position()  # before the oldest line there is


class LogReader:
    """The log of `service` below `folder`. Where there is no folder (yet), there are no lines (yet)."""

    def __init__(self, folder: Path, service: str) -> None:
        self.service = service
        self._folder = folder
        self._known: tuple[int, int | None] = 0, None  # the file read last, and how many lines came before it

    def tail(self, n: int) -> tuple[list[LogLine], Position]:
        """The last `n` complete lines over all runs, and the position after them. Raises OSError."""
        numbers = disk.file_numbers(self._folder)
        lines: list[LogLine] = []
        position = START
        for number in reversed(numbers):
            newest = number == numbers[-1]
            if not newest and len(lines) >= n:
                break
            try:
                fd = disk.open_to_read(self._folder, number)
            except FileNotFoundError:  # rotated away, and all before it
                if newest:
                    return self.tail(n)
                break
            try:
                raw, end = _last_lines(fd, max(n, 0) - len(lines), keep_torn=not newest)
                lines[:0] = disk.parse_lines(raw, self.service, disk.file_time(fd))
            finally:
                os.close(fd)
            if newest:
                position = Position(number, end)
                self._remember(number)
        return lines, position

    def read(self, position: Position, max_bytes: int = 262144) -> tuple[list[LogLine], Position]:
        """Complete lines after `position`, about `max_bytes` of them (one line at least), and the position after them.

        No lines: there is nothing new. Where rotation took the file away, reading goes on with the oldest line there
        is, after one of stream "hub" that says what was skipped. Raises OSError.
        """
        skipped = ""
        while True:
            numbers = disk.file_numbers(self._folder)
            if not numbers:
                return [], position
            if position.file not in numbers:
                position, skipped = self._next_after_gap(position, numbers, skipped)
            final = position.file < numbers[-1]  # asked before reading: then nothing is added after it
            try:
                lines, after = self._read_file(position, max_bytes, final)
            except FileNotFoundError:
                continue  # rotated away since it was listed
            if after.offset < position.offset:
                skipped = f"log file {position.file} was cut short from outside; reading starts again with it"
            if skipped:
                moment = lines[0].time if lines else now()
                lines.insert(0, LogLine(moment, self.service, "hub", None, skipped))
            if lines or not final:
                return lines, after
            position = Position(min(x for x in numbers if x > position.file))

    def _read_file(self, position: Position, max_bytes: int, final: bool) -> tuple[list[LogLine], Position]:
        fd = disk.open_to_read(self._folder, position.file)
        try:
            self._remember(position.file)
            size = os.fstat(fd).st_size
            offset = position.offset if position.offset <= size else 0
            data = os.pread(fd, max_bytes, offset)
            while b"\n" not in data and offset + len(data) < size:
                more = os.pread(fd, max(len(data), _BLOCK), offset + len(data))
                if not more:
                    break
                data += more
            end = data.rfind(b"\n") + 1
            if final and offset + len(data) >= size:
                end = len(data)  # a torn line at the end stays one
            raw = data[:end].split(b"\n")
            if not raw[-1]:
                raw.pop()
            lines = disk.parse_lines(raw, self.service, disk.file_time(fd))
            return lines, Position(position.file, offset + end)
        finally:
            os.close(fd)

    def _remember(self, number: int) -> None:
        if self._known[0] != number:
            self._known = number, disk.read_past(self._folder, number).lines

    def _next_after_gap(self, at: Position, numbers: list[int], skipped: str) -> tuple[Position, str]:
        """Where to go on when the file of a position is gone, and what to say about it."""
        number = min((x for x in numbers if x > at.file), default=numbers[0])
        if at == START or skipped:
            return Position(number), skipped
        if number < at.file:
            return Position(number), "the log was removed and began anew"
        files = f"log file {at.file}" if number == at.file + 1 else f"log files {at.file} to {number - 1}"
        text = f"skipped the rest of {files}: removed by rotation before it was read"
        before, after = self._known, disk.read_past(self._folder, number).lines
        if before[0] == at.file and before[1] is not None and after is not None:
            text += f" (at most {after - before[1]} lines)"
        return Position(number), text


def merge_tail(readers: Iterable[LogReader], n: int) -> tuple[list[LogLine], dict[str, Position]]:
    """The last `n` lines of several services in the order of their times (equal times: in the order of `readers`), and
    by service the position after them. Raises OSError."""
    tails = [(reader.service, *reader.tail(n)) for reader in readers]
    merged = list(heapq.merge(*(lines for _, lines, _ in tails), key=attrgetter("time")))
    return merged[-n:] if n > 0 else [], {service: position for service, _, position in tails}


def _last_lines(fd: int, n: int, *, keep_torn: bool) -> tuple[list[bytes], int]:
    """The last `n` lines of a file and where they end; an incomplete one counts only if it is to be kept."""
    at = size = os.fstat(fd).st_size
    blocks: list[bytes] = []
    newlines = 0
    while at > 0 and newlines <= n:
        start = max(at - _BLOCK, 0)
        block = os.pread(fd, at - start, start)
        blocks.append(block)
        newlines += block.count(b"\n")
        at = start
    lines = b"".join(reversed(blocks)).split(b"\n")
    end = size
    if not keep_torn or not lines[-1]:
        end -= len(lines.pop())
    return lines[-n:] if n > 0 else [], end
