"""From a folder to one interpolated and merged compose file: which files, which variables, which name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hubtui.errors import StackError
from hubtui.stacks.spec.document import Document
from hubtui.stacks.spec.hiding import hiding
from hubtui.stacks.spec.interpolate import Findings, MissingVariables, TemplateError, substitute
from hubtui.stacks.spec.mistakes import Collector
from hubtui.stacks.spec.model import ReadFrom
from hubtui.stacks.spec.resolve.reading import Reading, Surroundings, read_tree
from hubtui.stacks.spec.resolve.sources import Sources, Wanted, find_sources
from hubtui.stacks.spec.yaml import load_yaml, parse_yaml

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
NAME_VARIABLE = "COMPOSE_PROJECT_NAME"
STDIN = "standard input"  # what errors call the text that stands for a file
NAME_HINT = "A project name has lower case letters, digits, - and _, and begins with a letter or digit."


@dataclass(frozen=True, slots=True)
class Project:
    """A stack that was read: one document, in long forms and with absolute paths, and what it was made from.

    `files` are all that were read, the included and extended ones, too. `wrong` takes what is found to be wrong with
    it; whoever uses the project goes on collecting there, and raises all of it at once.
    """

    name: str
    folder: Path
    files: tuple[Path, ...]
    document: Document
    variables: Mapping[str, str]
    profiles: tuple[str, ...]
    findings: Findings
    wrong: Collector
    read: ReadFrom
    texts: Mapping[Path, str] = field(default_factory=dict)

    def documents(self, path: Path) -> list[Document]:
        """One of the files, read once more, with nothing filled in. Raises StackError."""
        return _documents(path, self.texts)

    def path(self, written: str) -> Path:
        """A path of the compose file, absolute: `~` is the home folder, what is relative begins in the stack's."""
        return Path(os.path.normpath(self.folder / os.path.expanduser(written)))

    def check(self) -> None:
        """Raise all that was found to be wrong so far, every required variable that is not set among it. What only such
        a variable left empty is no mistake of its own."""
        wrong = self.wrong
        if self.findings.missing:
            hint = f"Set what is missing in {self.folder / '.env'} or in the environment. `hubtui env` lists all."
            wrong = wrong.elsewhere(self.findings.blank)
            wrong.add(MissingVariables(self.findings.missing.values(), hint))
        wrong.check()

    def warnings(self) -> tuple[str, ...]:
        """What is probably not as meant, in sentences."""
        return tuple(
            f"{where}: the variable {name} is not set and counts as empty"
            for name, where in self.findings.unset.items()
        )


def read_project(folder: Path, wanted: Wanted, environ: Mapping[str, str] | None) -> Project:
    """Read the stack of `folder` with the variables of `environ` (this process's environment if None) above those of
    its env files. Raises StackError for what makes going on useless; missing variables are only collected."""
    findings = Findings()
    with hiding(findings):
        return _read(Path(os.path.abspath(folder)), wanted, os.environ if environ is None else environ, findings)


def _read(folder: Path, wanted: Wanted, environ: Mapping[str, str], findings: Findings) -> Project:
    sources = find_sources(folder, wanted, environ, findings)
    variables = sources.variables
    reading = Reading(variables.get("HOME") or os.path.expanduser("~"), findings)
    for path in sources.files:
        if path not in reading.documents:
            reading.documents[path] = _documents(path, wanted.texts)
    name = wanted.name or _name(sources, [d for found in reading.documents.values() for d in found], findings)
    if wanted.name and not _NAME.fullmatch(name):
        raise StackError(f"{name!r} is no project name", NAME_HINT)
    variables[NAME_VARIABLE] = name  # Compose offers it to the files themselves
    tree = read_tree(sources.files, Surroundings(sources.folder, variables), reading)
    document = Document(sources.files[0], tree)
    return Project(
        name,
        sources.folder,
        tuple(reading.files),
        document,
        variables,
        sources.profiles,
        findings,
        reading.wrong,
        ReadFrom(sources.files, sources.env_files, sources.profiles),
        wanted.texts,
    )


def _documents(path: Path, texts: Mapping[Path, str]) -> list[Document]:
    return parse_yaml(texts[path], Path(STDIN)) if path in texts else load_yaml(path)


def _name(sources: Sources, documents: Iterable[Document], findings: Findings) -> str:
    """COMPOSE_PROJECT_NAME, else the last `name:`, else the folder's name, the latter two made fit.

    https://github.com/compose-spec/compose-spec/blob/main/04-version-and-name.md#name-top-level-element; making fit is
    compose-go's `NormalizeProjectName`: lower case, only [a-z0-9_-], not beginning with _ or -.
    """
    if given := sources.variables.get(NAME_VARIABLE, ""):
        if not _NAME.fullmatch(given):
            origin = findings.origins.get(NAME_VARIABLE)  # None: the shell
            said = f"{NAME_VARIABLE} is {given[:40]!r}, which is no project name"
            raise StackError(said, NAME_HINT, file=str(origin or ""))
        return given
    named = [d for d in documents if isinstance(d.tree.get("name"), str) and d.tree["name"]]
    if named:
        written = named[-1].tree["name"]
        own = Findings()  # what is missing is noted where all else is interpolated
        try:
            filled = substitute(written, sources.variables.get, own)
        except TemplateError:
            filled = ""  # said there, too
        findings.used |= own.used
        if name := _fit(filled):
            return name
        raise named[-1].error(f"name is {filled[:40]!r}, of which no project name is left", ("name",), NAME_HINT)
    if name := _fit(sources.folder.name):
        return name
    hint = "Add `name: something` to the file."
    raise StackError("this folder's name makes no project name", hint, file=str(sources.files[0]), line=1)


def _fit(name: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "", name.lower()).lstrip("_-")
