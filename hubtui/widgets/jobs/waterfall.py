"""The waterfall of one attempt: every step as a bar on one axis of time, the critical chain marked; model -> Content.

STEP                0:00            0:25           0:50  FROM   TOOK
◆✓ build web        ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓              0:00   41 s  +9 s
 ✓ core             waited 2.1 s for postgres to be h…   0:43  6.0 s
◆✓   backend        ░░░░░░░░░░░░░░░░░░░░░░░░▓▓▓▓▓▓▓▓▓    0:43  6.0 s
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from hubtui.models import Step, StepState
from hubtui.timeaxis import Row, TimeAxis, cells, time_axis
from hubtui.widgets.jobs.axis_words import AT_GATE, AT_WORK, CRITICAL, chain_words, figures, gate_words, ticks
from hubtui.widgets.jobs.words import wrapped
from hubtui.widgets.plain import DIM, fit, plain, right, said
from hubtui.widgets.words import BAD, BOLD, BUSY, STEP_MARKS

_ON_CHAIN = "bold $text-accent"


@dataclass(frozen=True, slots=True)
class _Columns:
    """Widths in cells: name, axis, and the three figures at the right."""

    name: int
    axis: int
    begin: int
    took: int
    grew: int


def waterfall(steps: Sequence[Step], now: datetime, width: int, earlier: Sequence[Step] = ()) -> list[Content]:
    """The lines for the steps of one attempt; `earlier` are those of the last good run."""
    found = time_axis(steps, now, earlier)
    columns = _columns(found, width)
    rows = [_head(found, columns, width), *(fit(_line(row, found, columns), width) for row in found.rows)]
    if words := chain_words(found):
        told = Content.assemble((f"{CRITICAL} critical chain: ", _ON_CHAIN), plain(words))
        rows += [*wrapped(told, width, "  ", most=4)]
    if any(row.waited for row in found.rows):
        rows.append(fit(said(f"{AT_WORK} at work  {AT_GATE} waits for what it depends on", DIM), width))
    return rows


def _columns(found: TimeAxis, width: int) -> _Columns:
    told = [figures(row) for row in found.rows]
    begin, took, grew = (max((len(figure[i]) for figure in told), default=0) for i in range(3))
    longest = max((4 + 2 * row.depth + plain(row.step.name).cell_length for row in found.rows), default=8)
    begin, took = max(begin, 4), max(took, 4)
    rest = begin + took + 3 + (grew + 1 if grew else 0)
    name = min(longest, max((width - rest) * 2 // 5, 8))
    return _Columns(name, max(width - name - rest, 0), begin, took, grew)


def _head(found: TimeAxis, columns: _Columns, width: int) -> Content:
    parts: list[Content | str] = [fit(said("STEP"), columns.name), " ", said(ticks(found.seconds, columns.axis)), " "]
    parts += [right(said("FROM"), columns.begin), " ", right(said("TOOK"), columns.took)]
    return fit(Content.assemble(*parts).stylize(DIM), width)


def _line(row: Row, found: TimeAxis, columns: _Columns) -> Content:
    mark = STEP_MARKS[row.step.state]
    style = _ON_CHAIN if row.critical else BOLD if row.stage else "" if row.begin is not None else DIM
    glyph = (CRITICAL, _ON_CHAIN) if row.critical else " "
    name = Content.assemble(glyph, (mark.glyph, mark.style), " ", "  " * row.depth, plain(row.step.name, style))
    begin, took, grew = figures(row)
    parts: list[Content | str] = [fit(name, columns.name), " "]
    parts += [fit(_bar(row, found, columns.axis), columns.axis), " "]
    parts += [right(said(begin, DIM), columns.begin), " "]
    parts += [right(said(took, style if row.critical else ""), columns.took)]
    parts += [" ", right(said(grew, BUSY), columns.grew)] if columns.grew else []
    return Content.assemble(*parts)


def _bar(row: Row, found: TimeAxis, width: int) -> Content:
    if row.begin is None:
        return plain(row.step.message or STEP_MARKS[row.step.state].word, DIM)
    blank, waits, works = cells(row, found.seconds, width)
    if row.stage:
        return plain(gate_words(row), DIM) if gate_words(row) else said(" " * (blank + waits) + "─" * works, DIM)
    return Content.assemble(" " * blank, (AT_GATE * waits, DIM), (AT_WORK * works, _style(row)))


def _style(row: Row) -> str:
    if row.step.state is StepState.FAILED:
        return BAD
    if row.critical:
        return _ON_CHAIN
    return BUSY if row.step.state is StepState.RUNNING else "$text-primary"
