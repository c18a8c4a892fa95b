"""The steps of a job, one line a stage, as pure functions; `presentation` shows them while the job runs, the job screen
shows all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from hubtui.models import ProjectView, Service, ServiceState, Step, StepState
from hubtui.steptree import as_tree
from hubtui.widgets.plain import DIM, fit, joined, lines, plain, said, spread
from hubtui.widgets.words import BAD, STEP_MARKS, elapsed, took

_OVER = (StepState.DONE, StepState.CACHED)


def stage_lines(steps: Sequence[Step], now: datetime, width: int, height: int = 99) -> Content:
    """Each top step on one line with those below it. Where there are too many, what was done first becomes one line;
    what is under way is never among those cut off."""
    tops = [step for step in steps if step.parent is None]
    name_width = min(max((len(step.name) for step in tops), default=0), 16)
    folded = _to_fold(tops, height)
    rows = [_stage(top, _below(steps, top), now, width, name_width) for top in tops[folded:]]
    if folded:
        rows.insert(0, _fold(tops[:folded], width))
    if len(rows) > height > 0:
        live = [i for i, top in enumerate(tops[folded:]) if top.state in (StepState.RUNNING, StepState.FAILED)]
        first = min(max((live[0] if live else 0) - 1, 0), len(rows) - height)
        hidden = len(rows) - height
        rows = rows[first : first + height]
        rows[-1] = spread(rows[-1], said(f"+{hidden} more", DIM), width)
    return lines(rows)


def _to_fold(tops: Sequence[Step], height: int) -> int:
    """How many of the first steps, all of them done, give their lines to what comes after."""
    if len(tops) <= height:
        return 0
    done = next((i for i, top in enumerate(tops) if top.state not in _OVER), len(tops))
    wanted = min(done, len(tops) - height + 1)
    return wanted if wanted > 1 else 0


def _fold(done: Sequence[Step], width: int) -> Content:
    mark = STEP_MARKS[StepState.DONE]
    ended = max((step.finished_at for step in done if step.finished_at), default=None)
    names = plain(", ".join(step.name for step in done), DIM)
    end = joined([said(f"{len(done)} done", DIM), said(took(done[0].started_at, ended), DIM)], " ")
    return spread(Content.assemble((mark.glyph, mark.style), " ", names), end, width)


def _below(steps: Sequence[Step], top: Step) -> list[Step]:
    return [step for step in steps if step.parent == top.id]


def _stage(top: Step, below: Sequence[Step], now: datetime, width: int, name_width: int) -> Content:
    mark = STEP_MARKS[top.state]
    name = fit(plain(top.name, "" if top.state is not StepState.WAITING else DIM), name_width)
    head = Content.assemble((mark.glyph, mark.style), " ", name, "  ")
    told = [step_words(step, now) for step in below]
    if not any(step.state is StepState.RUNNING for step in below):
        told += [] if below and top.state is not StepState.RUNNING else [step_rest(top, now)]
    words = joined(told, "   ")
    room = width - head.cell_length
    if words.cell_length > room:
        words = _short(top, below, now, room) if below else _cut(top, now, room)
    return fit(head + words, width)


def _short(top: Step, below: Sequence[Step], now: datetime, room: int) -> Content:
    """What is under way matters, not what was: its words share the room, and all else is counted."""
    over = [step for step in below if step.state in _OVER]
    live = [step for step in below if step.state in (StepState.RUNNING, StepState.FAILED)]
    live = live or [step for step in below if step not in over]
    if not live:
        return joined([step_rest(top, now), said(f"✓ {len(over)}", DIM)], "   ")
    left = len(below) - len(over) - len(live)
    done, more = said(f"✓ {len(over)}" if over else "", DIM), said(f"+{left}" if left else "", DIM)
    room -= sum(part.cell_length + 3 for part in (done, more) if part)
    shown = live[: max(room // 15, 1)]
    each = (room - 3 * (len(shown) - 1)) // len(shown)
    return joined([done, *(step_words(step, now, each) for step in shown), more], "   ")


def _cut(step: Step, now: datetime, room: int) -> Content:
    """What a step says of itself, cut before its seconds are."""
    if step.state is not StepState.RUNNING:
        return step_rest(step, now)
    clock = _clock(step, now)
    return joined([fit(plain(step.message, DIM), room - clock.cell_length - 1), clock], " ")


def step_words(step: Step, now: datetime, room: int = 0) -> Content:
    """`postgres 2.1 s`, `backend ◐ pip install 48 s`, `frontend waits for backend`; where `room` is given, its name is
    cut before its time is."""
    style = {StepState.WAITING: DIM, StepState.CANCELLED: DIM, StepState.FAILED: BAD}.get(step.state, "")
    name, rest = plain(step.name, style), step_rest(step, now)
    if step.state is StepState.RUNNING:
        name, rest = joined([name, plain(step.message, DIM)], " "), _clock(step, now)
    left = room - rest.cell_length - 1
    return joined([fit(name, left) if 0 < left < name.cell_length else name, rest], " ")


def step_rest(step: Step, now: datetime) -> Content:
    """What there is to say of a step after its name."""
    if step.state is StepState.RUNNING:
        return joined([plain(step.message, DIM), _clock(step, now)], " ")
    if step.state in (StepState.WAITING, StepState.CANCELLED):
        return plain(step.message or STEP_MARKS[step.state].word, DIM)
    time = took(step.started_at, step.finished_at)
    if step.state is StepState.FAILED:
        return joined([said("failed", BAD), said(f"after {time}" if time else "", DIM)], " ")
    return said("cached" if step.cached else time, DIM)


def _clock(step: Step, now: datetime) -> Content:
    return said(elapsed((now - step.started_at).total_seconds()) if step.started_at else "", "$text-warning")


def tree_lines(steps: Sequence[Step], now: datetime, width: int) -> list[Content]:
    """Every step on a line of its own, indented below its parent: the job screen's rows."""
    return [_row(step, depth, now, width) for depth, step in as_tree(steps)]


def _row(step: Step, depth: int, now: datetime, width: int) -> Content:
    mark = STEP_MARKS[step.state]
    running, over = step.state is StepState.RUNNING, _has_told(step)
    time = _clock(step, now) if running else step_rest(step, now)
    told = plain(step.message if running or over else "", DIM)
    room = max(width - 2 * depth - time.cell_length - 4, 8)  # a command may be long: it is cut before its time is
    name = plain(step.name)
    name = fit(name, min(max(22 - 2 * depth, name.cell_length), room))
    return fit(Content.assemble("  " * depth, (mark.glyph, mark.style), " ", name, " ", joined([time, told])), width)


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


def failed_names(of_job: Sequence[Step]) -> list[str]:
    """What may name the service that failed, the likeliest first: a step is named `postgres`, or `build web`."""
    failed = [step.name for step in of_job if step.state is StepState.FAILED]
    return [name for told in failed for name in (told, told.rpartition(" ")[2])]


def failed_service(view: ProjectView) -> str | None:
    """The service whose last words explain the failure: the failed step's, else one that failed or exited badly."""
    names = [service.name for service in view.services]
    if found := next((name for name in failed_names(view.steps) if name in names), None):
        return found
    return next((service.name for service in view.services if _has_failed(service)), None)


def _has_failed(service: Service) -> bool:
    badly = service.state is ServiceState.EXITED and service.exit_code not in (0, None)
    return service.state is ServiceState.FAILED or badly
