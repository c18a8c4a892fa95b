"""The rows of lines as a log view paints them, remembered as long as nothing about how they look changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rich.segment import Segment
from textual.cache import LRUCache
from textual.strip import Strip

from hubtui.logs.lines import Line, Place
from hubtui.widgets.log.ink import Palette
from hubtui.widgets.log.line import Manner, rows
from hubtui.widgets.plain import DIM

KEPT = 512  # lines


class Rows:
    """`palette` makes the palette of a line, or of the one under the cursor."""

    def __init__(self, palette: Callable[[bool], Palette]) -> None:
        self.manner = Manner(width=None)
        self._make_palette = palette
        self._palettes: dict[bool, Palette] = {}
        self._kept: LRUCache[tuple[Place, Place, bool, bool], list[Strip]] = LRUCache(KEPT)

    def look(self, **changes: Any) -> None:
        """Show lines in another manner (the fields of Manner)."""
        self.manner = replace(self.manner, **changes)
        self._kept.clear()

    def forget(self) -> None:
        """Colours have changed."""
        self._palettes.clear()
        self._kept.clear()

    def of(self, line: Line, *, cursor: bool = False) -> list[Strip]:
        """The rows of a line, at least one."""
        key = line.place, line.after, line.hit, cursor  # a file written anew begins at the place where the old one did
        found = self._kept.get(key)
        if found is None:
            palette = self._palette(cursor)
            found = rows(line, self.manner, palette)
            if line.stream == "hub" and len(found) == 1:
                found = [_ruled(found[0], palette)]
            self._kept[key] = found
        return found

    def tall(self, line: Line) -> int:
        """How many rows a line takes."""
        return len(self.of(line)) if self.manner.wrap else 1

    def _palette(self, cursor: bool) -> Palette:
        palette = self._palettes.get(cursor)
        if palette is None:
            palette = self._palettes[cursor] = self._make_palette(cursor)
        return palette


def _ruled(strip: Strip, palette: Palette) -> Strip:
    """A marker of hubtui's own (a run began, a file was rotated) goes on as a line over the whole width."""
    text = strip.text
    blank = len(text) - len(text.rstrip(" "))
    if blank < 3:
        return strip
    kept = strip.crop(0, strip.cell_length - blank + 1)
    return Strip.join([kept, Strip([Segment("─" * (blank - 1), palette.style(DIM))], blank - 1)])
