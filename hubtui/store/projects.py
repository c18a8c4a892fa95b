"""Projects: what was registered, with everything a list shows of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hubtui.errors import UsageError
from hubtui.few import names_hint
from hubtui.models import Job, JobState, Project, ProjectView, Run, now
from hubtui.store import events, jobs, lastgood, runs, services, steps
from hubtui.store.query import Query, stamp

_COUNTS = (
    "SELECT p.*, count(s.name) AS total, coalesce(sum(s.state = 'running' AND s.health IN ('healthy', 'none')"
    " OR s.state = 'exited' AND s.exit_code = 0), 0) AS healthy"
    " FROM projects p LEFT JOIN services s ON s.project = p.name AND s.enabled"
)


def _project(row: sqlite3.Row) -> Project:
    return Project(
        name=row["name"],
        path=Path(row["path"]),
        engine=row["engine"],
        engine_reason=row["engine_reason"],
        environment=row["environment"],
        services_total=row["total"],
        services_healthy=row["healthy"],
    )


ALL = Query(f"{_COUNTS} GROUP BY p.name ORDER BY p.name", _project)
ONE = Query(f"{_COUNTS} WHERE p.name = ? GROUP BY p.name", _project)
BY_PATH = Query(f"{_COUNTS} WHERE p.path = ? GROUP BY p.name ORDER BY p.name", _project)
STAGES = Query(
    "SELECT stages FROM projects WHERE name = ?",
    lambda row: tuple((name, tuple(members)) for name, members in json.loads(row["stages"])),
)


def get(con: sqlite3.Connection, name: str) -> Project:
    """A project by its name. Raises UsageError with the names there are."""
    project = ONE.first(con, name)
    if project is None:
        names = [p.name for p in ALL.all(con)]
        hint = names_hint("Projects", name, names, "none yet: `hubtui add PATH`")
        raise UsageError(f"There is no project {name!r}.", hint)
    return project


def insert(con: sqlite3.Connection, project: Project, stages: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Register a project. Raises UsageError where the name is taken."""
    taken = ONE.first(con, project.name)
    if taken is not None:
        raise UsageError(
            f"There is already a project {taken.name!r} ({taken.path}).", "Choose another with --name NAME."
        )
    con.execute(
        "INSERT INTO projects (name, path, engine, engine_reason, environment, stages, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            project.name,
            str(project.path),
            project.engine,
            project.engine_reason,
            project.environment,
            json.dumps(stages),
            stamp(now()),
        ),
    )
    events.emit(con, "project.added", project.name, path=str(project.path), engine=project.engine)


def set_stages(con: sqlite3.Connection, name: str, stages: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Keep what the compose file says now."""
    con.execute("UPDATE projects SET stages = ? WHERE name = ?", (json.dumps(stages), name))


def set_environment(con: sqlite3.Connection, name: str, environment: str | None) -> Project:
    """Keep the environment that the next starts use; None: the folder as Compose reads it. Raises UsageError."""
    project = get(con, name)
    con.execute("UPDATE projects SET environment = ? WHERE name = ?", (environment, project.name))
    events.emit(con, "project.changed", project.name, environment=environment)
    return get(con, name)


def remove(con: sqlite3.Connection, name: str) -> Project:
    """Forget a project; its files stay. Raises UsageError while it lives."""
    project = get(con, name)
    if runs.ACTIVE_OF_PROJECT.first(con, name) or jobs.OPEN_OF_PROJECT.first(con, name):
        raise UsageError(f"{project.name} is up: it cannot be forgotten now.", f"hubtui stop {project.name} --wait")
    con.execute("UPDATE jobs SET run = NULL, parent = NULL WHERE project = ?", (name,))
    con.execute("DELETE FROM services WHERE project = ?", (name,))
    con.execute("DELETE FROM projects WHERE name = ?", (name,))
    events.emit(con, "project.removed", project.name)
    return project


def listing(con: sqlite3.Connection) -> list[Project]:
    """Every project with its newest run and the job to show: three queries, however many there are."""
    newest_runs = {r.project: r for r in runs.NEWEST_OF_EACH.all(con)}
    shown_jobs = {j.project: j for j in jobs.SHOWN_OF_EACH.all(con)}
    return [_with(p, newest_runs, shown_jobs) for p in ALL.all(con)]


def _with(project: Project, newest_runs: Mapping[str, Run], shown_jobs: Mapping[str, Job]) -> Project:
    return replace(project, run=newest_runs.get(project.name), job=shown_jobs.get(project.name))


def view(con: sqlite3.Connection, name: str) -> ProjectView:
    """All that a panel shows, under one sequence number. Raises UsageError for an unknown name.

    The caller reads inside one transaction (`BEGIN` ... `COMMIT`), so that the parts belong together.
    """
    seq = events.LAST_SEQ.first(con) or 0
    project = get(con, name)
    run = runs.NEWEST_OF_PROJECT.first(con, name)
    job = jobs.SHOWN_OF_PROJECT.first(con, name)
    return ProjectView(
        seq=seq,
        project=replace(project, run=run, job=job),
        steps=tuple(steps.OF_LAST_ATTEMPT.all(con, job.id)) if job else (),
        services=tuple(services.OF_PROJECT.all(con, name)),
        stages=STAGES.first(con, name) or (),
        good=lastgood.COMPARED_WITH.first(con, job.id) if job and job.state is JobState.FAILURE else None,
    )
