"""Text in a grid of cells: where rows of a width begin, and which characters a window of cells shows.

A character takes the cells that Rich gives it (2 for CJK and emoji, 0 for a mark on the one before it). A wide one is
never split: it moves to the next row, or its half that is in view is a blank.
"""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import get_character_cell_size


class Window(NamedTuple):
    """Characters from `start` up to `end` (not included) take `cells` cells, after `lead` blank ones."""

    start: int
    end: int
    cells: int
    lead: int = 0


def wrapped(text: str, width: int) -> list[Window]:
    """The rows of a text, at least one, none wider than `width` (2 at least)."""
    width = max(width, 2)
    length = len(text)
    if text.isascii():
        return [Window(a, min(a + width, length), min(width, length - a)) for a in range(0, max(length, 1), width)]
    rows: list[Window] = []
    start = cells = 0
    for i, size in enumerate(map(get_character_cell_size, text)):
        if cells + size > width:
            rows.append(Window(start, i, cells))
            start, cells = i, 0
        cells += size
    rows.append(Window(start, length, cells))
    return rows


def window(text: str, left: int, width: int) -> tuple[Window, bool]:
    """What of a text is in the cells from `left` on, `width` of them; and whether more is to the right of these."""
    if text.isascii():
        start, end = min(left, len(text)), min(left + max(width, 0), len(text))
        return Window(start, end, end - start), end < len(text)
    start, at, i = -1, 0, 0
    lead = 0
    for i, size in enumerate(map(get_character_cell_size, text)):
        if start < 0 and at >= left and (size or at == 0):
            start, lead = i, at - left
        if size and at + size > left + width:
            start = i if start < 0 else start
            return Window(start, i, max(at - left - lead, 0), max(lead, 0)), True
        at += size
    start = len(text) if start < 0 else start
    return Window(start, len(text), max(at - left - lead, 0) if start < len(text) else 0, lead), False
