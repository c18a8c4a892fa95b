"""Which services a log is of, in words."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from hubtui.widgets.plain import DIM, joined, plain, said

KEY = "bold $text-accent"


def picker(services: Sequence[str], chosen: Sequence[str]) -> Content:
    """`0 all  1 store  2 api ...`, the chosen ones marked."""
    names = [("0", "all", not chosen)] + [(str(i), name, name in chosen) for i, name in enumerate(services, 1)]
    return joined(
        [
            Content.assemble((key if int(key) < 10 else " ", KEY), " ", plain(name, "bold reverse" if on else ""))
            for key, name, on in names
        ]
    )


def whose(chosen: Sequence[str]) -> Content:
    """`all services`, the name of one, or `api + store`."""
    if not chosen:
        return said("all services", "bold")
    if len(chosen) > 3:
        return said(f"{len(chosen)} services", "bold")
    return joined([plain(name, "bold") for name in chosen], " + ")


def choice_row(name: str, on: bool) -> Content:
    """`[x] api`."""
    mark = said("[x] " if on else "[ ] ", "$text-success" if on else DIM)
    return Content.assemble(mark, plain(name, "bold" if on else ""))
