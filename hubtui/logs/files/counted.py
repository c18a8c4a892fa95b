"""How many newlines lie before a point of a file: checkpoints in compact arrays, and the block between two of them."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable

BLOCK = 64 * 1024  # bytes between two checkpoints: 10 GB need 2.5 MB
REACH = 64 * BLOCK  # bytes behind a checkpoint that are counted when they are asked for: a millisecond or two

ReadAt = Callable[[int, int], bytes]


class Counted:
    """Checkpoints of one file, from its beginning on."""

    def __init__(self) -> None:
        self._offsets = array("Q", [0])
        self._lines = array("Q", [0])
        self._asked = 0, 0  # the checkpoint that was asked for last: whoever asks for a line asks for the next one, too
        self._misled = False  # checkpoints of somebody else's did not fit

    @property
    def reached(self) -> int:
        """Bytes that are counted."""
        return self._offsets[-1]

    @property
    def lines(self) -> int:
        """Newlines in them."""
        return self._lines[-1]

    def is_near(self, size: int) -> bool:
        """Whether the rest of a file of this size is counted when it is asked for."""
        return size - self._offsets[-1] <= REACH

    def take(self, marks: Iterable[tuple[int, int]]) -> None:
        """Checkpoints that somebody wrote down, (bytes, newlines in them) ascending, instead of those here. Those
        behind a gap are left out: what is there is counted."""
        if self._misled:
            return
        self._offsets = array("Q", [0])
        self._lines = array("Q", [0])
        self._asked = 0, 0
        for offset, lines in marks:
            gap = offset - self._offsets[-1]
            if gap > REACH or not 0 <= lines - self._lines[-1] <= gap:
                break
            if gap > 0:
                self._offsets.append(offset)
                self._lines.append(lines)

    def forget(self) -> None:
        """Begin anew: the checkpoints do not fit the file."""
        self.take(())
        self._misled = True  # so that they are not taken again

    def has_more(self, size: int) -> bool:
        """Whether there is a whole block left to count in a file of this size."""
        return size // BLOCK > self._offsets[-1] // BLOCK

    def more(self, read_at: ReadAt, size: int) -> bool:
        """Count one more block of a file of `size` bytes; False where none is left. What is less than a block is
        counted when it is asked for."""
        at = self._offsets[-1]
        want = BLOCK - at % BLOCK
        data = read_at(want, at) if self.has_more(size) else b""
        if len(data) < want:
            return False
        self._offsets.append(at + want)
        self._lines.append(self._lines[-1] + data.count(b"\n"))
        return True

    def number(self, read_at: ReadAt, at: int) -> int | None:
        """Newlines before `at`."""
        i = bisect_right(self._offsets, at) - 1
        offset, lines = self._offsets[i], self._lines[i]
        if offset <= self._asked[0] <= at:
            offset, lines = self._asked
        if at - offset > REACH:
            return None
        if at > offset:
            lines += read_at(at - offset, offset).count(b"\n")
            self._asked = at, lines
        return lines

    def at_number(self, read_at: ReadAt, number: int, size: int) -> int | None:
        """Behind the newline with this number."""
        if number <= 0:
            return 0
        i = bisect_left(self._lines, number) - 1
        offset, left = self._offsets[i], number - self._lines[i]
        last = i + 1 == len(self._offsets)
        data = read_at((min(size, offset + REACH) if last else self._offsets[i + 1]) - offset, offset)
        if not last and data.count(b"\n") != self._lines[i + 1] - self._lines[i]:
            self.forget()
            return None
        at = 0
        for _ in range(left):
            at = data.find(b"\n", at) + 1
            if not at:
                return None
        return offset + at
