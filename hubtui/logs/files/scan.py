"""Finding the lines of a block of whole lines: where each begins and ends."""

from __future__ import annotations

from collections.abc import Iterator

from hubtui.logs.block import Span
from hubtui.logs.files.segment import next_edge


def forwards(data: bytes, base: int, piece: int) -> Iterator[Span]:
    """The lines of a block that lies at `base` in its file."""
    at = 0
    size = len(data)
    while at < size:
        newline = data.find(b"\n", at)
        end, after = (newline, newline + 1) if newline >= 0 else (size, size)
        if end - at > piece:
            yield from _pieces(at, end, after, base, piece)
        else:
            yield at, end, after
        at = after


def backwards(data: bytes, base: int, piece: int) -> Iterator[Span]:
    """The same, the last one first."""
    after = len(data)
    while after > 0:
        end = after - (data[after - 1] == 10)
        at = data.rfind(b"\n", 0, end) + 1
        if end - at > piece:
            yield from reversed(list(_pieces(at, end, after, base, piece)))
        else:
            yield at, end, after
        after = at


def _pieces(at: int, end: int, after: int, base: int, piece: int) -> Iterator[Span]:
    edge = next_edge(base + at, piece) - base
    while edge < end:
        yield at, edge, edge
        at, edge = edge, edge + piece
    yield at, end, after
