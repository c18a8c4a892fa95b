"""What the compose projects below a folder would be as hubtui's projects: names, services, engines, or why not."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from hubtui.errors import MISSING_VARIABLE, HubtuiError
from hubtui.stacks.engines import select
from hubtui.stacks.engines.dagger.settings import DaggerSettings
from hubtui.stacks.scan import Scan, scan
from hubtui.stacks.spec.find import NAMES
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.spec.shell import without_compose
from hubtui.store import projects
from hubtui.workers import registry
from hubtui.workers.hub import Hub
from hubtui.workers.runner import settings


@dataclass(frozen=True, slots=True)
class Candidate:
    """A folder with a compose file. `name` is what it would be called, `own_name` what its stack calls itself where
    that is taken; `registered` is the project that has this folder already; `part_of` is another candidate that
    includes its file. `errors` say why it cannot be used, `hint` what to do about it."""

    path: Path
    name: str
    own_name: str = ""
    services: tuple[str, ...] = ()
    engine: str = ""
    engine_reason: str = ""
    registered: str | None = None
    part_of: str | None = None
    errors: tuple[str, ...] = ()
    hint: str = ""

    @property
    def usable(self) -> bool:
        """Whether it can be added now."""
        return not self.errors and self.registered is None


@dataclass(frozen=True, slots=True)
class _Known:
    """What does not change from folder to folder: the names and folders of projects, and how engines are chosen."""

    taken: set[str]
    here: dict[Path, str]
    dagger: DaggerSettings
    running: select.Running
    docker: select.Docker


def find(hub: Hub, top: Path) -> tuple[Scan, list[Candidate]]:
    """Look below `top`. Nothing is changed."""
    found = scan(top)
    with contextlib.closing(hub.reader()) as con:
        rows = projects.ALL.all(con)
    here = {project.path: project.name for project in rows}
    taken = {project.name for project in rows}
    known = _Known(taken, here, settings.load().dagger, cache(select.running_here), cache(select.docker_here))
    owners: dict[Path, str] = {}  # of the files that a stack reads beyond its own folder's
    candidates = []
    for folder in found.folders:
        candidate, files = _candidate(folder, known)
        owners |= {file: candidate.name for file in files if file.parent != folder}
        candidates.append(candidate)
    return found, [replace(c, part_of=_owner(c, owners)) if c.usable else c for c in candidates]


def _owner(candidate: Candidate, owners: Mapping[Path, str]) -> str | None:
    return next((owners[file] for name in NAMES if (file := candidate.path / name) in owners), None)


def _candidate(folder: Path, known: _Known) -> tuple[Candidate, Sequence[Path]]:
    """What the folder would be, and the files that its stack reads."""
    try:
        registered = known.here.get(registry.check_folder(folder))
        stack = load_stack(folder, environ=without_compose())
        engine, reason = select.decide(stack, None, known.dagger, known.running, known.docker)
        own = registry.check_name(stack.name)
    except HubtuiError as error:
        mistakes: Sequence[HubtuiError] = getattr(error, "mistakes", (error,))
        name = known.here.get(folder.resolve())
        words = tuple(mistake.message for mistake in mistakes)
        hint = f"(cd {shlex.quote(str(folder))} && hubtui env --init)" if error.kind == MISSING_VARIABLE else ""
        return Candidate(folder, name or folder.name, registered=name, errors=words, hint=hint), ()
    name = registered or free_name(own, folder, known.taken)
    known.taken.add(name)
    renamed = own if name != own else ""
    return Candidate(folder, name, renamed, tuple(stack.services), engine, reason, registered), stack.files


def free_name(own: str, folder: Path, taken: Collection[str]) -> str:
    """`own` if nobody has it, else with the name of the folder above in front, else with the first number that is
    free."""
    if own not in taken:
        return own
    above = "".join(c for c in folder.parent.name.lower() if c.isascii() and (c.isalnum() or c in "-_")).lstrip("-_")
    better = f"{above}-{own}"[:60]
    if above and better not in taken:
        return better
    number = 2
    while (numbered := f"{own[:55]}-{number}") in taken:
        number += 1
    return numbered
