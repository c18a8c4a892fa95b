"""What the dashboard says of a project, as pure functions: model and time -> Content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from textual.content import Content

from hubtui.models import FirstAndLater, Job, JobState, Project, ProjectView, Run, RunState
from hubtui.widgets.jobs.words import job_head, starts_line
from hubtui.widgets.plain import DIM, EMPTY, fit, joined, lines, plain, right, said, spread
from hubtui.widgets.trouble import trouble_of
from hubtui.widgets.units import coarse
from hubtui.widgets.words import BAD, BOLD, BUSY, GOOD, KEY, age, job_style, project_mark, took


def project_row(project: Project, now: datetime, width: int) -> Content:
    """One line of the list: glyph, name, and how it stands at the right."""
    mark = project_mark(project, now)
    state = plain(mark.word, mark.style)
    room = max(width - 3 - state.cell_length, min(10, width - 3))
    return Content.assemble(
        (mark.glyph, mark.style), " ", fit(plain(project.name), room), " ", right(state, width - 3 - room)
    )


def header(host: str, projects: Sequence[Project], width: int, *, known: bool = True) -> Content:
    """The top line: where this is, how many of what, and the engines that hold what is up. `known`: the store was read,
    so that no project means that there is none."""
    counts = count_words(projects)
    told = joined([said(text, style) for text, style in counts]) or said("no projects" if known else "", DIM)
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


_KINDS = {  # in the order in which a person should hear of them where room is short
    "running": GOOD,
    "unresponsive": BAD,
    "failed": BAD,
    "degraded": BUSY,
    "starting": BUSY,
    "queued": BUSY,
    "stopped": DIM,
}


def count_words(projects: Iterable[Project]) -> list[tuple[str, str]]:
    """(words, style) for each kind of project there is."""
    kinds = dict.fromkeys(_KINDS, 0)
    for project in projects:
        kinds[_kind(project)] += 1
    return [(f"{count} {kind}", _KINDS[kind]) for kind, count in kinds.items() if count]


def _kind(project: Project) -> str:
    run, job = project.run, project.job
    if job is not None and not job.finished:
        return "queued" if job.state is JobState.PENDING else "starting" if job.type != "stop" else "running"
    if run is not None and run.active:
        if run.runner.responsive is False:
            return "unresponsive"
        return "degraded" if run.state is RunState.DEGRADED else "running"
    return "failed" if trouble_of(project) else "stopped"


def title(project: Project, width: int) -> Content:
    """The panel's first line: name and folder, engine and environment at the right."""
    end = joined([plain(engine_words(project), DIM), plain(project.environment_in_use or "", DIM)])
    name = plain(project.name, BOLD)
    return spread(joined([name, plain(project.path, DIM)]), end, width)


def headline(view: ProjectView, now: datetime, width: int, starts: FirstAndLater | None = None) -> Content:
    """The panel's next lines: what happens now, and the sentence about it."""
    project = view.project
    run, job = project.run, project.job
    if job is not None and not job.finished:
        return lines(job_head(job, now, width))
    if run is not None and run.active:
        told = trouble_of(project) is not None  # by the card
        rest = [] if told else [*_last_job(job, now, width), starts_line(starts)]
        return lines([row for row in (_run_line(project, run, now), *rest) if row])
    if job is None and run is None:
        return lines([said("never started", DIM), Content.assemble(("s", KEY), (" starts it", DIM))])
    if trouble_of(project) is not None:
        return EMPTY  # the card says it all
    return lines([row for row in (_stopped(project, now), *_last_job(job, now, width), starts_line(starts)) if row])


def _run_line(project: Project, run: Run, now: datetime) -> Content:
    mark = project_mark(project, now)
    up = "up" if run.state is RunState.UP else str(run.state)
    return joined(
        [
            Content.assemble((f"{mark.glyph} ", mark.style), (up, mark.style), f" {age(run.started_at, now)}"),
            said(f"{project.services_healthy}/{project.services_total} healthy", mark.style),
        ]
    )


def _stopped(project: Project, now: datetime) -> Content:
    """That nothing is up; where no job has stopped it, why and since when."""
    run, job = project.run, project.job
    ended = run.ended_at if run is not None else None
    last = job.finished_at if job is not None and job.state is JobState.SUCCESS else None
    if run is None or ended is None or last is None or ended <= last:
        return said("stopped", DIM)
    return joined([said("stopped", DIM), plain(run.detail, DIM), said(f"{age(ended, now)} ago", DIM)])


def _last_job(job: Job | None, now: datetime, width: int) -> list[Content]:
    """How it ended; who cancelled it in a line of its own where there is no room beside."""
    if job is None:
        return []
    ended = f"{coarse((now - job.finished_at).total_seconds())} ago" if job.finished_at else ""
    time = took(job.started_at, job.finished_at)
    line = joined(
        [
            plain(f"{job.type} #{job.id}", DIM),
            said(str(job.state), job_style(job.state)),
            said(f"in {time}" if time else "", DIM),
            said(ended, DIM),
        ]
    )
    why = plain(job.message if job.state is JobState.REVOKED else "", DIM)
    both = joined([line, why])
    return [both] if both.cell_length <= width else [line, fit(why, width)]


def no_match() -> Content:
    """What is said where the filter lets none of the projects through."""
    return lines(
        [
            said("No project's name holds this.", BOLD),
            Content.assemble(("esc", KEY), (" shows all again", DIM)),
        ]
    )


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
