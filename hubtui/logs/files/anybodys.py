"""Any file by its path, while somebody else writes, rotates, cuts, removes or replaces it.

Of a file that was renamed the lines stay, and those of the new one follow. One that was removed stays to be read until
a new one comes, and the one after it.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from pathlib import Path

from hubtui.logs.files.segment import Segment
from hubtui.logs.lines import PIECE

SETTLED = 1.0  # seconds without growth after which a line without a newline counts
_SIGN = 64  # bytes before its end that tell whether a file that grew is still the same


class AnybodysFiles:
    """What is, and was, at `path`. Raises OSError where it cannot be opened."""

    def __init__(self, path: Path, *, piece: int = PIECE) -> None:
        self.segments: list[Segment] = []
        self._path = path
        self._name = path.name
        self._piece = piece
        self._gone = False
        self._refused: tuple[int, ...] = ()  # what took its place and cannot be read
        self._quiet_since = time.monotonic()
        self._add(_open(path, os.stat(path)))
        state = self._newest.look()
        if time.time() - state.st_mtime > SETTLED:
            self._newest.look(settled=True)
        self._seen(state)

    def use(self, segment: Segment) -> None:
        """All are open: what was renamed cannot be opened again."""

    def pump(self, until: float) -> bool:
        """All there is is on the disk."""
        return False

    def close(self) -> None:
        for segment in self.segments:
            segment.release()

    def look(self) -> list[str]:
        for segment in self.segments[:-1]:  # whoever writes may take his time to change to the new file
            segment.look()
        said = self._changes()
        try:
            there = os.stat(self._path)
        except FileNotFoundError:
            if not self._gone:
                what = "moved away" if os.fstat(self._newest.fd).st_nlink else "removed"
                said.append(f"{self._name} was {what}; what was in it can be read until this view is closed.")
            self._gone = True
            return said
        here = os.fstat(self._newest.fd)
        if not os.path.samestat(there, here) and self._refused != _sign_of(there):
            said.append(self._follow(here.st_nlink > 0, there))
        return said

    def _changes(self) -> list[str]:
        """What became of the file that we have open."""
        newest = self._newest
        state = os.fstat(newest.fd)
        if state.st_size < newest.size:
            self._begin_anew()
            return [f"{self._name} was cut short; it is read from its beginning again."]
        changed = (state.st_size, state.st_mtime_ns) != self._state
        if changed and self._sign != newest.read_at(len(self._sign), self._sign_at):
            self._begin_anew()
            return [f"{self._name} was written anew; it is read from its beginning again."]
        if changed:
            self._quiet_since = time.monotonic()
        settled = time.monotonic() - self._quiet_since >= SETTLED
        if changed or (settled and newest.end < newest.size):
            self._seen(newest.look(settled=settled))
        return []

    def _follow(self, renamed: bool, there: os.stat_result) -> str:
        """Another file is at the path now."""
        try:
            fd = _open(self._path, there)
        except OSError as error:
            self._refused = _sign_of(there)
            return f"Another file took the place of {self._name}, but it cannot be read: {error.strerror}."
        old = self._newest
        if renamed or self._gone:
            old.final = True
            old.look()
            for segment in self.segments[:-1]:
                if os.fstat(segment.fd).st_nlink == 0:
                    segment.release()
            self.segments = [s for s in self.segments[:-1] if s.is_open] + [old]
            said = f"{self._name} was rotated; the new file follows." if renamed else f"{self._name} is there again."
        else:
            old.release()
            self.segments.pop()
            said = f"{self._name} was replaced by another file, which is read from its beginning."
        self._gone = False
        self._add(fd, old.key + 1)
        self._seen(self._newest.look())
        return said

    def _begin_anew(self) -> None:
        old = self.segments.pop()
        self._add(os.dup(old.fd), old.key + 1)
        old.release()
        self._seen(self._newest.look())

    def _add(self, fd: int, key: int = 1) -> None:
        self.segments.append(Segment(key, fd, piece=self._piece))
        if len(self.segments) == 1:
            self._newest.base = 0
        self._quiet_since = time.monotonic()

    def _seen(self, state: os.stat_result) -> None:
        """Keep what tells whether the file is still the same at the next look."""
        newest = self._newest
        self._state = state.st_size, state.st_mtime_ns
        self._sign_at = max(newest.size - _SIGN, 0)
        self._sign = newest.read_at(newest.size - self._sign_at, self._sign_at)

    @property
    def _newest(self) -> Segment:
        return self.segments[-1]


def _sign_of(state: os.stat_result) -> tuple[int, ...]:
    return state.st_dev, state.st_ino, state.st_ctime_ns  # a number alone may be used again


def _open(path: Path, state: os.stat_result) -> int:
    if not stat.S_ISREG(state.st_mode):
        raise OSError(errno.EINVAL, "it is not a file")
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
