"""All lines of several parts in the order of their times, from a cut on or before it."""

from __future__ import annotations

import heapq
import time
from collections.abc import Sequence

from hubtui.logs.lines import Chunk, Line
from hubtui.logs.merge.cursor import Cursor, Cut, Key, given
from hubtui.logs.merge.part import Part


def walk(parts: Sequence[Part], cut: Cut, n: int, *, back: bool, until: float) -> Chunk:
    """All lines from a cut on, or before it, `n` at most."""
    cursors = [Cursor(part, place, back, None) for part, place in zip(parts, cut, strict=True)]
    batch = max(2 * n // max(len(parts), 1), 8)
    heap: list[Key] = []
    for cursor in cursors:
        cursor.fill(batch, until)
        if cursor.held:
            heap.append(cursor.rank)
    heapq.heapify(heap)
    now, there = list(cut), cut
    found: list[Line] = []
    while heap and len(found) < n:
        one = cursors[abs(heap[0][1])]
        line = one.held.popleft()[1]
        now[one.part.index] = line.place if back else line.after
        before, there = there, tuple(now)
        found.append(one.part.outer(line, there, before) if back else one.part.outer(line, before, there))
        if not one.held and not one.done:
            if time.monotonic() >= until:
                return given(found, there, back, False)
            one.fill(batch, until)
        if one.held:
            heapq.heapreplace(heap, one.rank)
        else:
            heapq.heappop(heap)
    return given(found, there, back, not heap)
