"""Which files a stack is read from, with which variables and profiles.

https://docs.docker.com/compose/how-tos/environment-variables/envvars/ and envvars-precedence; in doubt the measure is
compose-go's cli/options.go.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hubtui.errors import StackError
from hubtui.paths import expanded
from hubtui.stacks.spec.fields import boolean
from hubtui.stacks.spec.find import find_compose_file, find_override
from hubtui.stacks.spec.interpolate import Findings
from hubtui.stacks.spec.resolve.environments import env_file_variables

FILE, SEPARATOR, PROFILES = "COMPOSE_FILE", "COMPOSE_PATH_SEPARATOR", "COMPOSE_PROFILES"
ENV_FILES, NO_ENV_FILE = "COMPOSE_ENV_FILES", "COMPOSE_DISABLE_ENV_FILE"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody says about a stack beyond its folder; what is empty is found as Compose finds it.

    Paths are relative to the folder. `folder` is the project directory where it is not that of the first file. `texts`
    are those of files that are nowhere on disk, by their absolute paths.
    """

    files: Sequence[Path] = ()
    env_files: Sequence[Path] = ()
    profiles: Sequence[str] = ()
    name: str = ""
    folder: Path | None = None
    texts: Mapping[Path, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sources:
    """The compose files, the project directory, the variables, the profiles, and the env files that were named."""

    files: tuple[Path, ...]
    folder: Path
    variables: dict[str, str]
    profiles: tuple[str, ...]
    env_files: tuple[Path, ...] = ()


def find_sources(folder: Path, wanted: Wanted, environ: Mapping[str, str], findings: Findings) -> Sources:
    """What to read for the stack in `folder`, which stands for the current directory. Raises StackError."""
    files = [Path(os.path.abspath(folder / file)) for file in wanted.files]
    said = folder / wanted.folder if wanted.folder else files[0].parent if files else folder
    begin = Path(os.path.abspath(said))  # where `.env` is looked for before COMPOSE_FILE, which it may hold, is known
    variables = _variables(folder, begin, wanted, environ, findings)
    files = files or _named(folder, variables) or _found(folder)
    project = begin if wanted.folder else files[0].parent
    if project != begin and not _env_files(folder, wanted, environ) and not _disabled(environ):
        own = project / ".env"
        below = env_file_variables([own], variables, findings) if os.path.isfile(own) else {}
        variables = {**below, **variables}
    profiles = wanted.profiles or [name.strip() for name in variables.get(PROFILES, "").split(",")]
    named = tuple(Path(os.path.abspath(path)) for path in _env_files(folder, wanted, environ))
    return Sources(tuple(files), project, variables, tuple(name for name in profiles if name), named)


def _variables(
    folder: Path, begin: Path, wanted: Wanted, environ: Mapping[str, str], findings: Findings
) -> dict[str, str]:
    """The environment, and below it the env files that were named, or else `.env`."""
    named = _env_files(folder, wanted, environ)
    for path in named:
        if not os.path.exists(path):
            raise StackError("there is no such env file", file=str(path))
    files = [path for path in named if str(path) != os.devnull]
    default = begin / ".env"
    if not named and not _disabled(environ) and os.path.exists(default) and not os.path.isdir(default):
        files = [default]
    return {**env_file_variables(files, environ, findings), **environ}


def _env_files(folder: Path, wanted: Wanted, environ: Mapping[str, str]) -> list[Path]:
    if wanted.env_files:
        return [folder / expanded(path) for path in wanted.env_files]
    return [folder / name for name in environ.get(ENV_FILES, "").split(",") if name]


def _disabled(environ: Mapping[str, str]) -> bool:
    try:
        return boolean(environ.get(NO_ENV_FILE) or "false")
    except ValueError as error:
        raise StackError(f"{NO_ENV_FILE} {error}") from None


def _named(folder: Path, variables: Mapping[str, str]) -> list[Path]:
    """The files of COMPOSE_FILE."""
    separator = variables.get(SEPARATOR) or os.pathsep
    written = variables.get(FILE, "")
    return [Path(os.path.abspath(folder / name)) for name in written.split(separator) if name]


def _found(folder: Path) -> list[Path]:
    """The folder's compose file, and its override file."""
    override = find_override(folder)
    return [find_compose_file(folder), *([override] if override else [])]
