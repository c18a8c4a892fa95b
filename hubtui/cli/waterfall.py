"""`hubtui job ID --waterfall`: the job's last attempt as bars on an axis of time, in plain text."""

from __future__ import annotations

import shutil
import sqlite3
import sys

from hubtui.cli import output
from hubtui.models import Job, now
from hubtui.safetext import safe_text
from hubtui.store import lastgood, steps
from hubtui.timeaxis import Row, TimeAxis, cells, time_axis
from hubtui.widgets.jobs.axis_words import AT_GATE, AT_WORK, CRITICAL, chain_words, compared, figures, gate_words, ticks

_SCREEN = 100  # the width where no terminal says its own


def show(con: sqlite3.Connection, job: Job) -> None:
    """Print it."""
    its = steps.OF_LAST_ATTEMPT.all(con, job.id)
    good = lastgood.OF_ITS_KIND.first(con, job.id)
    earlier = steps.OF_LAST_ATTEMPT.all(con, good.id) if good is not None else []
    until = job.finished_at or now()
    found = time_axis(its, until, earlier)
    cell = output.job_cell(job)
    took = compared(job, good, (until - job.started_at).total_seconds()) if job.started_at else "not begun"
    output.line(f"{safe_text(output.job_name(job))}  {output.paint(cell, cell.colour)}  {took}")
    if not found.rows:
        return
    head, rows = _table(found)
    output.table(rows, header=head)
    if words := chain_words(found):
        output.line(f"{CRITICAL} critical chain: {safe_text(words)}")


def _table(found: TimeAxis) -> tuple[list[str], list[list[str]]]:
    """Its head and its rows; the axis has what the other columns leave."""
    screen = shutil.get_terminal_size((_SCREEN, 24)).columns if sys.stdout.isatty() else _SCREEN
    names = [_cut("  " * row.depth + safe_text(row.step.name), screen * 3 // 10) for row in found.rows]
    told = [figures(row) for row in found.rows]
    taken = max(map(len, names)) + sum(max(len(figure[i]) for figure in told) for i in range(3)) + 14
    width = max(screen - taken, 10)
    rows = [
        [CRITICAL if row.critical else " ", output.step_cell(row.step.state), name, _bar(row, found, width), *figure]
        for row, name, figure in zip(found.rows, names, told, strict=True)
    ]
    return ["", "", "STEP", ticks(found.seconds, width), "FROM", "TOOK", ""], rows


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _bar(row: Row, found: TimeAxis, width: int) -> str:
    if row.begin is None:
        return ""
    if row.stage and (words := gate_words(row)):
        return _cut(safe_text(words), width)
    blank, waits, works = cells(row, found.seconds, width)
    if row.stage:
        return " " * (blank + waits) + "─" * works
    return " " * blank + AT_GATE * waits + AT_WORK * works
