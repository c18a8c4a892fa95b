"""The steps of one attempt on a time axis: when each began, how long it took, what it had waited for before.

Numbers only; `widgets/jobs/waterfall.py` and `hubtui job --waterfall` draw them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hubtui.criticalchain import AT_ONCE, Span, chain, latest, leaves, span
from hubtui.models import Step
from hubtui.steptree import as_tree

SOON = 0.5  # seconds between the end of what a service waited for and its own begin, at most
GREW, BY, MOST = 1.0, 0.2, 3  # a step has grown by a second and a fifth at least; so many are named


@dataclass(frozen=True, slots=True)
class Row:
    """One step on the axis. Seconds: `begin` since the attempt began, `took`, `waited` before it began (services wait
    for their gates from the moment the first one starts), `grew` beside the last good run. None: not known, or not
    yet. `gate` is the step it waited for."""

    step: Step
    depth: int
    stage: bool
    begin: float | None = None
    took: float | None = None
    waited: float = 0.0
    gate: Step | None = None
    critical: bool = False
    grew: float | None = None


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """All steps of an attempt; `seconds` is the length of its axis, `chain` its critical chain with what each took."""

    rows: tuple[Row, ...] = ()
    seconds: float = 0.0
    chain: tuple[tuple[Step, float], ...] = ()


def time_axis(steps: Sequence[Step], now: datetime, earlier: Sequence[Step] = ()) -> TimeAxis:
    """The steps of one attempt as rows, each after its parent; `earlier` are the steps of the last good run."""
    spans = {step.id: found for step in steps if (found := span(step, now)) is not None}
    if not spans:
        return TimeAxis(tuple(Row(step, depth, _is_stage(step)) for depth, step in as_tree(steps)))
    zero = min(found.begin for found in spans.values())
    length = max(found.end for found in spans.values()) - zero
    on_chain = chain(steps, now)
    critical = {step.id for step in on_chain}
    grew = _grown(steps, spans, earlier)
    gates = _gates(steps, spans)
    rows = []
    for depth, step in as_tree(steps):
        found = spans.get(step.id)
        began, took = (found.begin - zero, found.seconds) if found else (None, None)
        waited, gate = gates.get(step.id, (0.0, None))
        about = step.id in critical, grew.get(step.id)
        rows.append(Row(step, depth, _is_stage(step), began, took, waited, gate, *about))
    return TimeAxis(tuple(rows), length, tuple((step, spans[step.id].seconds) for step in on_chain))


def _is_stage(step: Step) -> bool:
    return step.key.startswith("stage:")


def _gates(steps: Sequence[Step], spans: Mapping[int, Span]) -> dict[int, tuple[float, Step | None]]:
    """For each service that had to wait, and for the stage that began with it: how long, and for which other."""
    begun = [step for step in steps if step.key.startswith("service:") and step.id in spans]
    first = min((spans[step.id].begin for step in begun), default=0.0)
    found: dict[int, tuple[float, Step | None]] = {}
    for step in sorted(begun, key=lambda s: (spans[s.id].begin, s.key), reverse=True):
        begin = spans[step.id].begin
        before = [s for s in begun if s is not step and begin - SOON <= spans[s.id].end <= begin + AT_ONCE]
        gate = latest(before, spans) if before else None
        waited = begin - first if begin - first > AT_ONCE else 0.0
        found[step.id] = waited, gate if waited else None
        if step.parent is not None:
            found[step.parent] = found[step.id]  # in the end that of its first
    return found


def _grown(steps: Sequence[Step], spans: Mapping[int, Span], earlier: Sequence[Step]) -> dict[int, float]:
    """By how many seconds the steps that grew most took longer than in the last good run."""
    before = {path: _took(step) for path, step in _paths(earlier).items()}
    more = {
        step.id: spans[step.id].seconds - before[path]
        for path, step in _paths(steps).items()
        if path in before and step.id in spans
    }
    big = {i: grew for i, grew in more.items() if grew >= max(GREW, BY * (spans[i].seconds - grew))}
    return dict(sorted(big.items(), key=lambda found: -found[1])[:MOST])


def _paths(steps: Sequence[Step]) -> dict[tuple[str, str], Step]:
    """Steps without others below them, by what is the same in every run: their names, since keys may be ids."""
    names = {step.id: step.name for step in steps}
    return {(names.get(step.parent or 0, ""), step.name): step for step in leaves(steps)}


def _took(step: Step) -> float:
    if step.started_at is None or step.finished_at is None:
        return 0.0
    return max((step.finished_at - step.started_at).total_seconds(), 0.0)


def cells(row: Row, seconds: float, width: int) -> tuple[int, int, int]:
    """(blank, waiting, at work): how many of the `width` cells of an axis of `seconds` each of them takes. A step that
    has begun has one cell at least; one that has not has none."""
    if row.begin is None or row.took is None or width < 1:
        return 0, 0, 0
    scale = width / seconds if seconds > 0 else 0.0
    start = min(int(row.begin * scale), width - 1)
    end = min(max(math.ceil((row.begin + row.took) * scale - 1e-9), start + 1), width)
    waits = min(max(int((row.begin - row.waited) * scale), 0), start)
    return waits, start - waits, end - start
