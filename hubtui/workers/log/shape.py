"""How a reader looks at lines through filters."""

from __future__ import annotations

from hubtui.logs.filters import Filters
from hubtui.logs.levels import level_of
from hubtui.logs.lines import Lines
from hubtui.workers.log.wishes import Shape, unshaped


def shape_of(filters: Filters, around: int) -> Shape:
    """Lines as these filters leave them, with so many around each; as they are where nothing is filtered."""
    if not filters.active:
        return unshaped

    def shape(lines: Lines) -> Lines:
        from hubtui.logs.filtered import Filtered

        return Filtered(lines, filters, level_of, around)

    return shape
