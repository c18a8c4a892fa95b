"""Which values of a stack must never be shown: those of variables named like a secret, and Compose's `secrets`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from hubtui.errors import StackError
from hubtui.safetext import is_secret_name
from hubtui.stacks.spec.model import FileSource, Service
from hubtui.stacks.spec.project import Project
from hubtui.stacks.spec.source import read_text

MIN_LENGTH = 6  # shorter ones ("dev", "1234") would blot out half the screen
_MIN_LINE = 16
_MAX_FILE = 64 * 1024


def secret_values(
    project: Project, services: Mapping[str, Service], sources: Mapping[str, FileSource]
) -> frozenset[str]:
    """The values to mask. Variables that the file only refers to count too: a password inside a URL is still one."""
    named: list[tuple[str, str]] = list(project.findings.used)
    for service in services.values():
        named += service.environment.items()
        named += service.build.args.items() if service.build else ()
    values = [value for name, value in named if is_secret_name(name)]
    return frozenset(_maskable([*values, *_contents(sources)]))


def _contents(sources: Mapping[str, FileSource]) -> Iterator[str]:
    """What the stack's secrets hold; a file that cannot be read or is large is the engine's to complain about."""
    for source in sources.values():
        if source.value is not None:
            yield source.value
        elif source.file is not None:
            try:
                yield read_text(source.file, what="secret", limit=_MAX_FILE)
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
