"""Finding the lines of a block of whole lines: where each begins and ends, and which of them a match means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hubtui.logs.files.segment import next_edge

Span = tuple[int, int, int]
"""Where a line begins, where its text ends, and where the next one begins, in bytes from the beginning of a block."""


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


def at_offsets(data: bytes, base: int, piece: int, offsets: Iterable[int]) -> Iterator[Span]:
    """The lines that these ascending offsets are in, each once."""
    after = 0
    size = len(data)
    for offset in offsets:
        if offset < after or offset >= size:
            continue
        at = data.rfind(b"\n", after, offset) + 1 or after
        newline = data.find(b"\n", offset)
        end, after = (newline, newline + 1) if newline >= 0 else (size, size)
        if end - at <= piece:
            yield at, end, after
            continue
        for span in _pieces(at, end, after, base, piece):
            if span[2] > offset:
                yield span
                after = span[2]
                break


def _pieces(at: int, end: int, after: int, base: int, piece: int) -> Iterator[Span]:
    edge = next_edge(base + at, piece) - base
    while edge < end:
        yield at, edge, edge
        at, edge = edge, edge + piece
    yield at, end, after
