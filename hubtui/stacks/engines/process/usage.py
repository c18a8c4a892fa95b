"""What services take: processor time between two looks, and memory now."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from hubtui.stacks.proctree import Stat

_TICKS = os.sysconf("SC_CLK_TCK")


class Meter:
    """Remembers the last look at one service's tree."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, int], int] = {}
        self._when: float | None = None

    def read(self, tree: Sequence[Stat]) -> tuple[float | None, int]:
        """Per cent of one core since the last reading (None: there was none), resident bytes of the whole tree."""
        now = time.monotonic()
        current = {(s.pid, s.start_ticks): s.cpu_ticks for s in tree}
        percent = None
        if self._when is not None and now > self._when:
            # A process that came since counts from its beginning; one that went takes its last moments along.
            used = sum(ticks - self._seen.get(who, 0) for who, ticks in current.items())
            percent = 100 * max(used, 0) / _TICKS / (now - self._when)
        self._seen, self._when = current, now
        return percent, sum(s.rss for s in tree)
