"""What a job asks for, read from it and from the project's files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hubtui.models import Job, JobType, Project
from hubtui.stacks.engines.base import BuildOptions
from hubtui.stacks.spec.model import Stack

if TYPE_CHECKING:  # the loader behind it is imported while the runner already takes jobs
    from hubtui.stacks.spec.named_environments import NamedEnvironment

LIKE_LAST = (JobType.RESTART, JobType.REBUILD, JobType.ADOPT)  # go on with what the last run was started with


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
    """The stack in the environment of the job. Raises HubtuiError."""
    from hubtui.stacks.spec.registered import load_registered

    return load_registered(project.path, job.environment)
