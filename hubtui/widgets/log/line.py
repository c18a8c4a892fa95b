"""One line of a log as rows of cells, ready for a widget's `render_line`: pure, and quick enough for every frame."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from hubtui.logs.lines import Line
from hubtui.widgets.log.cells import window, wrapped
from hubtui.widgets.log.clock import Times, clock
from hubtui.widgets.log.ink import Look, Palette
from hubtui.widgets.log.source import hue, label
from hubtui.widgets.log.text import Run, body
from hubtui.widgets.plain import DIM

HITS = 1000  # of one line, shown
_LOOKED_AT = 20  # hits of a line of which it is asked whether they are in view
STDERR = "!"
MARK = "★"
_PLAIN: Look = ""
_end = itemgetter(1)


@dataclass(frozen=True, slots=True)
class Manner:
    """How the lines of a view are shown. `width` None: one row as long as the line. `left`: cells of the text that are
    out of view where lines are not wrapped; what stands before the text stays. `sources`: shown where they are several.
    `find`: where a search finds something in the text that is shown. `streams`: what came from stderr has a sign.
    `marked`: which lines the user has marked; they and all others begin with a column for it."""

    width: int | None
    wrap: bool = False
    left: int = 0
    times: Times = "off"
    now: float = 0.0
    sources: tuple[str, ...] = ()
    readable: bool = True
    streams: bool = True
    find: Callable[[str], Iterable[tuple[int, int]]] | None = None
    marked: Callable[[Line], bool] | None = None


def rows(line: Line, manner: Manner, palette: Palette) -> list[Strip]:
    """The rows of a line, each exactly `width` cells. A long line that is not wrapped ends in …"""
    before, marks = _before(line, manner)
    text, runs = body(line, readable=manner.readable)
    hits = _hits(text, manner)
    if manner.width is not None and not manner.wrap:
        return [_one_row(before, marks, text, runs, hits, manner, palette)]
    if before:
        by = len(before)
        text = before + text
        runs = [*marks, *((start + by, end + by, look) for start, end, look in runs)]
        hits = [(start + by, end + by) for start, end in hits]
    if manner.width is None:
        return [Strip(_segments(text, runs, hits, 0, len(text), palette))]
    return [
        _strip(_segments(text, runs, hits, row.start, row.end, palette), row.cells, manner.width, palette)
        for row in wrapped(text, manner.width)
    ]


def shown(line: Line, manner: Manner) -> str:
    """The whole text of what `rows` shows, as one line: to copy or to search."""
    return _before(line, manner)[0] + body(line, readable=manner.readable)[0]


def left_for_hit(line: Line, manner: Manner, step: int) -> int:
    """How far to the right to look, in steps of so many cells where that will do, to see what the search finds in a
    line that is not wrapped: as far as now where one of its hits is in view, else as little as brings in the first."""
    text, _ = body(line, readable=manner.readable)
    hits = _hits(text, manner)
    room = max((manner.width or 0) - cell_len(_before(line, manner)[0]) - 1, 1)  # without the … at its end
    cells = [(cell_len(text[:start]), cell_len(text[:end])) for start, end in hits[:_LOOKED_AT]]
    if not cells or any(manner.left <= first and last <= manner.left + room for first, last in cells):
        return manner.left
    first, last = cells[0]
    left = -(-max(last - room, 0) // step) * step
    return min(left, first)


def tall(line: Line, manner: Manner) -> int:
    """How many rows a line takes."""
    return len(wrapped(shown(line, manner), manner.width)) if manner.wrap and manner.width is not None else 1


def _before(line: Line, manner: Manner) -> tuple[str, list[Run]]:
    """What stands before the text: the user's mark, time, source, a sign of what came from stderr."""
    parts: list[tuple[str, str]] = []
    if manner.marked is not None:
        parts.append((MARK, "bold $text-accent") if manner.marked(line) else (" ", ""))
    if manner.times != "off":
        parts.append((clock(line.time, manner.times, manner.now), DIM))
    if len(manner.sources) > 1:
        if parts:
            parts.append((" ", ""))
        parts += [(label(manner.sources, line.source), hue(line.source)), (" │", DIM)]
    if parts or manner.streams:
        parts.append((STDERR, "bold $text-warning") if line.stream == "err" and manner.streams else (" ", ""))
    runs: list[Run] = []
    length = 0
    for text, look in parts:
        if look:
            runs.append((length, length + len(text), look))
        length += len(text)
    return "".join([text for text, _ in parts]), runs


def _hits(text: str, manner: Manner) -> list[tuple[int, int]]:
    """What the search finds, in order, never overlapping, within the text."""
    found: list[tuple[int, int]] = []
    done = 0
    for start, end in manner.find(text) if manner.find else ():
        start, end = max(start, done), min(end, len(text))
        if start < end:
            found.append((start, end))
            done = end
            if len(found) == HITS:
                break
    return found


def _one_row(
    before: str,
    marks: Sequence[Run],
    text: str,
    runs: Sequence[Run],
    hits: Sequence[tuple[int, int]],
    manner: Manner,
    palette: Palette,
) -> Strip:
    width = manner.width or 0
    taken = cell_len(before)
    if taken >= width:
        part, _ = window(before, 0, width)
        return _strip(_segments(before, marks, (), part.start, part.end, palette), part.cells, width, palette)
    room = width - taken
    part, more = window(text, manner.left, room)
    if more:
        part, _ = window(text, manner.left, room - 1)
    segments = _segments(before, marks, (), 0, len(before), palette)
    if part.lead:
        segments.append(Segment(" " * part.lead, palette.plain))
    segments += _segments(text, runs, hits, part.start, part.end, palette)
    cells = taken + part.lead + part.cells
    if more:  # a blank where half a wide character would stand
        segments.append(Segment("…".rjust(width - cells), palette.style(DIM)))
        cells = width
    return _strip(segments, cells, width, palette)


def _strip(segments: list[Segment], cells: int, width: int, palette: Palette) -> Strip:
    if cells < width:
        segments.append(Segment(" " * (width - cells), palette.plain))
    return Strip(segments, max(cells, width))


def _segments(
    text: str, runs: Sequence[Run], hits: Sequence[tuple[int, int]], start: int, end: int, palette: Palette
) -> list[Segment]:
    """The characters from `start` up to `end` with their styles."""
    if not runs and not hits:
        return [Segment(text[start:end], palette.plain)] if start < end else []
    out: list[Segment] = []
    i, j = bisect_right(runs, start, key=_end), bisect_right(hits, start, key=_end)
    while start < end:
        while i < len(runs) and runs[i][1] <= start:
            i += 1
        while j < len(hits) and hits[j][1] <= start:
            j += 1
        stop, look, hit = end, _PLAIN, False
        if i < len(runs):
            first, last, of_run = runs[i]
            stop, look = (min(stop, last), of_run) if first <= start else (min(stop, first), look)
        if j < len(hits):
            first, last = hits[j]
            stop, hit = (min(stop, last), True) if first <= start else (min(stop, first), False)
        out.append(Segment(text[start:stop], palette.style(look, hit=hit)))
        start = stop
    return out
