"""The table of jobs as pure functions: a row, the names of its columns, the title that says which jobs these are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from hubtui.models import Job, JobState
from hubtui.store.history import KINDS
from hubtui.widgets.plain import DIM, EMPTY, fit, joined, plain, right, said, spread
from hubtui.widgets.words import BAD, age, elapsed, job_style, took

KEY = "bold $text-accent"
GLYPHS = {JobState.PENDING: "◌", JobState.SUCCESS: "✓", JobState.FAILURE: "✗", JobState.REVOKED: "–"}
WIDE = 100  # cells from which there is room for who asked


def job_row(job: Job, now: datetime, width: int, *, named: bool) -> Content:
    """`#42  start  ✓ SUCCESS  12 s  5m  4 services are up`; what went wrong where something did."""
    parts = [
        right(said(f"#{job.id}", "bold"), 7),
        fit(plain(job.project), _name_width(width)) if named else EMPTY,
        fit(plain(" ".join([job.type, *job.services])), 12),
        fit(said(f"{GLYPHS.get(job.state, '◐')} {job.state}", job_style(job.state)), 10),
        right(said(_time(job, now)), 6),
        right(said(age(job.created_at, now), DIM), 6),
    ]
    sentence = plain(_sentence(job, now), "$text-error" if job.error else DIM)
    return fit(_with_asker(parts, sentence, plain(job.requested_by, DIM), width), width)


def job_head(width: int, *, named: bool) -> Content:
    """The names of its columns."""
    parts = [right(said("JOB"), 7), fit(said("PROJECT"), _name_width(width)) if named else EMPTY]
    parts += [fit(said("TYPE"), 12), fit(said("STATE"), 10), right(said("TOOK"), 6), right(said("AGO"), 6)]
    return fit(_with_asker(parts, said("SAID"), said("ASKED BY"), width).stylize(DIM), width)


def _name_width(width: int) -> int:
    return 18 if width >= WIDE else 12


def _with_asker(parts: list[Content], sentence: Content, asker: Content, width: int) -> Content:
    left = joined(parts, " ")
    room = width - left.cell_length - 2
    if width < WIDE:
        return Content.assemble(left, "  ", fit(sentence, room))
    return Content.assemble(left, "  ", fit(sentence, room - 20), "  ", fit(asker, 18))


def _time(job: Job, now: datetime) -> str:
    """What it took, or has taken till now; a clock that went back counts as nothing."""
    if job.finished:
        return took(job.started_at, job.finished_at)
    return elapsed((now - job.started_at).total_seconds()) if job.started_at else ""


def _sentence(job: Job, now: datetime) -> str:
    if job.error is not None:
        return job.error.message
    if job.state is JobState.RETRY and job.retry_at is not None:
        return f"again in {elapsed((job.retry_at - now).total_seconds())}: {job.message}"
    if job.queue_position:
        return f"number {job.queue_position}: {job.message}"
    if job.notices:
        return job.notices[-1].message
    return job.message if job.finished or job.state is JobState.PENDING else f"{job.progress} %  {job.message}"


def jobs_title(whose: str, filters: Sequence[str], count: str, width: int) -> Content:
    """`harbor  jobs  failed  start    37 of 1,204`: whose, which of them, how many."""
    head = joined([plain(whose, "bold"), said("jobs", DIM), *(plain(told, KEY) for told in filters)])
    return spread(head, said(count, DIM), width)


def choices(kind: str, type_: str, width: int) -> Content:
    """What the keys filter by, what is chosen in brackets: `f [all] active failed done cancelled   t [all types]`."""
    kinds = [_choice(name, name == (kind or "all")) for name in ("all", *KINDS)]
    roomy = width >= 64
    chosen = _choice(type_ or ("all types" if roomy else "all"), True)
    parts = [joined([said("f", KEY), *kinds], " "), joined([said("t", KEY), chosen], " ")]
    return fit(joined([*parts, Content.assemble(("/", KEY), " find")], "    " if roomy else "  "), width)


def _choice(name: str, chosen: bool) -> Content:
    return said(f"[{name}]", "bold") if chosen else said(name, DIM)


def typing_title(typed: str, wrong: str, count: str, width: int) -> Content:
    """The filter while it is typed, what may be typed or what is wrong with it, and how many it lets through."""
    left = Content.assemble(("/", KEY), plain(typed), (" ", "reverse"))
    told = plain(wrong, BAD) if wrong else said("a project, a state, a type, since:2h, any text", DIM)
    return spread(joined([left, told]), said("" if wrong else count, DIM), width)


def count_words(shown: int, total: int) -> str:
    """`37 of 1,204`, `1,204 jobs`, `one job`, `no jobs yet`."""
    if not total:
        return "no jobs yet"
    if shown != total:
        return f"{shown:,} of {total:,}"
    return f"{total:,} jobs" if total > 1 else "one job"


def nothing(*, filtered: bool) -> Content:
    """What an empty table says."""
    if filtered:
        return Content.assemble("  No such jobs.  ", ("esc", KEY), (" shows all again", DIM))
    return Content.assemble(
        "  No jobs yet.  ", ("esc", KEY), (" and then ", DIM), ("s", KEY), (" starts a project", DIM)
    )
