"""What the verbs print: aligned columns, glyph and word, colour only where a person looks, JSON that is safe."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from hubtui.models import Job, JobState, Project, Run, RunState, Service, ServiceState, StepState, local, now
from hubtui.safetext import safe_text
from hubtui.shapes import as_json
from hubtui.widgets.units import size

_JOB = {
    JobState.PENDING: ("○", ""),
    JobState.BUILDING: ("◐", "yellow"),
    JobState.RUNNING: ("◐", "yellow"),
    JobState.RETRY: ("◐", "yellow"),
    JobState.SUCCESS: ("✓", "green"),
    JobState.FAILURE: ("✗", "red"),
    JobState.REVOKED: ("–", ""),
}
_SERVICE = {
    ServiceState.RUNNING: ("●", "green"),
    ServiceState.FAILED: ("✗", "red"),
    ServiceState.EXITED: ("○", ""),
    ServiceState.STOPPED: ("○", ""),
}
_STEP = {StepState.DONE: ("✓", "green"), StepState.CACHED: ("✓", "green"), StepState.FAILED: ("✗", "red")}
_STEP_OTHER = {StepState.WAITING: ("○", ""), StepState.CANCELLED: ("–", "")}


class Cell(str):
    """A text with the colour it has where colours are shown; its width is that of the text."""

    colour: str

    def __new__(cls, text: str, colour: str = "") -> Cell:
        cell = super().__new__(cls, text)
        cell.colour = colour
        return cell


def colours(stream: Any = None) -> bool:
    """Whether this stream shows colours: a terminal that is not dumb, and no NO_COLOR (https://no-color.org)."""
    out = stream or sys.stdout
    return bool(out.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str, stream: Any = None) -> str:
    """`text` in a colour (`dim` counts as one) where the stream shows any."""
    if not colour or not colours(stream):
        return text
    return click.style(text, dim=True) if colour == "dim" else click.style(text, fg=colour)


def line(text: str = "") -> None:
    """One line to stdout, there at once: somebody may wait for it at the other end of a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def warn(message: str, hint: str = "") -> None:
    """`hubtui: message` and what to do next, to stderr."""
    print(f"{paint('hubtui:', 'red', sys.stderr)} {safe_text(message)}", file=sys.stderr)
    for part in hint.splitlines():
        print(f"  {safe_text(part)}", file=sys.stderr)


def note(text: str) -> None:
    """One line to stderr that is no complaint: what stdout holds stays what was asked for."""
    print(paint(safe_text(text), "dim", sys.stderr), file=sys.stderr)


def as_text(value: Any, *, indent: int | None = 2) -> str:
    """A model as JSON text. Nothing in it can act on a terminal: all but printable ASCII is escaped."""
    return json.dumps(as_json(value), indent=indent, ensure_ascii=True).replace("\x7f", "\\u007f")


def print_json(value: Any, *, indent: int | None = 2) -> None:
    """What `--json` prints."""
    line(as_text(value, indent=indent))


def table(rows: Sequence[Sequence[str]], *, header: Sequence[str] = ()) -> None:
    """Rows in aligned columns. Cells pass `safe_text` here, so callers give them as they came."""
    cells = [[_safe(c) for c in row] for row in rows]
    head = [Cell(h, "dim") for h in header]
    all_rows = [head, *cells] if head else cells
    if not all_rows:
        return
    widths = [max(map(_width, column)) for column in zip(*all_rows, strict=True)]
    for row in all_rows:
        shown = [paint(c, c.colour) + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True)]
        print("  ".join(shown).rstrip())
    sys.stdout.flush()


def _safe(cell: str) -> Cell:
    return Cell(safe_text(cell), cell.colour if isinstance(cell, Cell) else "")


def _width(text: str) -> int:
    """Terminal columns of a safe text."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def project_cell(project: Project) -> Cell:
    """How a project stands: what is being done to it, else its run, as glyph and word."""
    job = project.job
    if job is not None and not job.finished:
        return _glyph(_JOB[job.state], f"{job.type} {job.state} {job.progress} %")
    return run_cell(project.run)


def run_cell(run: Run | None) -> Cell:
    """How a run stands, as glyph and word."""
    if run is None:
        return Cell("○ never started")
    if run.active and run.runner.responsive is False:
        return Cell(f"◐ {run.state}, its runner is silent", "yellow")
    if run.state is RunState.UP:
        return Cell("● up", "green")
    if run.active:
        return Cell(f"◐ {run.state}", "yellow")
    if run.end_reason is None or run.end_reason == "stopped":
        return Cell("○ stopped")
    return Cell(f"✗ {run.end_reason}", "red")


def job_cell(job: Job) -> Cell:
    """A job's state as glyph and word."""
    return state_cell(job.state)


def state_cell(state: JobState) -> Cell:
    """The state of a job, or of one try at it."""
    return _glyph(_JOB[state], state)


def service_cell(service: Service) -> Cell:
    """A service's state as glyph and word."""
    return _glyph(_SERVICE.get(service.state, ("◐", "yellow")), service.state)


def step_cell(state: StepState) -> Cell:
    """A step's state as a glyph."""
    glyph, colour = _STEP.get(state) or _STEP_OTHER.get(state, ("◐", "yellow"))
    return Cell(glyph, colour)


def _glyph(shape: tuple[str, str], word: str) -> Cell:
    return Cell(f"{shape[0]} {word}", shape[1])


def job_name(job: Job) -> str:
    """`start #12 harbor`, `restart #13 harbor/web`."""
    services = "/" + ",".join(job.services) if job.services else ""
    return f"{job.type} #{job.id} {job.project}{services}"


def clock(time: datetime | None) -> str:
    """A time of today as 12:00:01, of another day with its date, in the zone of the person who looks."""
    if time is None:
        return "-"
    there = local(time)
    return there.strftime("%H:%M:%S" if there.date() == local(now()).date() else "%Y-%m-%d %H:%M")


def span(begun: datetime | None, ended: datetime | None = None) -> str:
    """How long something took, or has taken until now."""
    if begun is None:
        return "-"
    return duration(((ended or now()) - begun).total_seconds())


def duration(length: float | None) -> str:
    """Seconds as people say them; a clock that went back counts as nothing, "-" is unknown."""
    if length is None:
        return "-"
    seconds = max(0.0, length)
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def about(seconds: float) -> str:
    """What is left of something: about 40 s left, about 2 min left."""
    if seconds < 90:
        return f"about {max(10, round(seconds, -1)):.0f} s left"
    return f"about {seconds / 60:.0f} min left"


def percent(share: float | None) -> str:
    """A share of 1: 12 %; below one in a hundred <1 %; "-" is unknown."""
    if share is None:
        return "-"
    return "<1 %" if 0 < share < 0.01 else f"{share * 100:.0f} %"


def memory(count: int | None) -> str:
    """Bytes: 48 M; "-" is unknown."""
    return size(count) or "-"
