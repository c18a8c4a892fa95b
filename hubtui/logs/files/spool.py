"""What comes in one direction only, put into a file without a name so that it can be read from anywhere.

It is bounded by the disk: when little room is left, no more is taken, which is said; a program that writes into the
pipe then waits. The file is gone with the process, however it ends.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import time

from hubtui.logs.files.anybodys import SETTLED
from hubtui.logs.files.feeds import Feed
from hubtui.logs.files.segment import Segment
from hubtui.logs.lines import PIECE

_LOOK = 0.03  # seconds that one look takes from the feed
_PIECES = 16  # that a reader who came to the end waits for
_BETWEEN_ROOMS = 8 << 20  # bytes between two looks at how much room there is
_SPARE = 512 << 20  # bytes that are left to others
_SPARE_PART = 0.05


class SpoolFiles:
    """All that came from a feed. Raises OSError where there is no place for it."""

    def __init__(self, feed: Feed, name: str, *, piece: int = PIECE) -> None:
        fd, path = tempfile.mkstemp(prefix="hubtui-", dir=_folder())
        os.unlink(path)
        self.segments = [Segment(1, fd, piece=piece)]
        self._segment = self.segments[0]
        self._segment.base = 0
        self._feed: Feed | None = feed
        self._name = name
        self._said: list[str] = []
        self._room_at = 0  # size at which room is looked for again
        self._full_at = -1  # size at which there was none
        self._quiet_since = time.monotonic()
        self._fill(time.monotonic() + _LOOK)

    def use(self, segment: Segment) -> None:
        """There is one."""

    def look(self) -> list[str]:
        self._fill(time.monotonic() + _LOOK)
        said, self._said = self._said, []
        return said

    def pump(self, until: float) -> bool:
        return self._fill(until, _PIECES)

    def close(self) -> None:
        self._end("")
        self._segment.release()

    def _fill(self, until: float, pieces: int | None = None) -> bool:
        """Take what there is, until then, so many pieces of it at most; whether there was anything."""
        before = self._segment.size
        size = before
        for _ in itertools.count() if pieces is None else range(pieces):
            if self._feed is None:
                break
            data = self._take(size)
            size += len(data)
            if not data or time.monotonic() >= until:
                break
        if size > before:
            self._quiet_since = time.monotonic()
        settled = self._feed is None or time.monotonic() - self._quiet_since >= SETTLED
        if size > before or (settled and self._segment.end < size):
            self._segment.look(settled=settled)
        return size > before

    def _take(self, size: int) -> bytes:
        """Put one piece into the file, which has `size` bytes."""
        assert self._feed is not None
        try:
            if size >= self._room_at and not self._has_room(size):
                return b""
            data = self._feed.more()
            self._segment.written = time.time()
            left = memoryview(data)
            while left:
                left = left[os.write(self._segment.fd, left) :]
        except OSError as error:
            self._end(f"{self._name} is read no further than {size} bytes: {error.strerror or error}.")
            return b""
        if self._feed.ended is not None:
            self._end(self._feed.ended)
        return data

    def _has_room(self, size: int) -> bool:
        self._room_at = size + _BETWEEN_ROOMS
        disk = os.fstatvfs(self._segment.fd)
        free, spare = disk.f_bavail * disk.f_frsize, min(_SPARE, int(disk.f_blocks * disk.f_frsize * _SPARE_PART))
        if free > spare + _BETWEEN_ROOMS:
            return True
        self._room_at = size  # asked again at the next look
        if self._full_at != size:
            self._full_at = size
            self._said.append(f"{self._name} waits at {size} bytes: the disk has no room for more of it.")
        return False

    def _end(self, said: str) -> None:
        if self._feed is not None:
            self._feed.close()
            self._feed = None
            self._segment.final = True
            if said:
                self._said.append(said)


def _folder() -> str | None:
    """On the disk rather than in memory, unless the user says where."""
    return "/var/tmp" if "TMPDIR" not in os.environ and os.access("/var/tmp", os.W_OK) else None  # noqa: S108
