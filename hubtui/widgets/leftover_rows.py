"""What a project has on its Docker engine: a row each, and what is to be known of the one under the cursor."""

from __future__ import annotations

from collections.abc import Collection

from textual.content import Content

from hubtui.stacks.engines.compose.leftovers import Leftover
from hubtui.widgets.plain import DIM, fit, lines, plain, said
from hubtui.widgets.units import size
from hubtui.widgets.words import exact

KINDS = {"built": "image", "pulled": "image", "cache": "build cache"}
COSTS = {
    "container": "What it wrote outside its volumes goes with it; its log stays here.",
    "network": "Made again by the next start.",
    "built": "Built again by the next start.",
    "pulled": "Pulled again by the next start.",
    "cache": "Builds of every project on this engine start from nothing.",
    "volume": "Its data is nowhere else. It cannot be had back.",
}


def leftover_row(one: Leftover, words: Collection[str], width: int) -> Content:
    """`[x] image        shop-web:latest     12 M   built for web`."""
    goes = one.goes(words)
    danger = "$text-error" if one.kind == "volume" else "$text-warning"
    mark = said("[x] " if goes else "[ ] ", danger if goes else DIM)
    kind = fit(said(KINDS.get(one.kind, one.kind), DIM), 12)
    weight = "" if one.kind == "network" else size(one.bytes) if one.bytes is not None else "?"
    name = fit(plain(one.name, "bold" if goes else ""), 24)
    return fit(Content.assemble(mark, kind, name, " ", fit(said(weight), 7), plain(one.kept or one.note, DIM)), width)


def leftover_note(one: Leftover, words: Collection[str], cost: float | None, width: int) -> Content:
    """Whether it goes, and what that costs."""
    told = COSTS.get(one.kind, "")
    if one.kept:
        told = f"It stays: {one.kept}."
    elif one.kind == "built" and cost is not None:
        told = f"{told} That takes {exact(cost)}, as before."
    elif not one.goes(words):
        told = f"It stays, unless it is switched on. {told}"
    return lines([fit(plain(one.name), width), fit(plain(told, DIM), width)])
