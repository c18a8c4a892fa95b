"""Lines on a disk that stands still, or of which every look takes its whole time, for as long as a test says so."""

from __future__ import annotations

import threading
import time

from hubtui.logs.lines import Chunk, Lines, Match, Place


class GatedLines:
    """All of `lines`, but reading waits for `gate`; while `slow`, a look for matches takes its time and finds none."""

    def __init__(self, lines: Lines, gate: threading.Event) -> None:
        self._lines, self._gate = lines, gate
        self.slow = False
        self.looks = 0

    def read(self, place: Place, n: int, *, back: bool = False, match: Match | None = None, until: float) -> Chunk:
        self._gate.wait(20)
        if self.slow and match is not None:
            self.looks += 1
            time.sleep(max(until - time.monotonic(), 0))
            return Chunk((), place, False)
        return self._lines.read(place, n, back=back, match=match, until=until)

    def __getattr__(self, name: str) -> object:
        return getattr(self._lines, name)
