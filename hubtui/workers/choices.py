"""What may be chosen for a project's starts: its environments, its profiles. Read from its files."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from hubtui.models import Project
from hubtui.paths import Home
from hubtui.stacks.spec.named_environments import PLAIN, NamedEnvironment
from hubtui.stacks.spec.shell import without_compose
from hubtui.store import connect, runs


@dataclass(frozen=True, slots=True)
class EnvironmentChoice:
    """`name` is None for no environment: the folder as Compose reads it. `cpus` (cores) and `memory` (bytes) are the
    limits of a Dagger engine, its own or the settings'. `chosen`: the next starts use it."""

    name: str | None
    changes: NamedEnvironment
    cpus: float
    memory: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class ProfileChoice:
    """A profile and its services. `always`: the environment or COMPOSE_PROFILES has it active. `on`: so is the last run
    of the project."""

    name: str
    services: tuple[str, ...]
    always: bool
    on: bool


def environments(project: Project) -> list[EnvironmentChoice]:
    """None first; one that is the same under another name only where it is chosen. Raises HubtuiError where compose
    file or settings cannot be read."""
    from hubtui.stacks.spec.named_environments import of_folder
    from hubtui.workers.runner import settings

    def choice(name: str | None, changes: NamedEnvironment) -> EnvironmentChoice:
        limits = settings.load(changes).dagger
        return EnvironmentChoice(name, changes, limits.cpus, limits.memory, name == project.environment)

    known = of_folder(project.path, without_compose()).items()
    told = [choice(name, found) for name, found in known if found != PLAIN or name == project.environment]
    return [choice(None, PLAIN), *told]


def profiles(home: Home, project: Project) -> list[ProfileChoice]:
    """Sorted by name. Raises HubtuiError where the stack or the store cannot be read."""
    from hubtui.stacks.spec.registered import load_registered

    _, stack = load_registered(project.path, project.environment_in_use)
    with contextlib.closing(connect.open_reader(home)) as con:
        last = runs.LAST_PROFILES.first(con, project.name) or ()
    members: dict[str, list[str]] = {}
    for name, service in stack.services.items():
        for profile in service.profiles:
            members.setdefault(profile, []).append(name)
    return [
        ProfileChoice(name, tuple(members[name]), always, always or name in last or "*" in last)
        for name in sorted(members)
        for always in (name in stack.profiles or "*" in stack.profiles,)
    ]
