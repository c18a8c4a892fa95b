"""One file's bytes, read in blocks of whole lines, forwards and backwards.

A boundary is a point where a line begins or ends. Lines are split at newlines alone. One that is longer than `piece`
bytes is also split at multiples of it: there is an edge at each multiple p of which the bytes from p - piece to p, both
included, hold no newline. That can be seen from nearby, so it is the same from both directions however long the line
is, and no line of at most `piece` bytes is ever split.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from functools import partial

from hubtui.logs.files.counted import Counted
from hubtui.logs.files.giving_way import give_way
from hubtui.logs.lines import PIECE

_NEAR = 64 * 1024  # bytes in which a newline is looked for first


def next_edge(start: int, piece: int) -> int:
    """The first edge in a line that begins at `start`, if it is that long."""
    return -(-(start + piece) // piece) * piece


class Segment:
    """A file in which lines are: a descriptor of it, or what gives one when it is needed.

    `key` orders segments and is never used again. `size` is what the last look saw. `base`: lines before it, None: not
    known. `final`: nobody adds to it, so what follows its last newline is a line.
    """

    def __init__(self, key: int, file: int | Callable[[], int], *, piece: int = PIECE) -> None:
        self.key = key
        self.piece = piece
        self.size = 0
        self.end = 0  # the last boundary
        self.written = 0.0  # when it was last written, seconds since the epoch
        self.base: int | None = None
        self.final = False
        self.counted = Counted()
        self._opener = file if callable(file) else _gone
        self._fd = None if callable(file) else file

    @property
    def fd(self) -> int:
        """The open file; raises OSError where it cannot be opened."""
        return self.open()

    def open(self) -> int:
        """Open it, if it is not."""
        if self._fd is None:
            self._fd = self._opener()
        return self._fd

    @property
    def is_open(self) -> bool:
        """Whether the file is open now."""
        return self._fd is not None

    def release(self) -> None:
        """Close the file; where that is known how, it is opened again when it is needed."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def vanish(self) -> None:
        """The file is not there any more, so nothing is in it."""
        self.size = self.end = 0
        self._opener = partial(os.open, os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def look(self, *, settled: bool = False) -> os.stat_result:
        """See how long the file is now. `settled`: its last line counts even if it has no newline."""
        state = os.fstat(self.fd)
        self.written = state.st_mtime
        if state.st_size != self.size or settled or self.final:
            grown = state.st_size > self.size
            self.size = state.st_size
            if settled or self.final:
                self.end = self.size
            elif grown or self.end > self.size:
                self.end = max(self.snap(self.size), min(self.end, self.size))
        return state

    def read_at(self, size: int, at: int) -> bytes:
        """At most `size` bytes from `at` on; fewer only where the file ends."""
        give_way()
        return os.pread(self.fd, size, at)

    def forward(self, at: int, want: int) -> bytes:
        """Whole lines from the boundary `at` on, about `want` bytes of them, one line at least; none at the end."""
        room = self.end - at
        if room <= 0:
            return b""
        data = self.read_at(min(want, room), at)
        if len(data) >= room:
            return data
        cut = data.rfind(b"\n") + 1
        if cut:
            return data[:cut]
        edge = next_edge(at, self.piece) - at
        data = self.read_at(min(edge + 1, room), at)
        newline = data.find(b"\n")
        if newline >= 0:
            return data[: newline + 1]
        return data if len(data) == room and room <= edge else data[:edge]

    def backward(self, at: int, want: int) -> bytes:
        """Whole lines that end at the boundary `at`, about `want` bytes of them, one line at least; none at 0."""
        low = max(at - want, 0)
        data = self.read_at(at - low, low)
        if low == 0:
            return data
        newline = data.find(b"\n", 0, _inside(data))
        if newline >= 0:
            return data[newline + 1 :]
        low = max(at - 2 * self.piece - 1, 0)
        data = self.read_at(at - low, low)
        newline = data.rfind(b"\n", 0, _inside(data))
        if newline >= 0 or low == 0:
            return data[newline + 1 :]
        return data[next_edge(low, self.piece) - low :]

    def snap(self, at: int) -> int:
        """The beginning of the line, or of the piece of one, that the byte at `at` is in."""
        for window in (min(_NEAR, self.piece), 2 * self.piece):
            low = max(at - window, 0)
            data = self.read_at(at - low, low)
            newline = data.rfind(b"\n")
            if newline >= 0 or low == 0:
                break
        start = low + newline + 1
        edge = at // self.piece * self.piece
        if edge == at and self.read_at(1, at) in (b"", b"\n"):
            edge -= self.piece
        return edge if edge >= next_edge(start, self.piece) else start

    # Counting

    def number(self, at: int) -> int | None:
        """Newlines before `at`; None while nobody has counted that far."""
        return self.counted.number(self.read_at, at)

    def at_number(self, number: int) -> int | None:
        """Behind the newline with this number; None while nobody has counted that far, or where there are fewer."""
        return self.counted.at_number(self.read_at, number, self.end)


def _inside(data: bytes) -> int:
    """Where the last line of whole lines ends, without its newline."""
    return len(data) - data.endswith(b"\n")


def _gone() -> int:
    raise FileNotFoundError(errno.ENOENT, "The file is not there any more")
