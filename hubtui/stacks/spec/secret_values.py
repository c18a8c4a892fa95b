"""Which values of a stack must never be shown: those of variables named like a secret, and Compose's `secrets`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from hubtui.errors import StackError
from hubtui.safetext import is_secret_name
from hubtui.stacks.spec.fields import text
from hubtui.stacks.spec.model import Service
from hubtui.stacks.spec.project import Project
from hubtui.stacks.spec.source import read_text

MIN_LENGTH = 6  # shorter ones ("dev", "1234") would blot out half the screen
_MIN_LINE = 16
_MAX_FILE = 64 * 1024


def secret_values(project: Project, services: Mapping[str, Service]) -> frozenset[str]:
    """The values to mask. Variables that the file only refers to count too: a password inside a URL is still one."""
    named: list[tuple[str, str]] = list(project.findings.used)
    for service in services.values():
        named += service.environment.items()
        named += service.build.args.items() if service.build else ()
    values = [value for name, value in named if is_secret_name(name)]
    return frozenset(_maskable([*values, *_declared(project)]))


def _declared(project: Project) -> Iterator[str]:
    """Top-level `secrets`, by `environment:` or `file:`; one that cannot be read is Docker's to complain about.

    https://github.com/compose-spec/compose-spec/blob/main/09-secrets.md
    """
    secrets = project.document.root.get("secrets")
    for _, place in secrets.entries() if secrets else ():
        if place.value is None:
            continue
        variable, file = place.get("environment"), place.get("file")
        if variable is not None:
            yield project.variables.get(variable.to(text), "")
        elif file is not None:
            try:
                yield read_text(project.folder / file.to(text), what="secret", limit=_MAX_FILE)
            except StackError:
                continue


def _maskable(values: Iterable[str]) -> Iterator[str]:
    """Each value, and of one with several lines also its lines, because output is masked line by line."""
    for value in values:
        whole = value.strip()
        if len(whole) >= MIN_LENGTH:
            yield whole
        if "\n" in whole:
            lines = (line.strip() for line in whole.split("\n"))
            yield from (line for line in lines if len(line) >= _MIN_LINE and not line.startswith("-----"))
