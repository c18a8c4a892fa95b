"""Why a project needs a person, and the card that says so: what failed, why, what is different since it last went well,
what to do, and the keys to do it."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from hubtui.models import EndReason, Job, JobError, JobState, Project, ProjectView, Run
from hubtui.stacks.engines.kinds import OUTLIVES
from hubtui.widgets.jobs.words import Keys, key_line, wrapped
from hubtui.widgets.plain import DIM, fit, lines, plain
from hubtui.widgets.steps import failed_step
from hubtui.widgets.words import BAD, BUSY, age, ended_last

SHOWN = 4  # changes that are named; the others are counted


@dataclass(frozen=True, slots=True)
class Trouble:
    """One headline, one sentence, what to do, and the keys to do it. `cause` says what an exit code means, `changes`
    what is different since the last good job."""

    headline: str
    sentence: str
    hint: str
    keys: Keys
    of_job: bool = False  # then a step of it says where
    cause: str = ""
    changes: tuple[str, ...] = ()  # the same ever shorter, the longest first


START_AGAIN = ("s", "start again")
ITS_LOG = ("l", "its log")
TAKE_OVER = ("o", "take over")
AFTER_FAILURE: Keys = (("t", "try again"), ("s", "start"), ("r", "restart"), ("l", "log"), ("h", "steps"))


def trouble_of(project: Project, good: Job | None = None, now: datetime | None = None) -> Trouble | None:
    """What is wrong with a project, if anything is. `good` is the job that the failed one was compared with."""
    run, job = project.run, project.job
    if run is not None and run.active and run.runner.responsive is False:
        return _silent(run)
    if job is not None and not job.finished:
        return None
    if run is not None and ended_last(project):
        return _ended(run)
    if job is None or job.state is not JobState.FAILURE:
        return None
    return job_trouble(job, good, now, AFTER_FAILURE)


def job_trouble(job: Job, good: Job | None, now: datetime | None, keys: Keys) -> Trouble:
    """Why a job failed."""
    error = job.error or JobError("failed", job.message)
    word = "lost" if error.kind in ("lost", "rebooted") else "failed"
    headline = f"{job.type} #{job.id} {word}"
    changes = changes_words(job, good, now)
    return Trouble(headline, error.message, error.hint, keys, True, code_words(error.message), changes)


def _ended(run: Run) -> Trouble:
    hints = {
        EndReason.LOST: "Nothing of it is left running. Start it again; its logs are kept.",
        EndReason.REBOOTED: "Start it again.",
        EndReason.FAILED: "See what the service said last, then start it again.",
    }
    reason = run.end_reason or EndReason.FAILED
    if run.engine in OUTLIVES and reason in (EndReason.LOST, EndReason.REBOOTED):
        hint = "Its containers may run on: o takes them over as they are, s starts what is missing, x stops them."
        return Trouble(str(reason), run.detail or "nobody saw how", hint, (TAKE_OVER, START_AGAIN, ITS_LOG))
    return Trouble(str(reason), run.detail or "nobody saw how it ended", hints.get(reason, ""), (START_AGAIN, ITS_LOG))


def _silent(run: Run) -> Trouble:
    pid = run.runner.pid
    return Trouble(
        "unresponsive",
        f"the runner (pid {pid}) holds the stack but has not answered for a while",
        f"It may be stopped or starved: `kill -CONT {pid}` wakes it, `kill -9 {pid}` ends the run.",
        (("=", "three truths, and what to do"), ITS_LOG),
    )


_CODE = re.compile(r"\bcode (\d{1,3})\b")
_CODES = {126: "it is there but cannot be run", 127: "there is no such command"}
_SIGNALS = {"SIGKILL": ", often for want of memory (OOM)", "SIGSEGV": ", a fault of the program itself"}


def code_words(sentence: str) -> str:
    """What the exit code in a sentence means, where that is more than its number: 126, 127, and 128 + a signal."""
    found = _CODE.search(sentence)
    code = int(found[1]) if found else 0
    if code in _CODES:
        return f"{code} = {_CODES[code]}"
    try:
        name = signal.Signals(code - 128).name
    except ValueError:
        return ""
    return f"{code} = {name}{_SIGNALS.get(name, '')}"


def changes_words(job: Job, good: Job | None, now: datetime | None) -> tuple[str, ...]:
    """`changed since #41 (good, 2h10m ago): compose file · image of web · +2 more`, then the same with ever fewer of
    them named, for less room; nothing where nothing was compared."""
    brief = since = "the last good one"
    if good is not None:
        when = f", {age(good.finished_at, now)} ago" if good.finished_at and now else ""
        brief, since = f"#{good.id}", f"#{good.id} (good{when})"
    count = len(job.changes)
    if not count:
        return (f"nothing that hubtui sees changed since {since}",) if good is not None else ()
    named = [f"changed since {since}: {_listed(job.changes, shown)}" for shown in range(min(count, SHOWN), 0, -1)]
    return (*named, f"{count} thing{'s' * (count > 1)} changed since {brief}")


def _listed(changes: Sequence[str], shown: int) -> str:
    more = len(changes) - shown
    return " · ".join([*changes[:shown], *([f"+{more} more"] if more else [])])


def card_of(view: ProjectView, now: datetime, width: int, height: int) -> Content | None:
    """The card of a project that is in trouble."""
    trouble = trouble_of(view.project, view.good, now)
    if trouble is None:
        return None
    return card(trouble, failed_step(view.steps) if trouble.of_job else "", width, height)


def card(trouble: Trouble, failed: str, width: int, height: int = 99) -> Content:
    """A failure in one place, at most `height` lines: the headline and the keys stay, sentences are cut with …"""
    headline = plain(trouble.headline, f"bold {BAD}")
    first = Content.assemble(("✗ ", BAD), headline, ("  at ", DIM) if failed else "", plain(failed))
    longest = trouble.changes[0] if trouble.changes else ""
    parts = [  # what it says, how it begins, how many lines it may take
        (plain(trouble.sentence), "  ", 4),
        (plain(trouble.cause), "  ", 1),
        (plain(longest, BUSY), "± ", 3),
        (plain(trouble.hint, "$text-primary"), "→ ", 4),
    ]
    keys = key_line(trouble.keys, "  ")
    shares = _shares([_height(part, width, most) for part, _, most in parts], height - 1 - bool(keys))
    parts[2] = (plain(_fitting(trouble.changes, width, shares[2]), BUSY), *parts[2][1:])
    rows = [fit(first, width) if first.cell_length > width else first]
    for (part, lead, _), share in zip(parts, shares, strict=True):
        rows += _led(part, lead, width, share)
    return lines([*rows, *([keys] if keys else [])])


def _fitting(told: Sequence[str], width: int, most: int) -> str:
    """The longest of them that takes no more than so many lines, else the shortest."""
    fits = (text for text in told if _height(plain(text), width, 99) <= most)
    return next(fits, told[-1] if told else "")


def _height(part: Content, width: int, most: int) -> int:
    return min(len(part.wrap(max(width - 2, 10))), most) if part else 0


def _shares(wanted: Sequence[int], room: int) -> list[int]:
    """What each part gets of so many lines: the longest gives first, the last of them before the others."""
    shares = list(wanted)
    while sum(shares) > max(room, 1) and max(shares) > 1:
        longest = max(range(len(shares)), key=lambda i: (shares[i], i))
        shares[longest] -= 1
    while sum(shares) > max(room, 1):
        shares[max(i for i, share in enumerate(shares) if share)] = 0
    return shares


def _led(part: Content, lead: str, width: int, most: int) -> list[Content]:
    rows = wrapped(part, max(width - 2, 10), most=most) if most else []
    return [Content.assemble(lead if not i else "  ", row) for i, row in enumerate(rows)]
