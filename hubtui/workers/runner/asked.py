"""What a job asks for, read from it and from the project's files."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hubtui.errors import UsageError
from hubtui.models import Job, JobType, Project
from hubtui.stacks import plan
from hubtui.stacks.engines.base import BuildOptions
from hubtui.stacks.spec.model import Stack
from hubtui.store import runs

if TYPE_CHECKING:  # the loader behind it is imported while the runner already takes jobs
    from hubtui.stacks.spec.named_environments import NamedEnvironment


def like_last(con: sqlite3.Connection, job: Job) -> Job:
    """The job as it is done where no run is open. Only a start begins anew: all else goes on with the profiles that the
    last run had, as a person means it who restarts, renews or ends "the stack". What ends it names no environment
    either: it is read in the one that it was started in."""
    last = runs.NEWEST_OF_PROJECT.first(con, job.project)
    if last is None or job.type is JobType.START:
        return job
    profiles = job.profiles or runs.LAST_PROFILES.first(con, job.project) or ()
    return replace(job, profiles=profiles, environment=last.environment if job.type.ends else job.environment)


def going_on(job: Job, profiles: tuple[str, ...], environment: str | None) -> Job:
    """The job as it is done while a run is open that has these profiles and this environment."""
    return replace(
        job, profiles=job.profiles or profiles, environment=environment if job.type.ends else job.environment
    )


def anew(job: Job, names: Sequence[str]) -> Sequence[str]:
    """The services that a job builds and starts anew though they are up. (A whole restart has stopped them already.)"""
    if job.type is JobType.REBUILD:
        return job.services or names
    return job.services if job.type is JobType.RESTART else ()


def build_options(job: Job, names: Sequence[str]) -> BuildOptions:
    """The same for the engine."""
    again = frozenset(anew(job, names))
    rebuild = again if job.type is JobType.REBUILD else frozenset[str]()
    return BuildOptions(again, rebuild, frozenset(job.empty_volumes))


def limits_of(stack: Stack) -> dict[str, Any]:
    """What the compose file itself says of its jobs."""
    return {name: int(value) if name == "max_attempts" else value for name, value in stack.jobs.items()}


def load(project: Project, job: Job) -> tuple[NamedEnvironment, Stack]:
    """The stack in the environment of the job; what is to end does so though its environment is gone. Raises
    HubtuiError."""
    from hubtui.stacks.spec.registered import load_registered

    try:
        return load_registered(project.path, job.environment)
    except UsageError:
        if not job.type.ends:
            raise
        return load_registered(project.path, None)


def enabled(stack: Stack, job: Job) -> tuple[str, ...]:
    """What belongs to the stack with the profiles of the job, and what it names beside that."""
    found = plan.select(stack, (), job.profiles)
    return found + tuple(n for n in plan.select(stack, job.services, job.profiles) if n not in found)
