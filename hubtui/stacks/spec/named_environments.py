"""Named environments: which files, env files, profiles and engine limits `production` means for one project.

The compose file says so in `x-hubtui.environments`. Where it does not, files do by their names: `compose.NAME.yaml` (or
.yml, or docker-compose.NAME.yml) beside the compose file is laid over it, `.env.NAME` over `.env`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubtui.errors import UsageError
from hubtui.paths import expanded
from hubtui.stacks.spec.document import Document, Place
from hubtui.stacks.spec.fields import cpus, size
from hubtui.stacks.spec.find import find_override
from hubtui.stacks.spec.interpolate import Findings
from hubtui.stacks.spec.resolve.sources import Wanted, find_sources
from hubtui.stacks.spec.yaml import load_yaml

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_COMPOSE = re.compile(r"(?:docker-)?compose\.([^.]+)\.ya?ml")
_ENV = re.compile(r"\.env\.([^.]+)")
# What people write behind `.env.` or between `compose.` and `.yaml` that is not to be run.
_NO_NAMES = frozenset(
    ["override", "example", "sample", "template", "dist", "local", "default", "defaults", "bak", "old", "orig", "keys"]
)


@dataclass(frozen=True, slots=True)
class NamedEnvironment:
    """What one environment changes. Paths are as written, relative to the project's folder; what is empty stays as
    Compose finds it. `cpus` (cores) and `memory` (bytes) are the engine's limits, None: the settings say. `reason` is
    where it is said."""

    name: str
    files: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    cpus: float | None = None
    memory: int | None = None
    reason: str = ""

    def wanted(self) -> Wanted:
        """The same for the loader."""
        files, env_files = ([expanded(p) for p in some] for some in (self.files, self.env_files))
        return Wanted(files, env_files, self.profiles)

    def words(self) -> list[str]:
        """What it changes, a few words each."""
        said = (("files", self.files), ("env files", self.env_files), ("profiles", self.profiles))
        found = [f"{what} {', '.join(names)}" for what, names in said if names]
        if self.cpus:
            found.append(f"{self.cpus:g} CPU")
        if self.memory:
            found.append(f"{self.memory / 1024**3:g} GiB")
        return found


# Is always there: where nothing is said of it, it is the folder as Compose reads it.
PLAIN = NamedEnvironment("development")


def of_folder(folder: Path, environ: Mapping[str, str] | None = None) -> dict[str, NamedEnvironment]:
    """The environments of the project in `folder`, by their names; PLAIN's comes first. Raises StackError for a compose
    file that cannot be read, and for what it says of them wrongly."""
    sources = find_sources(folder, Wanted(), os.environ if environ is None else environ, Findings())
    found: dict[str, NamedEnvironment] = {}
    for file in sources.files:
        for document in load_yaml(file):
            found |= declared(document)
    found = found or _by_names(folder, sources.files)
    return {PLAIN.name: PLAIN, **found}


def find(folder: Path, name: str | None, environ: Mapping[str, str] | None = None) -> NamedEnvironment:
    """One environment; None stands for no choice: the folder as Compose reads it. Raises UsageError with the names
    there are, StackError as `of_folder`."""
    if name is None:
        return PLAIN
    known = of_folder(folder, environ)
    if name not in known:
        hint = f"Its environments: {', '.join(known)}"
        if len(known) == 1:
            hint += (
                f". A file compose.{name}.yaml or .env.{name} makes one, or x-hubtui.environments in the compose file."
            )
        raise UsageError(f"The stack in {folder} has no environment {name!r}.", hint)
    return known[name]


def declared(document: Document) -> dict[str, NamedEnvironment]:
    """What `x-hubtui.environments` of a file says. Raises StackError."""
    if not isinstance(document.tree.get("x-hubtui"), dict):
        return {}
    place = document.root.need("x-hubtui").get("environments")
    return {name: _read(name, entry) for name, entry in place.entries()} if place else {}


_KEYS = ("files", "env_files", "profiles", "cpus", "memory")


def _read(name: str, place: Place) -> NamedEnvironment:
    if not _NAME.fullmatch(name):
        raise place.error("is no name for an environment", "Letters, digits, - and _, beginning with one of the first.")
    if place.value is None:
        return NamedEnvironment(name, reason="x-hubtui.environments")
    for key, value in place.mapping().items():
        if key not in _KEYS:
            raise place.at(key, value).error(f"is none of {', '.join(_KEYS)}")
    return NamedEnvironment(
        name,
        place.part("files", Place.strings, ()),
        place.part("env_files", Place.strings, ()),
        place.part("profiles", Place.strings, ()),
        place.field("cpus", _cpus, None),
        place.field("memory", _memory, None),
        "x-hubtui.environments",
    )


def _cpus(value: Any) -> float:
    if not (found := cpus(value)):
        raise ValueError("must be more than 0")
    return found


def _memory(value: Any) -> int:
    if not (found := size(value)):
        raise ValueError("must be more than 0")
    return found


def _by_names(folder: Path, files: Sequence[Path]) -> dict[str, NamedEnvironment]:
    """What the names of the files beside the compose file say, sorted. They lie over `files`, which are read without
    them, but not over the override file: with `-f`, Compose leaves that out, too."""
    beside = files[0].parent
    try:
        names = sorted(os.listdir(beside))
    except OSError:
        return {}
    above: dict[str, list[str]] = {}
    env_files: dict[str, list[str]] = {}
    for file in names:
        for pattern, found in ((_COMPOSE, above), (_ENV, env_files)):
            match = pattern.fullmatch(file)
            if match and _NAME.fullmatch(match[1]) and match[1] not in _NO_NAMES:
                found.setdefault(match[1], []).append(os.path.relpath(beside / file, folder))
    override, own = find_override(beside), beside / ".env"
    base = [os.path.relpath(file, folder) for file in files if file != override]
    below = (os.path.relpath(own, folder),) if os.path.isfile(own) else ()
    return {
        name: NamedEnvironment(
            name,
            tuple(dict.fromkeys([*base, above[name][0]])) if name in above else (),
            (*below, *env_files[name]) if name in env_files else (),
            reason="the names of its files",
        )
        for name in sorted({*above, *env_files})
    }
