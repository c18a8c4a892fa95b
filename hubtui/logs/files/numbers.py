"""The files of a chain, and which number each of their lines has."""

from __future__ import annotations

import time
from typing import Protocol

from hubtui.logs.files.segment import Segment


class Files(Protocol):
    """The files of a chain, oldest first, at least one, and how to see what became of them."""

    segments: list[Segment]

    def look(self) -> list[str]:
        """See what changed; sentences for the user about what is not growth."""

    def use(self, segment: Segment) -> None:
        """This one is read now."""

    def pump(self, until: float) -> bool:
        """Fetch more of what is not here yet, from a file that is decompressed as it is read; whether anything came."""

    def close(self) -> None:
        """Close all."""


class Numbers:
    """How many lines are before a point, (which file, bytes from its beginning), rotated away or not."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def number(self, i: int, at: int) -> int | None:
        """None while nobody has counted that far."""
        base = self._base(i)
        if base is None:
            return None
        segment = self._files.segments[i]
        self._files.use(segment)
        lines = segment.number(at)
        if lines is None:
            return None
        unended = 0 < at == segment.end and segment.read_at(1, at - 1) != b"\n"  # a last line without a newline
        return base + lines + unended

    def at_number(self, number: int) -> tuple[int, int] | None:
        """The point before which there are so many lines, or the oldest there is."""
        for i in range(len(self._files.segments) - 1, -1, -1):
            base = self._base(i)
            if base is not None and (base <= number or i == 0):
                self._files.use(self._files.segments[i])
                at = self._files.segments[i].at_number(max(number - base, 0))
                return None if at is None else (i, at)
        return None

    def count(self, until: float) -> float:
        """Go on counting; the part that is counted."""
        counted = size = 0
        for segment in self._files.segments:
            if segment.counted.has_more(segment.size):
                self._files.use(segment)
                while time.monotonic() < until and segment.counted.more(segment.read_at, segment.size):
                    pass
            size += segment.size
            counted += segment.size if segment.counted.is_near(segment.size) else segment.counted.reached
        return counted / size if size else 1.0

    def _base(self, i: int) -> int | None:
        """Lines before file `i`."""
        segments = self._files.segments
        if segments[i].base is not None or i == 0:
            return segments[i].base
        base = self.number(i - 1, segments[i - 1].size)
        if segments[i - 1].final:  # else more may come before
            segments[i].base = base
        return base
