"""One job whole, as pure functions: what was asked, by whom and when, what went wrong, its attempts, and the steps of
one of them as a tree or as a waterfall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from textual.content import Content

from hubtui.models import Attempt, Job, JobState, LogLine, Step, local
from hubtui.widgets.jobs.axis_words import compared
from hubtui.widgets.jobs.waterfall import waterfall
from hubtui.widgets.jobs.words import Keys, job_head
from hubtui.widgets.log.tail import log_line
from hubtui.widgets.plain import DIM, EMPTY, fit, joined, lines, plain, said
from hubtui.widgets.steps import failed_step, tree_lines
from hubtui.widgets.trouble import card, job_trouble
from hubtui.widgets.words import job_style, took

KEYS: Keys = (("t", "try again"), ("l", "log"), ("w", "waterfall"))


@dataclass(frozen=True, slots=True)
class Whole:
    """A job with all that belongs to it. `words`: the last lines of the service that failed; `compared`: the job that
    its inputs were compared with; `good`: the last good job of its kind, with its steps."""

    job: Job
    attempts: Sequence[Attempt] = ()
    steps: Sequence[Step] = ()
    words: Sequence[LogLine] = ()
    compared: Job | None = None
    good: Job | None = None
    good_steps: Sequence[Step] = ()

    @property
    def tries(self) -> list[int]:
        """The numbers of its attempts, in order."""
        return sorted({a.number for a in self.attempts} | {step.attempt for step in self.steps})

    def steps_of(self, attempt: int) -> list[Step]:
        """One attempt's own steps."""
        return [step for step in self.steps if step.attempt == attempt]


def job_page(whole: Whole, now: datetime, width: int, attempt: int = 1) -> Content:
    """The page, as wide as there is room; steps are those of this attempt."""
    job = whole.job
    its = whole.steps_of(attempt)
    rows = _head(whole, now, width)
    rows += [EMPTY, *_facts(job)]
    if job.error is not None:
        told = job_trouble(job, whole.compared, now, KEYS)
        told = replace(told, headline=job.error.kind.replace("_", " "))  # what failed is said above
        rows += [EMPTY, card(told, failed_step(its), width)]
    if whole.words:
        rows += [EMPTY, Content.assemble(("LAST LINES OF ", DIM), plain(whole.words[0].service, "bold"))]
        rows += [fit(log_line(line, (), clock=True), width) for line in whole.words]
    if len(whole.attempts) > 1:
        rows += [EMPTY, said("ATTEMPTS", DIM), *(_attempt(a, a.number == attempt, width) for a in whole.attempts)]
    if its:
        rows += [EMPTY, _steps_of(whole, "STEPS", attempt), *tree_lines(its, now, width)]
    return lines(rows)


def waterfall_page(whole: Whole, now: datetime, width: int, attempt: int = 1) -> Content:
    """The same job as a waterfall of this attempt, beside the last good run of its kind."""
    job, its = whole.job, whole.steps_of(attempt)
    until = job.finished_at or now
    rows = _head(whole, now, width)
    if job.started_at is not None and job.finished:
        rows.append(said(compared(job, whole.good, (until - job.started_at).total_seconds()), DIM))
    rows += [EMPTY, _steps_of(whole, "WATERFALL", attempt)] if len(whole.tries) > 1 else [EMPTY]
    rows += waterfall(its, until, width, whole.good_steps) if its else [said("no step has begun", DIM)]
    return lines(rows)


def _head(whole: Whole, now: datetime, width: int) -> list[Content]:
    job = whole.job
    if not job.finished:
        return job_head(job, now, width, keys=False)
    name = joined([plain(f"{job.type} #{job.id}", "bold"), said(str(job.state), job_style(job.state))])
    told_below = job.state is JobState.FAILURE and job.error is not None
    return [name, *([] if told_below else [plain(job.message, DIM)])]


def _steps_of(whole: Whole, what: str, attempt: int) -> Content:
    """`STEPS of try 2 of 3  [ ] the other tries`."""
    if len(whole.tries) < 2:
        return said(what, DIM)
    of = said(f"of try {attempt} of {len(whole.tries)}")
    return joined([Content.assemble((what, DIM), " ", of), said("[ ] the other tries", DIM)])


def _facts(job: Job) -> list[Content]:
    what = ", ".join(job.services) or "the whole stack"
    again = f"tries #{job.parent} again" if job.parent is not None else ""
    facts = [
        ("of", f"{job.project}: {what}" + (f" with {', '.join(job.profiles)}" if job.profiles else "")),
        ("in", job.environment or ""),
        ("asked", f"{_clock(job.created_at)} by {job.requested_by} at {job.host}"),
        ("after", again),
        ("began", _clock(job.started_at)),
        ("ended", _clock(job.finished_at)),
        ("took", took(job.started_at, job.finished_at)),
        ("run", f"{job.run}" if job.run is not None else ""),
        ("result", job.result or ""),
        ("events", f"{job.events_dropped:,} events dropped: there were too many" if job.events_dropped else ""),
    ]
    return [Content.assemble(fit(said(name, DIM), 8), plain(told)) for name, told in facts if told]


def _clock(time: datetime | None) -> str:
    return f"{local(time):%Y-%m-%d %H:%M:%S}" if time is not None else ""


def _attempt(attempt: Attempt, shown: bool, width: int) -> Content:
    time = took(attempt.started_at, attempt.finished_at)
    parts = [
        said(f"{'▸' if shown else ' '} {attempt.number}"),
        said(str(attempt.state), job_style(attempt.state)),
        said(time, DIM),
        plain(attempt.message, DIM),
    ]
    return fit(joined(parts), width)
