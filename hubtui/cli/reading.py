"""`ls`, `status`, `events`: what there is and what happens."""

from __future__ import annotations

import contextlib
import json
import sqlite3

import click

from hubtui.cli import details, options, output
from hubtui.cli.output import Cell
from hubtui.models import Event, Project, ProjectView, Run, Service
from hubtui.paths import Home
from hubtui.safetext import safe_text


@click.command("ls", help="All projects, how they stand, and where they are.")
@options.as_json
def ls_verb(as_json: bool) -> int:
    from hubtui.store import projects
    from hubtui.workers.observe import project_with_runner

    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        listing = [project_with_runner(hub.home, p) for p in projects.listing(con)]
    if as_json:
        output.print_json(listing)
    elif listing:
        output.table([_row(p) for p in listing], header=("PROJECT", "STATE", "SERVICES", "ENGINE", "PATH"))
    else:
        output.line("No projects yet.  Register one: hubtui add PATH   Look around first: hubtui demo")
    return 0


def _row(project: Project) -> tuple[str, ...]:
    return (project.name, output.project_cell(project), _healthy(project), project.engine, str(project.path))


def _healthy(project: Project) -> str:
    if not project.services_total:
        return "-"
    if project.run is None or not project.run.active:
        return f"{project.services_total}"
    return f"{project.services_healthy}/{project.services_total} healthy"


@click.command("status", help="A project's run and its services (no name: this folder's, or all).")
@options.maybe_project
@options.as_json
def status_verb(name: str | None, as_json: bool) -> int:
    from hubtui.cli.target import here_or_all, named

    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        found = [named(con, name, "logs ")] if name else here_or_all(con)
        views = [_view(hub.home, con, project.name) for project in found]
    if as_json:
        shapes = [
            {"project": v.project, "run": v.project.run, "job": v.project.job, "services": v.services} for v in views
        ]
        output.print_json(shapes[0] if len(shapes) == 1 else shapes)
        return 0
    for number, view in enumerate(views):
        if number:
            output.line("")
        _print_view(view)
    if not views:
        output.line("No projects yet. Register one: hubtui add PATH")
    return 0


def _view(home: Home, con: sqlite3.Connection, name: str) -> ProjectView:
    """All of a project under one sequence number, with what only its runner knows."""
    from hubtui.store import projects
    from hubtui.workers.observe import with_live

    con.execute("BEGIN")
    try:
        view = projects.view(con, name)
    finally:
        con.execute("COMMIT")
    return with_live(home, view)


def _print_view(view: ProjectView) -> None:
    project, run = view.project, view.project.run
    state = output.run_cell(run)
    since = ""
    if run is not None and run.active:
        since = f"run #{run.id} for {output.span(run.started_at)}" + (f": {run.detail}" if run.detail else "")
    elif run is not None:
        since = f"run #{run.id} ended {output.clock(run.ended_at)}" + (f": {run.detail}" if run.detail else "")
    engine = ", ".join([project.engine, *_versions(run)])
    words = [output.paint(state, state.colour), engine, project.environment_in_use or "", since]
    output.line("  ".join([safe_text(project.name), words[0], *(safe_text(w) for w in words[1:] if w)]))
    if project.job is not None:
        _print_job(project)
    if view.services:
        header = ("SERVICE", "STATE", "HEALTH", "PORT", "CPU", "MEMORY", "FOR", "")
        output.table([_service_row(s) for s in view.services], header=header)
        details.print_traffic(view.services)
        details.print_notes(view.services)


def _versions(run: Run | None) -> list[str]:
    """Of what holds the run, for as long as it does."""
    return [f"{what} {version}" for what, version in run.versions.items()] if run is not None and run.active else []


def _print_job(project: Project) -> None:
    job = project.job
    assert job is not None
    cell = output.job_cell(job)
    percent = "" if job.finished else f"{job.progress} %"
    when = output.clock(job.finished_at or job.created_at)
    parts = [output.job_name(job), percent, job.message, when]
    output.line(f"{output.paint(cell, cell.colour)}  {'  '.join(safe_text(p) for p in parts if p)}")
    if job.error is not None and job.error.message != job.message:
        output.line(f"  {safe_text(job.error.message)}")
    if job.error is not None and job.error.hint:
        output.line(f"  {safe_text(job.error.hint)}")


def _service_row(service: Service) -> tuple[str, ...]:
    up = service.state in ("running", "starting", "restarting")
    return (
        service.name,
        output.service_cell(service),
        _health(service),
        " ".join(str(p.published or p.target) for p in service.ports) or "-",
        "-" if service.cpu_percent is None else f"{service.cpu_percent:.0f} %",
        output.memory(service.memory_bytes),
        output.span(service.since) if up else "-",
        _notes(service),
    )


def _health(service: Service) -> Cell:
    if service.health == "healthy":
        return Cell("✓ healthy" if service.latency_ms is None else f"✓ {service.latency_ms:.0f} ms", "green")
    shapes = {"unhealthy": ("✗ unhealthy", "red"), "starting": ("◐ starting", "yellow")}
    return Cell(*shapes.get(service.health, ("-", "")))


def _notes(service: Service) -> str:
    """Why it is as it is, and limits that this engine keeps but does not enforce."""
    notes = [service.message] if service.message else []
    if service.restarts:
        notes.append(f"{service.restarts} restarts" if service.restarts > 1 else "1 restart")
    wanted = service.limits
    if not wanted.enforced and (wanted.cpus or wanted.memory) and not service.notes:  # they say it with its reason
        what = [f"{wanted.cpus:g} cpus" if wanted.cpus else "", output.memory(wanted.memory) if wanted.memory else ""]
        notes.append(f"limit of {', '.join(w for w in what if w)} not enforced")
    return "; ".join(notes)


@click.command("events", help="The feed: one line for everything that changed. With --follow, what comes from now on.")
@options.maybe_project
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--after", type=click.IntRange(0, options.MANY), metavar="SEQ", help="Only what came after this number.")
@options.as_json
def events_verb(name: str | None, follow: bool, after: int | None, as_json: bool) -> int:
    from hubtui.cli import feed
    from hubtui.cli.target import named
    from hubtui.store import events

    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        project = named(con, name, "logs ").name if name else None
        if after is None:
            after = (events.LAST_SEQ.first(con) or 0) if follow else 0
        try:
            for batch in feed.follow(hub, con, after, project):
                for event in batch:
                    output.line(output.as_text(event, indent=None) if as_json else _event_line(event))
                if not batch and not follow:
                    break
        except KeyboardInterrupt:
            raise options.left("Nothing was stopped; the feed goes on.") from None
    return 0


def _event_line(event: Event) -> str:
    about = [f"run #{event.run}" if event.run else "", f"job #{event.job}" if event.job else ""]
    data = " ".join(f"{k}={_plain(v)}" for k, v in event.data.items() if v not in (None, "", []))
    parts = [output.clock(event.time), f"{event.seq:>6}", event.project, event.kind, *about, data]
    return "  ".join(safe_text(p) for p in parts if p)


def _plain(value: object) -> str:
    return value if isinstance(value, str) and value and " " not in value else json.dumps(value, ensure_ascii=False)
