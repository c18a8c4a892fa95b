"""Which variables a stack asks for, where each one comes from, and which of them are missing.

A variable stands in any file of the stack, also in included and extended ones. What it comes to is taken from the
reading of the stack itself, so that nothing is called missing here that a start would not miss, nor the other way
round.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubtui.errors import StackError
from hubtui.safetext import MASK, is_secret_name, mask
from hubtui.stacks.spec.environment import file_environment
from hubtui.stacks.spec.marks import Row, Table
from hubtui.stacks.spec.project import NAME_VARIABLE, Project
from hubtui.stacks.spec.resolve.variables import Variable, wanted_variables

SHELL, DEFAULT, OWN_NAME = "shell", "default", "project name"
_LOGIN = re.compile(r"(?<=://)[^/@\s]*(?=@)")  # user:password of an address


@dataclass(frozen=True, slots=True)
class Want:
    """One variable. `source` is shell, default, project name, an env file (relative to the stack's folder if below
    it), or None for nowhere; `required` that a start fails without it; `set` that it has a value which will do.

    `shown` is the value for people's eyes, never that of a secret; `default` is as the file writes it, `message` what
    the file says to who did not set it, `where` the file and line of its first use.
    """

    name: str
    required: bool
    source: str | None
    set: bool
    shown: str = ""
    default: str = ""
    has_default: bool = False
    message: str = ""
    where: str = ""

    @property
    def missing(self) -> bool:
        """Whether a start fails for want of it."""
        return self.required and not self.set

    @property
    def secret(self) -> bool:
        """Whether it is named like a secret."""
        return is_secret_name(self.name)


@dataclass(slots=True)
class _Uses:
    """All uses of one variable, put together: the first default that is not empty counts."""

    where: str
    demanded: bool = False
    has_default: bool = False
    default: str = ""


def wants(project: Project, environ: Mapping[str, str] | None = None) -> list[Want]:
    """Every variable of the files, by name. `environ` is what the project was read with (this process's environment if
    None). Raises StackError for a file that changed meanwhile and cannot be read."""
    environ = os.environ if environ is None else environ
    found: dict[str, _Uses] = {}
    for variable, where in _in_files(project):
        uses = found.setdefault(variable.name, _Uses(where))
        uses.demanded |= variable.required
        uses.has_default |= variable.has_default
        uses.default = uses.default or variable.default
    _read_env_files(project)
    for missing in project.findings.missing.values():  # those of env files, too
        where = f"{missing.file}:{missing.line}" if missing.line else missing.file
        found.setdefault(missing.name, _Uses(where, demanded=True))
    secrets = [value for name, value in project.variables.items() if name in found and is_secret_name(name)]
    return [_want(name, found[name], project, environ, secrets) for name in sorted(found)]


def _read_env_files(project: Project) -> None:
    """Have what the services' env files demand noted in the findings, as a start would."""
    services = project.document.root.get("services")
    if services is None or not isinstance(services.value, dict):
        return  # somebody else's to complain about, as is a file that is not there
    for _, service in services.entries():
        with contextlib.suppress(StackError):
            file_environment(service, project)


def _want(name: str, uses: _Uses, project: Project, environ: Mapping[str, str], secrets: Iterable[str]) -> Want:
    missing = project.findings.missing.get(name)
    source = _source(name, project, environ)
    given = source is not None and missing is None
    if source is None and uses.has_default and missing is None:
        source = DEFAULT
    value = uses.default if source == DEFAULT else project.variables.get(name, "")
    return Want(
        name,
        required=missing is not None or (uses.demanded and given),
        source=source,
        set=given,
        shown=_shown(name, value, secrets),
        default=uses.default,
        has_default=uses.has_default,
        message=missing.message if missing else "",
        where=uses.where,
    )


def _source(name: str, project: Project, environ: Mapping[str, str]) -> str | None:
    if name in environ:
        return SHELL
    if name in project.findings.origins:
        path = project.findings.origins[name]
        return str(path.relative_to(project.folder) if path.is_relative_to(project.folder) else path)
    return OWN_NAME if name == NAME_VARIABLE else None


def _shown(name: str, value: str, secrets: Iterable[str]) -> str:
    if is_secret_name(name):
        return MASK if value else ""
    return mask(_LOGIN.sub(MASK, value), secrets)


def _in_files(project: Project) -> Iterator[tuple[Variable, str]]:
    for path in project.files:
        for document in project.documents(path):
            for text, where in _strings(document.tree, path):
                for variable in wanted_variables(text):
                    yield variable, where


def _strings(holder: Any, path: Path) -> Iterator[tuple[str, str]]:
    """Every value with a variable in it, and its file and line."""
    entries: Iterable[tuple[Any, Any]] = holder.items() if isinstance(holder, dict) else enumerate(holder)
    for key, value in entries:
        if isinstance(value, dict | list):
            yield from _strings(value, path)
        elif isinstance(value, str) and "$" in value:
            mark = holder.at(key) if isinstance(holder, Table | Row) else None
            yield value, f"{mark.file}:{mark.line}" if mark else str(path)
