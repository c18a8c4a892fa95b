"""The steps of a job, one line a stage, as pure functions; `presentation` shows them while the job runs, the job screen
shows all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from hubtui.models import ProjectView, Service, ServiceState, Step, StepState, as_tree
from hubtui.widgets.plain import DIM, fit, joined, lines, plain, said, spread
from hubtui.widgets.words import BAD, STEP_MARKS, elapsed, took

_OVER = (StepState.DONE, StepState.CACHED)


def stage_lines(steps: Sequence[Step], now: datetime, width: int, height: int = 99) -> Content:
    """Each top step on one line with those below it; what is under way is never among those cut off."""
    tops = [step for step in steps if step.parent is None]
    name_width = min(max((len(step.name) for step in tops), default=0), 16)
    rows = [_stage(top, _below(steps, top), now, width, name_width) for top in tops]
    if len(rows) > height > 0:
        live = [i for i, top in enumerate(tops) if top.state in (StepState.RUNNING, StepState.FAILED)]
        first = min(max((live[0] if live else 0) - 1, 0), len(rows) - height)
        hidden = len(rows) - height
        rows = rows[first : first + height]
        rows[-1] = spread(rows[-1], said(f"+{hidden} more", DIM), width)
    return lines(rows)


def _below(steps: Sequence[Step], top: Step) -> list[Step]:
    return [step for step in steps if step.parent == top.id]


def _stage(top: Step, below: Sequence[Step], now: datetime, width: int, name_width: int) -> Content:
    mark = STEP_MARKS[top.state]
    name = fit(plain(top.name, "" if top.state is not StepState.WAITING else DIM), name_width)
    head = Content.assemble((mark.glyph, mark.style), " ", name, "  ")
    row = head + joined([step_words(step, now) for step in below] or [step_rest(top, now)], "   ")
    over = [step for step in below if step.state in _OVER]
    if row.cell_length > width and over and len(over) < len(below):  # what is under way matters, not what was
        rest = [step_words(step, now) for step in below if step not in over]
        row = head + joined([said(f"✓ {len(over)}", DIM), *rest], "   ")
    return fit(row, width)


def step_words(step: Step, now: datetime) -> Content:
    """`postgres 2.1 s`, `backend ◐ pip install 48 s`, `frontend waits for backend`."""
    style = {StepState.WAITING: DIM, StepState.CANCELLED: DIM, StepState.FAILED: BAD}.get(step.state, "")
    return joined([plain(step.name, style), step_rest(step, now)], " ")


def step_rest(step: Step, now: datetime) -> Content:
    """What there is to say of a step after its name."""
    if step.state is StepState.RUNNING:
        clock = elapsed((now - step.started_at).total_seconds()) if step.started_at else ""
        return joined([plain(step.message, DIM), said(clock, "$text-warning")], " ")
    if step.state in (StepState.WAITING, StepState.CANCELLED):
        return plain(step.message or STEP_MARKS[step.state].word, DIM)
    time = took(step.started_at, step.finished_at)
    if step.state is StepState.FAILED:
        return joined([said("failed", BAD), said(f"after {time}" if time else "", DIM)], " ")
    return said("cached" if step.cached else time, DIM)


def tree_lines(steps: Sequence[Step], now: datetime, width: int) -> list[Content]:
    """Every step on a line of its own, indented below its parent: the job screen's rows."""
    return [_row(step, depth, now, width) for depth, step in as_tree(steps)]


def _row(step: Step, depth: int, now: datetime, width: int) -> Content:
    mark = STEP_MARKS[step.state]
    name = fit(plain(step.name), max(22 - 2 * depth, 8))
    said_of_it = joined([step_rest(step, now), plain(step.message if _has_told(step) else "", DIM)])
    return fit(Content.assemble("  " * depth, (mark.glyph, mark.style), " ", name, " ", said_of_it), width)


def _has_told(step: Step) -> bool:
    return step.state in (StepState.DONE, StepState.CACHED, StepState.FAILED)


def failed_step(of_job: Sequence[Step]) -> str:
    """`core › worker`: where a job failed; "" where nothing did."""
    failed = [step for step in of_job if step.state is StepState.FAILED]
    names = {step.id: step.name for step in of_job}
    leaf = next((step for step in failed if not any(s.parent == step.id for s in failed)), None)
    if leaf is None:
        return ""
    return f"{names[leaf.parent]} › {leaf.name}" if leaf.parent in names else leaf.name


def failed_service(view: ProjectView) -> str | None:
    """The service whose last words explain the failure: the failed step's, else one that failed or exited badly."""
    leaf = failed_step(view.steps).rpartition(" › ")[2]
    names = [service.name for service in view.services]
    if leaf in names:
        return leaf
    return next((service.name for service in view.services if _has_failed(service)), None)


def _has_failed(service: Service) -> bool:
    badly = service.state is ServiceState.EXITED and service.exit_code not in (0, None)
    return service.state is ServiceState.FAILED or badly
