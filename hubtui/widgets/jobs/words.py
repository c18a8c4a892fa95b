"""What is said of a job under way, as pure functions: the line with its bar, why it waits, when it should end, what is
to be known of it, and the keys that go on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from textual.content import Content

from hubtui.models import FirstAndLater, Job, JobState, Notice, Priority
from hubtui.widgets.plain import DIM, EMPTY, fit, joined, plain, right, said, spread
from hubtui.widgets.words import BOLD, BUSY, KEY, about, bar, elapsed, exact, is_stuck, job_style, ordinal, until

_FAILED = re.compile(r"try \d+ of \d+ failed: ")  # said by the number of the next one
Keys = tuple[tuple[str, str], ...]

RETRY_KEYS: Keys = (("n", "retry now"), ("c", "give up"))
STUCK_KEYS: Keys = (("c", "cancel"), ("r", "restart"), ("w", "wait on"))


def job_head(job: Job, now: datetime, width: int, *, keys: bool = True) -> list[Content]:
    """All that is said of a job under way, line by line. `keys`: name those that go on from here, too."""
    rows = [job_line(job, now, width), *job_note(job, now, width)]
    if job.state in (JobState.BUILDING, JobState.RUNNING):
        rows += [] if is_stuck(job) else [estimate(job, now, width)]
        rows += [row for notice in job.notices for row in _notice(notice, width)]
    return [row for row in [*rows, key_line(job_keys(job) if keys else ())] if row]


def job_keys(job: Job) -> Keys:
    """The keys that a job asks for by itself: while it waits for its next attempt, and where it seems stuck."""
    if job.state is JobState.RETRY and job.retry_at is not None:
        return RETRY_KEYS
    return STUCK_KEYS if is_stuck(job) else ()


def key_line(keys: Iterable[tuple[str, str]], lead: str = "") -> Content:
    """`n retry now  c give up`."""
    told = [Content.assemble((key, KEY), " ", (what, DIM)) for key, what in keys]
    return Content.assemble(lead, joined(told)) if told else EMPTY


def job_line(job: Job, now: datetime, width: int) -> Content:
    """`start #42  BUILDING  ▓▓▓▓▓░░░  63 %  1:10`, the bar as long as there is room; one that waits has none."""
    urgent = "" if job.priority is Priority.NORMAL else f"{job.priority} priority"
    left = joined([_name(job), said(str(job.state), job_style(job.state)), said(urgent, DIM)])
    if job.state in (JobState.PENDING, JobState.RETRY):
        return spread(left, said(f"asked {elapsed((now - job.created_at).total_seconds())} ago", DIM), width)
    clock = elapsed((now - job.started_at).total_seconds()) if job.started_at else ""
    end = Content.assemble(right(said(f"{job.progress} %"), 5), right(said(clock, DIM), 9))
    room = min(width - left.cell_length - end.cell_length - 3, 40)
    if room < 5:
        return spread(left, end, width)
    done, rest = bar(job.progress, room)
    return spread(Content.assemble(left, "  ", (done, "$text-primary"), (rest, DIM)), end, width)


def _name(job: Job) -> Content:
    what = f" {', '.join(job.services)}" if job.services else ""
    return plain(f"{job.type} #{job.id}{what}", BOLD)


def job_note(job: Job, now: datetime, width: int) -> list[Content]:
    """The job's sentence: what it does, why it waits, when it is tried again and why."""
    if job.state is JobState.PENDING:
        return wrapped(plain(_waits(job), DIM), width)
    if job.state is not JobState.RETRY:
        return [fit(plain(job.message, DIM), width)] if job.message else []
    again = f"try {job.attempt + 1} of {max(job.max_attempts, job.attempt + 1)}"
    if job.retry_at is None:
        return wrapped(Content.assemble((again, BUSY), (": ", DIM), plain(_waits(job), DIM)), width)
    when = until(job.retry_at, now)
    why = _FAILED.sub("", job.message)
    return wrapped(Content.assemble((f"{again} {when}", BUSY), (": " if why else "", DIM), plain(why, DIM)), width)


def _waits(job: Job) -> str:
    """`2nd in line, waits for a slot: performia, veria`."""
    place = f"{ordinal(job.queue_position)} in line, " if job.queue_position else ""
    why = f"waits for a slot: {', '.join(job.waits_for)}" if job.waits_for else job.message
    return f"{place}{why}"


def estimate(job: Job, now: datetime, width: int) -> Content:
    """`about 1 min left  from 12 earlier starts`; what rests on nothing says so. Never finer than it is good."""
    if job.eta_at is None:
        return fit(plain(job.basis, DIM), width) if job.basis else EMPTY
    late = job.eta_late_at or job.eta_at
    basis = plain(f"from {job.basis}" if job.basis else "", DIM)
    if now < job.eta_at:
        told = said(f"{about((job.eta_at - now).total_seconds())} left")
    elif now < late or job.started_at is None:
        told = said("should end any moment")
    else:
        most = about((late - job.started_at).total_seconds(), at_most=True)
        told = Content.assemble(("longer than usual", BUSY), (f" (9 of 10 took at most {most})", DIM))
    both = joined([told, basis])
    return fit(both if both.cell_length <= width else told, width)


def _notice(notice: Notice, width: int) -> list[Content]:
    """`! over its soft limit of 60 min, nothing is stopped`."""
    style = f"bold {BUSY}" if notice.kind == "stuck" else BUSY
    return wrapped(Content.assemble(("! ", style), plain(notice.message, style)), width, "  ")


def wrapped(content: Content, width: int, lead: str = "", most: int = 2) -> list[Content]:
    """At most so many lines; all but the first begin with `lead`. What does not fit is cut with …"""
    if content.cell_length <= width:
        return [content] if content else []
    parts = content.wrap(max(width - len(lead), 10))
    if len(parts) > most:
        rest = Content(" ").join(parts[most - 1 :])
        parts = [*parts[: most - 1], rest.truncate(max(width - len(lead), 1), ellipsis=True)]
    return [Content.assemble(lead if i else "", part) for i, part in enumerate(parts)]


def starts_line(took: FirstAndLater | None) -> Content:
    """`first start 2:10, later 34 s (median of 12)`; nothing before there is a later one."""
    if took is None or took.first is None or took.later is None:
        return EMPTY
    count = f" (median of {took.count})" if took.count > 1 else ""
    return said(f"first start {exact(took.first)}, later {exact(took.later)}{count}", DIM)
