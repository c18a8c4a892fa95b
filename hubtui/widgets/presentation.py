"""What the dashboard says of a project, as pure functions: model and time -> Content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from hubtui.models import EndReason, Job, JobError, JobState, Project, ProjectView, Run, RunState
from hubtui.widgets.plain import DIM, EMPTY, fit, joined, lines, plain, right, said, spread
from hubtui.widgets.words import BAD, BUSY, GOOD, age, bar, coarse, elapsed, ended_last, job_style, project_mark, took

BOLD = "bold"
KEY = "bold $text-accent"


def project_row(project: Project, now: datetime, width: int) -> Content:
    """One line of the list: glyph, name, and how it stands at the right."""
    mark = project_mark(project, now)
    state = plain(mark.word, mark.style)
    room = max(width - 3 - state.cell_length, min(10, width - 3))
    return Content.assemble(
        (mark.glyph, mark.style), " ", fit(plain(project.name), room), " ", right(state, width - 3 - room)
    )


def header(host: str, projects: Sequence[Project], width: int) -> Content:
    """The top line: where this is, how many of what, and the engines that hold what is up."""
    counts = count_words(projects)
    told = joined([said(text, style) for text, style in counts]) or said("no projects", DIM)
    line = Content.assemble(("hubtui", "bold $text-primary"), "  ", plain(host, BOLD), (" │ ", DIM), told)
    for engine in dict.fromkeys(engine_words(p) for p in projects if _tells_version(p)):
        line = Content.assemble(line, (" │ ", DIM), plain(engine, DIM))
    return fit(line, max(width, 1))


def engine_words(project: Project) -> str:
    """`dagger v0.21.8` while a run tells its engine's version, else the engine's name alone."""
    run = project.run
    if run is None or not _tells_version(project):
        return project.engine
    return f"{run.engine} {run.versions['engine']}"


def _tells_version(project: Project) -> bool:
    return project.run is not None and project.run.active and bool(project.run.versions.get("engine"))


def count_words(projects: Iterable[Project]) -> list[tuple[str, str]]:
    """(words, style) for each kind of project there is."""
    kinds = {"running": 0, "starting": 0, "queued": 0, "failed": 0, "stopped": 0}
    for project in projects:
        kinds[_kind(project)] += 1
    styles = {"running": GOOD, "starting": BUSY, "queued": BUSY, "failed": BAD, "stopped": DIM}
    return [(f"{count} {kind}", styles[kind]) for kind, count in kinds.items() if count]


def _kind(project: Project) -> str:
    run, job = project.run, project.job
    if job is not None and not job.finished:
        return "queued" if job.state is JobState.PENDING else "starting" if job.type != "stop" else "running"
    if run is not None and run.active:
        return "running"
    return "failed" if trouble_of(project) else "stopped"


def title(project: Project, width: int) -> Content:
    """The panel's first line: name and folder, engine and environment at the right."""
    end = joined([plain(engine_words(project), DIM), plain(project.environment or "", DIM)])
    name = plain(project.name, BOLD)
    return spread(joined([name, plain(project.path, DIM)]), end, width)


def headline(view: ProjectView, now: datetime, width: int) -> Content:
    """The panel's second and third line: what happens now, and the sentence about it."""
    project = view.project
    run, job = project.run, project.job
    if job is not None and not job.finished:
        return lines([job_line(job, now, width), fit(job_note(job), width)])
    if run is not None and run.active:
        told = trouble_of(project) is not None  # by the card
        return lines([_run_line(project, run, now), *([] if told else [_last_job(job, now)])])
    if job is None and run is None:
        return lines([said("never started", DIM), Content.assemble(("s", KEY), (" starts it", DIM))])
    if trouble_of(project) is not None:
        return EMPTY  # the card says it all
    return lines([said("stopped", DIM), _last_job(job, now)])


def job_line(job: Job, now: datetime, width: int) -> Content:
    """`start #42  BUILDING  ▓▓▓▓▓░░░  63 %  1:10`, the bar as long as there is room."""
    left = joined([_job_name(job), said(str(job.state), job_style(job.state))])
    percent = right(said(f"{job.progress} %"), 5)
    clock = elapsed((now - job.started_at).total_seconds()) if job.started_at else ""
    end = Content.assemble(percent, right(said(clock, DIM), 9))
    room = min(width - left.cell_length - end.cell_length - 3, 40)
    if room < 5:
        return spread(left, end, width)
    done, rest = bar(job.progress, room)
    return spread(Content.assemble(left, "  ", (done, "$text-primary"), (rest, DIM)), end, width)


def _job_name(job: Job) -> Content:
    what = f" {', '.join(job.services)}" if job.services else ""
    return plain(f"{job.type} #{job.id}{what}", BOLD)


def job_note(job: Job) -> Content:
    """The job's sentence, and why it waits where it does."""
    if job.state is JobState.PENDING and job.waits_for:
        place = f"number {job.queue_position} in the queue: " if job.queue_position else ""
        return plain(f"{place}waits for a slot that {', '.join(job.waits_for)} holds", DIM)
    return plain(job.message, DIM)


def _run_line(project: Project, run: Run, now: datetime) -> Content:
    mark = project_mark(project, now)
    up = "up" if run.state is RunState.UP else str(run.state)
    return joined(
        [
            Content.assemble((f"{mark.glyph} ", mark.style), (up, mark.style), f" {age(run.started_at, now)}"),
            said(f"{project.services_healthy}/{project.services_total} healthy", mark.style),
        ]
    )


def _last_job(job: Job | None, now: datetime) -> Content:
    if job is None:
        return EMPTY
    ended = f"{coarse((now - job.finished_at).total_seconds())} ago" if job.finished_at else ""
    time = took(job.started_at, job.finished_at)
    return joined(
        [
            plain(f"{job.type} #{job.id}", DIM),
            said(str(job.state), job_style(job.state)),
            said(f"in {time}" if time else "", DIM),
            said(ended, DIM),
            plain(job.message if job.state is JobState.REVOKED else "", DIM),
        ]
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a project needs a person: one headline, one sentence, what to do, and the keys to do it."""

    headline: str
    sentence: str
    hint: str
    keys: tuple[tuple[str, str], ...]
    of_job: bool = False  # then a step of it says where


START_AGAIN = ("s", "start again")
ITS_LOG = ("l", "its log")
THE_JOB = ("h", "its steps")


def trouble_of(project: Project) -> Trouble | None:
    """What is wrong with a project, if anything is."""
    run, job = project.run, project.job
    if run is not None and run.active and run.runner.responsive is False:
        return _silent(run)
    if job is not None and not job.finished:
        return None
    if run is not None and ended_last(project):
        return _ended(run)
    if job is None or job.state is not JobState.FAILURE:
        return None
    error = job.error or JobError("failed", job.message)
    word = "lost" if error.kind in ("lost", "rebooted") else "failed"
    return Trouble(f"{job.type} #{job.id} {word}", error.message, error.hint, (START_AGAIN, ITS_LOG, THE_JOB), True)


def _ended(run: Run) -> Trouble:
    hints = {
        EndReason.LOST: "Nothing of it is left running. Start it again; its logs are kept.",
        EndReason.REBOOTED: "Start it again.",
        EndReason.FAILED: "See what the service said last, then start it again.",
    }
    reason = run.end_reason or EndReason.FAILED
    return Trouble(str(reason), run.detail or "nobody saw how it ended", hints.get(reason, ""), (START_AGAIN, ITS_LOG))


def _silent(run: Run) -> Trouble:
    pid = run.runner.pid
    return Trouble(
        "unresponsive",
        f"the runner (pid {pid}) holds the stack but has not answered for a while",
        f"It may be stopped or starved: `kill -CONT {pid}` wakes it, `kill -9 {pid}` ends the run.",
        (ITS_LOG, ("h", "its jobs")),
    )


def card(trouble: Trouble, failed: str, width: int) -> Content:
    """A failure in one place: what failed, why, what to do next, and the keys for it. Long sentences wrap."""
    rows = [
        Content.assemble(
            ("✗ ", BAD), plain(trouble.headline, f"bold {BAD}"), ("  at ", DIM) if failed else "", plain(failed)
        )
    ]
    rows += _wrapped(trouble.sentence, "  ", width, "")
    rows += _wrapped(trouble.hint, "→ ", width, "$text-primary")
    if trouble.keys:
        rows.append(joined([Content.assemble("  ", (key, KEY), " ", (what, DIM)) for key, what in trouble.keys], " "))
    return lines(rows)


def _wrapped(sentence: str, lead: str, width: int, style: str) -> list[Content]:
    if not sentence:
        return []
    parts = plain(sentence, style).wrap(max(width - 2, 10))
    return [Content.assemble((lead, style) if not i else "  ", part) for i, part in enumerate(parts[:4])]


def welcome() -> Content:
    """What an empty dashboard says."""
    return lines(
        [
            said("No projects yet.", BOLD),
            EMPTY,
            Content.assemble(("a", KEY), "  add one: a folder that holds a compose.yaml,"),
            said("   or a new one from a template"),
            Content.assemble(("?", KEY), "  every key and what it does"),
            Content.assemble(("q", KEY), "  leave"),
            EMPTY,
            said("Only looking? Leave and run", DIM),
            Content.assemble(("hubtui demo", BOLD), (": two ready projects that need", DIM)),
            said("nothing but Python, in a folder of their own.", DIM),
        ]
    )
