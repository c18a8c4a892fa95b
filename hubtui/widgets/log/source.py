"""Where a merged line is from: each source has a colour and a glyph by its order, the same wherever it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from hubtui.safetext import safe_text

NAME = 16  # cells of a name, at most
_HUES = ("$text-primary", "$text-accent", "$text-success", "$text-secondary", "$text-warning")
_GLYPHS = "●■▲◆▼○□△◇▽"


def hue(index: int) -> str:
    """The colour of the source with this number."""
    return _HUES[index % len(_HUES)]


def glyph(index: int) -> str:
    """Its glyph: sources that share a colour have another one."""
    return _GLYPHS[(index + index // len(_GLYPHS)) % len(_GLYPHS)]


def label(sources: Sequence[str], index: int) -> str:
    """`● web `, as wide for every one of these sources (names, not yet safe text)."""
    return _labels(tuple(sources))[index] if 0 <= index < len(sources) else ""


@lru_cache(maxsize=16)
def _labels(sources: tuple[str, ...]) -> tuple[str, ...]:
    names = [safe_text(name, 200) for name in sources]
    width = min(max(map(cell_len, names), default=0), NAME)
    cut = [name if cell_len(name) <= width else set_cell_size(name, width - 1) + "…" for name in names]
    return tuple(f"{glyph(i)} {set_cell_size(name, width)}" for i, name in enumerate(cut))
