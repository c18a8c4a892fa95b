"""What is looked at outside a job, for `clean` and `exec`: a project's stack as it is, what it has on its engine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from hubtui.errors import UsageError
from hubtui.models import Project

if TYPE_CHECKING:
    from hubtui.stacks.engines.compose.leftovers import Plan
    from hubtui.stacks.spec.model import Stack


def stack_of(project: Project) -> Stack:
    """The stack in the environment that is in use, else in the one that the next start uses. Raises StackError."""
    from hubtui.stacks.spec.registered import load_registered

    return load_registered(project.path, project.environment_in_use or project.environment)[1]


def leftovers(project: Project, words: Collection[str]) -> Plan:
    """What a clean with these words would take. Raises StackError, EngineError."""
    from hubtui.stacks.engines.compose import errors, program
    from hubtui.stacks.engines.compose import leftovers as found
    from hubtui.stacks.engines.compose.api import endpoint
    from hubtui.stacks.engines.compose.api.http import Http, Refused, Unreachable

    async def look() -> Plan:
        http = Http(endpoint.find(), program.find().docker)
        try:
            return await found.look(http, stack_of(project).name, words)
        except (Refused, Unreachable) as error:
            raise errors.of_api(error, http.endpoint.url) from error
        finally:
            http.close()

    return asyncio.run(look())


def inside(
    project: Project, service: str, command: Sequence[str], *, terminal: bool
) -> tuple[list[str], str, Mapping[str, str]]:
    """(argv, folder, environment) of a command inside a service that runs: in its container, or beside its process with
    its folder and environment. Raises StackError, EngineError, UsageError where its engine lets nobody in."""
    if project.engine == "compose":
        from hubtui.stacks.engines.compose import program
        from hubtui.stacks.engines.compose.cli import argv_of

        stack = stack_of(project)
        plain = () if terminal else ("--no-TTY",)
        argv = argv_of(program.find(), stack, "exec", *plain, service, *command)
        return argv, str(stack.folder), os.environ
    if project.engine == "process":
        stack = stack_of(project)
        if service not in stack.services:
            raise UsageError(
                f"{service} is not in the compose file of {project.name} any more, which says what it would be given.",
                f"hubtui status {project.name}",
            )
        return list(command), str(stack.folder), {**os.environ, **stack.services[service].environment}
    raise UsageError(
        f"{project.name} is on the {project.engine} engine, which lets nobody into a service that runs.",
        f"What it prints: hubtui logs {project.name}/{service}",
    )
