"""What `hubtui job ID` prints: one job with its tries, each with its own steps."""

from __future__ import annotations

from collections.abc import Sequence

from hubtui.cli import output
from hubtui.models import Attempt, Job, Step, now
from hubtui.safetext import safe_text
from hubtui.steptree import as_tree


def show(job: Job, its_steps: Sequence[Step], attempts: Sequence[Attempt]) -> None:
    """Print it: how it stands, what it waits for, why it failed, what is to be noted, and its steps."""
    cell = output.job_cell(job)
    output.line(f"{safe_text(output.job_name(job))}  {output.paint(cell, cell.colour)}  {safe_text(job.message)}")
    for line in (*_facts(job), *_waiting(job), *_estimate(job)):
        output.line(f"  {safe_text(line)}")
    if job.error is not None:
        output.line(f"  {output.paint('✗', 'red')} {safe_text(job.error.message)}  ({safe_text(job.error.kind)})")
        for part in job.error.hint.splitlines():
            output.line(f"    {safe_text(part)}")
    for change in job.changes:
        output.line(f"  changed since the last good one: {safe_text(change)}")
    for notice in job.notices:
        output.line(
            f"  {output.paint('!', 'yellow')} {safe_text(notice.message)}  (since {output.clock(notice.since)})"
        )
    if len(attempts) < 2:
        _print_steps(its_steps)
    for attempt in attempts if len(attempts) > 1 else []:
        _print_attempt(attempt, [step for step in its_steps if step.attempt == attempt.number])


def _facts(job: Job) -> list[str]:
    took = output.span(job.started_at, job.finished_at) if job.started_at else "not begun"
    asked = f"asked {output.clock(job.created_at)} by {job.requested_by}  took {took}"
    facts = [asked + ("" if job.finished else f"  {job.progress} %")]
    if job.environment:
        facts.append(f"in the environment {job.environment}")
    if job.parent is not None:
        facts.append(f"tries job #{job.parent} again")
    if job.attempt > 1:
        facts.append(f"try {job.attempt} of {max(job.max_attempts, job.attempt)}")
    if job.priority != "normal":
        facts.append(f"priority {job.priority}")
    if job.events_dropped:
        facts.append(f"{job.events_dropped} events dropped: there were too many")
    return facts


def _waiting(job: Job) -> list[str]:
    """Its place in the line and who holds the slots; when it is tried again."""
    if job.finished:
        return []
    told = []
    if job.queue_position is not None:
        holds = "hold the slots" if len(job.waits_for) > 1 else "holds the slot"
        held = f": {', '.join(job.waits_for)} {holds}" if job.waits_for else ""
        told.append(f"number {job.queue_position} in the line{held}")
    if job.retry_at is not None:
        left = max(0, round((job.retry_at - now()).total_seconds()))
        told.append(f"tried again in {left} s, at {output.clock(job.retry_at)}")
    return told


def _estimate(job: Job) -> list[str]:
    """`about 2 min left, from 12 earlier starts`; only what it rests on where it tells nothing."""
    left = job.eta_seconds
    if job.finished or (left is None and not job.basis):
        return []
    if left is None:
        return [job.basis]
    told = output.about(left) if left > 0 else "should have ended by now"
    return [f"{told}, from {job.basis}" if job.basis else told]


def _print_attempt(attempt: Attempt, its_steps: Sequence[Step]) -> None:
    took = output.span(attempt.started_at, attempt.finished_at)
    cell = output.state_cell(attempt.state)
    told = [f"  try {attempt.number}", output.paint(cell, cell.colour), took, safe_text(attempt.message)]
    output.line("  ".join(part for part in told if part))
    _print_steps(its_steps, indent="  ")


def _print_steps(its_steps: Sequence[Step], indent: str = "") -> None:
    rows = []
    for depth, step in as_tree(its_steps):
        took = output.span(step.started_at, step.finished_at)
        rows.append((f"{indent} ", output.step_cell(step.state), "  " * depth + step.name, took, step.message))
    output.table(rows)
