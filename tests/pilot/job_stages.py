"""Jobs as their runners would leave them in the store: in line, between two tries, late, stuck, failed with changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hubtui import models
from hubtui.models import EndReason, Job, JobError, JobState, Notice, Priority, RunState, StepState
from hubtui.store import attempts, jobs, runs, services, slots, steps
from hubtui.store.query import stamp
from tests.pilot.stage import BY, Stage

CHANGES = ("compose file", "image of web", "git 3f2a1c > 9b01d2", "variable API_URL new", "Dockerfile of web", "engine")
NETWORK = JobError("network", "network: registry-1.docker.io gave 503")


def queued(stage: Stage, name: str, position: int, holders: Sequence[str], priority: Priority = Priority.NORMAL) -> Job:
    """A start that waits for one of the host's slots."""

    def work(con: sqlite3.Connection) -> Job:
        job = jobs.insert(con, name, models.JobType.START, (), (), BY, slot=True, priority=priority)
        slots.keep_place(con, job.id, slots.Place(False, position, tuple(holders)))
        return job

    return stage.write(work)


def retrying(stage: Stage, name: str, seconds: float, tries: int = 3) -> Job:
    """A start whose first try has failed and whose second is due after so many seconds."""
    job, run = stage.begin(name)
    stage.bring_up(name, job, run, only=("postgres", "redis"))
    stage.step(name, job, "stage:core", StepState.RUNNING)
    stage.step(name, job, "service:backend", StepState.RUNNING, "pulls web:7")

    def work(con: sqlite3.Connection) -> None:
        con.execute("UPDATE jobs SET max_attempts = ? WHERE id = ?", (tries, job.id))
        due = models.now() + timedelta(seconds=seconds)
        assert attempts.retry_later(con, job.id, NETWORK.message, NETWORK, due)

    stage.write(work)
    return job


def next_try(stage: Stage, name: str, job: Job) -> None:
    """Its second attempt, which has got to its first stage."""

    def work(con: sqlite3.Connection) -> None:
        attempts.due(con, job.id)
        assert jobs.claim(con, job.id, 1) is not None
        steps.put(con, name, job.id, "stage:infrastructure", "infrastructure", StepState.RUNNING, attempt=2)
        steps.put(
            con, name, job.id, "service:redis", "redis", StepState.RUNNING, attempt=2, parent="stage:infrastructure"
        )

    stage.write(work)


def expect(stage: Stage, job: Job, left: float, late: float, basis: str = "12 earlier starts") -> None:
    """An estimate: it should end in `left` seconds, nine of ten had ended after `late`."""
    now = models.now()
    at, late_at = (stamp(now + timedelta(seconds=s)) for s in (left, late))
    stage.write(
        lambda con: con.execute(
            "UPDATE jobs SET eta_at = ?, eta_late_at = ?, basis = ? WHERE id = ?", (at, late_at, basis, job.id)
        )
    )


def notice(stage: Stage, job: Job, kind: str, message: str) -> None:
    """Something to be known of a job at work."""
    stage.write(lambda con: attempts.note(con, job.id, [Notice(kind, message, models.now())]))


def stuck(stage: Stage, name: str) -> Job:
    """A start that gives no sign of progress."""
    job = stage.building(name)
    expect(stage, job, -600, -400)
    notice(stage, job, "stuck", "possibly stuck in pip install 14 min, usually 3 min")
    return job


@dataclass(frozen=True)
class Took:
    """How long the parts of a start take, in seconds."""

    pull: float = 3.0
    build: float = 29.0
    postgres: float = 2.1
    backend: float = 6.0
    frontend: float = 2.0


def whole_start(stage: Stage, name: str, took: Took, fingerprint: dict[str, str] | None = None) -> Job:
    """A start with a build, as an engine that builds tells it, to its good end."""
    job, run = stage.begin(name, staged=False)
    wait = stage._wait

    def step(key: str, label: str, state: StepState, parent: str | None = None, message: str = "") -> None:
        stage.write(lambda con: steps.put(con, name, job.id, key, label, state, parent=parent, message=message))

    step("read", "compose file", StepState.RUNNING)
    wait(0.2)
    step("read", "compose file", StepState.DONE)
    for key, label in (("build:backend", "build backend"), ("build:redis", "image redis")):
        step(key, label, StepState.RUNNING)
    step("a", "pull python:3.12-slim", StepState.RUNNING, "build:backend")
    wait(took.pull)
    step("a", "pull python:3.12-slim", StepState.DONE, "build:backend")
    step("build:redis", "image redis", StepState.DONE)
    step("b", "RUN pip install -r requirements.txt", StepState.RUNNING, "build:backend")
    wait(took.build)
    step("b", "RUN pip install -r requirements.txt", StepState.DONE, "build:backend")
    step("build:backend", "build backend", StepState.DONE)
    for stage_name, members in stage.view(name).stages:
        step(f"stage:{stage_name}", stage_name, StepState.WAITING)
        for member in members:
            step(f"service:{member}", member, StepState.WAITING, f"stage:{stage_name}")
    stage.step(name, job, "stage:infrastructure", StepState.RUNNING)
    stage.step(name, job, "service:postgres", StepState.RUNNING)
    stage.step(name, job, "service:redis", StepState.RUNNING)
    wait(0.8)
    stage.step(name, job, "service:redis", StepState.DONE, "healthy after 0.8 s")
    wait(took.postgres - 0.8)
    stage.step(name, job, "service:postgres", StepState.DONE, "healthy after 2.1 s")
    stage.step(name, job, "stage:infrastructure", StepState.DONE)
    for service, group, seconds in (("backend", "core", took.backend), ("frontend", "edge", took.frontend)):
        stage.step(name, job, f"stage:{group}", StepState.RUNNING)
        stage.step(name, job, f"service:{service}", StepState.RUNNING)
        wait(seconds)
        stage.step(name, job, f"service:{service}", StepState.DONE, f"healthy after {seconds} s")
        stage.step(name, job, f"stage:{group}", StepState.DONE)
    for service in ("postgres", "redis", "backend", "frontend"):
        stage.service(name, service, run, state="running", health="healthy")

    def end(con: sqlite3.Connection) -> None:
        runs.move(con, run, RunState.UP)
        attempts.compare(con, job.id, fingerprint or {}, ())
        jobs.finish(con, job.id, JobState.SUCCESS, "4 services are up")

    stage.write(end)
    return job


def stopped(stage: Stage, name: str) -> None:
    """Its run ends in order, and nobody holds it."""
    run = stage.run(name)

    def work(con: sqlite3.Connection) -> None:
        services.all_ended(con, name, run, "stopped")
        runs.end(con, run, EndReason.STOPPED, "stopped")

    stage.write(work)
    stage.let_go()


def failed_since(stage: Stage, name: str, changes: Sequence[str] = CHANGES, message: str = "") -> Job:
    """A start that went well once, and fails now that something is different."""
    whole_start(stage, name, Took(), {"compose": "1"})
    stopped(stage, name)
    stage._wait(7800)
    job = stage.failed(name, *([message] if message else []))
    stage.write(lambda con: attempts.compare(con, job.id, {"compose": "2"}, changes))
    return job
