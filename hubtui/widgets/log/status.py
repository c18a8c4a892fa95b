"""What a log view says around its lines: where it is, what it waits for, what is searched and filtered. Pure words."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from hubtui.messages import LogHits, LogStands
from hubtui.widgets.log.line import Manner
from hubtui.widgets.plain import DIM, EMPTY, joined, plain, said

KEY = "bold $text-accent"


@dataclass(frozen=True, slots=True)
class SearchState:
    """A search as it is told: what is looked for, how many were found, and whether the view is on one of them."""

    words: str
    hits: LogHits | None = None


def part(fraction: float) -> str:
    """`38 %`, and neither 0 nor 100 before it is so."""
    percent = round(100 * fraction)
    return f"{min(max(percent, 0 if fraction <= 0 else 1), 100 if fraction >= 1 else 99)} %"


def place_words(stands: LogStands | None, *, following: bool) -> str:
    """`line 4,711 of 10,000,000  47 %`, or as much of it as is known. At the end: only how many there are."""
    if stands is None:
        return ""
    total = f"{stands.total:,}" if stands.total is not None else ""
    if following:
        return f"{total} line{'s' if stands.total != 1 else ''}" if total else ""
    where = f"line {stands.number + 1:,}" if stands.number is not None else ""
    of = f"{where} of {total}" if where and total else where
    return f"{of}  {part(stands.bottom)}".strip()


def manner_words(manner: Manner) -> str:
    """How lines are shown where that is not how they are shown at first: `wrap  raw  17 cells left out`."""
    words = (
        "wrap" if manner.wrap else "",
        "" if manner.readable else "raw",
        f"from column {manner.left + 1}" if manner.left else "",
    )
    return "  ".join(word for word in words if word)


def follow_words(*, following: bool, unseen: int, empty: bool) -> Content:
    """Whether what comes is shown, and else how much came."""
    if following:
        return said("nothing was printed yet", DIM) if empty else said("follow", "$text-success")
    told = f"+{unseen:,} new line{'s' if unseen != 1 else ''}, End to follow" if unseen else "paused, End to follow"
    return said(told, "$text-warning")


def looking_words(looking: float | None) -> Content:
    """`looking ... 38 %` while the reader is at it."""
    return said(f"looking ... {part(looking)}", "$text-accent") if looking is not None else EMPTY


def search_words(search: SearchState | None) -> Content:
    """`/timeout  12 of 340, still counting 61 %`."""
    if search is None:
        return EMPTY
    hits = search.hits
    if hits is None:
        told = "counting ..."
    else:
        told = f"{hits.ordinal:,} of {hits.total:,}" if hits.ordinal is not None else f"{hits.total:,} found"
        if hits.counted < 1:
            told += f", still counting {part(hits.counted)}"
        elif not hits.total:
            told = "nothing found"
    return joined([Content.assemble(said("/", "$text-accent"), plain(search.words, "bold")), said(told)])


def empty_words(*, readable: bool, opened: bool, looking: bool, at_edges: bool, filtered: bool) -> Content:
    """What stands where there is no line, and what to press."""
    if not readable:
        return said("Nothing to show: why is said below.", DIM)
    if not opened or looking or not at_edges:
        return said("reading ..." if not filtered else "looking for lines that pass the filters ...", DIM)
    if filtered:
        return joined([said("No line passes the filters."), said("f", KEY), said("changes them.", DIM)], " ")
    return joined([said("Nothing was printed yet."), said("What comes is shown here by itself.", DIM)], " ")
