"""From a folder to an interpolated compose file: which file, which variables, which name."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hubtui.errors import StackError
from hubtui.stacks.spec.document import Document
from hubtui.stacks.spec.dotenv import load_dotenv
from hubtui.stacks.spec.fields import text
from hubtui.stacks.spec.find import find_compose_file, find_override
from hubtui.stacks.spec.interpolate import Findings, MissingVariables, interpolate
from hubtui.stacks.spec.yaml import load_yaml

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
NAME_VARIABLE = "COMPOSE_PROJECT_NAME"


@dataclass(frozen=True, slots=True)
class Project:
    """A compose file that was read: as written (`raw`), with its variables filled in (`document`), and from what."""

    name: str
    folder: Path
    raw: Document
    document: Document
    variables: Mapping[str, str]
    findings: Findings

    def path(self, written: str) -> Path:
        """A path of the compose file, absolute: `~` is the home folder, what is relative begins in the stack's."""
        return Path(os.path.normpath(self.folder / os.path.expanduser(written)))

    def raise_missing(self) -> None:
        """Name every required variable that is not set, if there is one."""
        if self.findings.missing:
            hint = f"Set what is missing in {self.folder / '.env'} or in the environment."
            raise MissingVariables(self.findings.missing.values(), hint)

    def warnings(self) -> tuple[str, ...]:
        """What is probably not as meant, in sentences."""
        found = [
            f"{where}: the variable {name} is not set and counts as empty"
            for name, where in self.findings.unset.items()
        ]
        override = None if self.raw.file.parent != self.folder else find_override(self.folder)
        if override is not None:
            found.append(f"{override.name} is not merged yet; docker compose would")
        found += [
            f"{self.raw.file}:{self.raw.line((key,))}: `{key}` is not read yet"
            for key in ("include",)
            if key in self.raw.tree
        ]
        return tuple(found)


def read_project(folder: Path, file: Path | None, environ: Mapping[str, str] | None) -> Project:
    """Read the compose file of `folder` (or `file`, relative to it) with the variables of `environ` (this process's
    environment if None) above those of the folder's `.env`. Missing required variables are only collected."""
    folder = Path(os.path.abspath(folder))
    path = folder / file if file is not None else find_compose_file(folder)
    environ = os.environ if environ is None else environ
    findings = Findings()
    variables = {**_dotenv(folder, environ, findings), **environ}
    raw = load_yaml(path)
    name = project_name(raw, folder, variables)
    variables.setdefault(NAME_VARIABLE, name)  # Compose offers it to the file itself
    document = interpolate(raw, variables, findings)
    return Project(name, folder, raw, document, variables, findings)


def _dotenv(folder: Path, environ: Mapping[str, str], findings: Findings) -> dict[str, str]:
    path = folder / ".env"
    return load_dotenv(path, environ, findings) if os.path.lexists(path) else {}


def project_name(raw: Document, folder: Path, variables: Mapping[str, str]) -> str:
    """COMPOSE_PROJECT_NAME, else `name:`, else the folder's name made fit.

    https://github.com/compose-spec/compose-spec/blob/main/04-version-and-name.md#name-top-level-element; making fit is
    compose-go's `NormalizeProjectName`: lower case, only [a-z0-9_-], not beginning with _ or -.
    """
    written = raw.root.get("name")
    if given := variables.get(NAME_VARIABLE, ""):
        if not _NAME.fullmatch(given):
            raise StackError(f"{NAME_VARIABLE} is {given!r}, which is no project name", _NAME_HINT)
        return given
    if written is not None:
        only = raw.with_tree({"name": written.to(text)})
        name = str(interpolate(only, variables, Findings()).tree["name"])
        if name and not _NAME.fullmatch(name):
            raise written.error(f"is {name!r}, which is no project name", _NAME_HINT)
        if name:
            return name
    name = re.sub(r"[^a-z0-9_-]", "", folder.name.lower()).lstrip("_-")
    if not name:
        raise raw.error("this folder's name makes no project name", hint="Add `name: something` to the file.")
    return name


_NAME_HINT = "A project name has lower case letters, digits, - and _, and begins with a letter or digit."
