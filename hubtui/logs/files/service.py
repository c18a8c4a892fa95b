"""A service's log: its files, while the writer adds to them and rotates them."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from hubtui.logs.files.segment import Segment
from hubtui.logs.lines import PIECE
from hubtui.stacks.logfiles import format as disk
from hubtui.stacks.logfiles import marks

_ANEW = "The log of {} was removed and began anew."


class ServiceFiles:
    """The log files in `folder`, which need not be there yet. The newest is kept open, of the others the one that was
    read last."""

    def __init__(self, folder: Path, service: str, *, piece: int = PIECE) -> None:
        self.segments: list[Segment] = []
        self._folder = folder
        self._service = service
        self._piece = piece
        self._numbers: list[int] = []
        self._last: Segment | None = None
        self._nothing = Segment(0, partial(os.open, os.devnull, os.O_RDONLY | os.O_CLOEXEC), piece=piece)
        self._nothing.base = 0
        self._keys = 0
        self.look()

    def use(self, segment: Segment) -> None:
        if segment.is_open:
            return
        if self._last is not None and self._last is not self.segments[-1]:
            self._last.release()
        self._last = segment
        try:
            segment.open()
        except FileNotFoundError:  # rotated away since the last look
            segment.vanish()

    def pump(self, until: float) -> bool:
        """All there is is on the disk."""
        return False

    def close(self) -> None:
        for segment in (*self.segments, self._nothing):
            segment.release()

    def look(self) -> list[str]:
        numbers = disk.file_numbers(self._folder)
        said = self._drop_gone(numbers)
        for number in numbers:
            if number not in self._numbers:
                self._add(number)
        said += self._look_at_newest()
        if not self._numbers:
            self.segments = [self._nothing]
        return said

    def _drop_gone(self, numbers: list[int]) -> list[str]:
        """Forget the files that are not there any more."""
        gone = [number for number in self._numbers if number not in numbers]
        anew = bool(gone) and bool(numbers) and gone[-1] > numbers[-1]
        if anew:  # what is there now may have the numbers of what was there
            gone = list(self._numbers)
        if not gone:
            return []
        for segment, number in zip(self.segments, self._numbers, strict=True):
            if number in gone:
                segment.release()
        kept = [(s, n) for s, n in zip(self.segments, self._numbers, strict=True) if n not in gone]
        self.segments, self._numbers = [s for s, _ in kept], [n for _, n in kept]
        if anew:
            return [_ANEW.format(self._service)]
        if not numbers:
            return [f"The log of {self._service} was removed."]
        files = "file" if len(gone) == 1 else f"{len(gone)} files"
        return [f"Rotation removed the oldest {files} of the log of {self._service}."]

    def _add(self, number: int) -> None:
        """The next file. The one before it is finished."""
        if self._numbers:
            self._finish(self.segments[-1])
        else:
            self.segments = []
        self._keys += 1
        segment = Segment(self._keys, partial(disk.open_to_read, self._folder, number), piece=self._piece)
        segment.base = disk.read_past(self._folder, number).lines
        try:
            segment.look()
        except FileNotFoundError:  # rotated away since it was listed
            return
        self.segments.append(segment)
        self._numbers.append(number)
        self._take_marks()

    def _finish(self, segment: Segment) -> None:
        segment.final = True
        try:
            segment.look()
        except FileNotFoundError:
            pass
        segment.release()

    def _look_at_newest(self) -> list[str]:
        if not self._numbers:
            return []
        newest, number = self.segments[-1], self._numbers[-1]
        before = newest.size
        state = newest.look()
        try:
            same = os.path.samestat(os.stat(disk.file_path(self._folder, number)), state)
        except FileNotFoundError:  # since it was listed: the next look sees what became of it
            return []
        if same and newest.size >= before:
            self._take_marks()
            return []
        self.segments.pop().release()
        self._numbers.pop()
        if not self._numbers:
            self.segments = []
        self._add(number)
        if not same:
            return [_ANEW.format(self._service)]
        return [f"The log of {self._service} was cut short from outside; its newest file is read again."]

    def _take_marks(self) -> None:
        """Learn from what the writer wrote down where the lines of the newest file are, if counting is far behind."""
        newest = self.segments[-1]
        if not newest.counted.is_near(newest.size):
            found = marks.read(self._folder, self._numbers[-1], newest.size, newest.read_at)
            newest.counted.take((mark.offset, mark.lines) for mark in found)
