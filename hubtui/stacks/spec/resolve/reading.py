"""Compose files to one tree: read, filled in, included, extended, merged, in long forms, with absolute paths.

The order is compose-go's (loader/loader.go).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hubtui.errors import StackError
from hubtui.stacks.spec.document import Document
from hubtui.stacks.spec.interpolate import Findings, interpolate
from hubtui.stacks.spec.marks import Row, Table
from hubtui.stacks.spec.mistakes import Collector
from hubtui.stacks.spec.resolve.longform import lengthen, set_defaults
from hubtui.stacks.spec.resolve.merge import Merger
from hubtui.stacks.spec.resolve.paths import Paths
from hubtui.stacks.spec.resolve.reset import forget
from hubtui.stacks.spec.resolve.unique import enforce_unicity
from hubtui.stacks.spec.yaml import load_yaml

MAX_FILES = 200  # of one stack: included and extended ones, too


@dataclass(slots=True)
class Reading:
    """What all files of a stack have in common while they are read. `files` are those that were, in order."""

    home: str
    findings: Findings
    wrong: Collector = field(default_factory=Collector)
    files: dict[Path, None] = field(default_factory=dict)
    documents: dict[Path, list[Document]] = field(default_factory=dict)
    count: int = 0

    def open(self, path: Path) -> list[Document]:
        """The documents of a file; a file that was opened for its name only is not read twice."""
        self.count += 1
        if self.count > MAX_FILES:
            raise StackError(f"this stack reads more than {MAX_FILES} files", file=str(path))
        self.files[path] = None
        return self.documents.pop(path, None) or load_yaml(path)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a file sees: where relative paths begin, its variables, and the chain of files that included it."""

    folder: Path
    variables: Mapping[str, str]
    chain: tuple[Path, ...] = ()


def read_tree(paths: Iterable[Path], around: Surroundings, reading: Reading) -> Table:
    """The files, later ones over earlier ones. Mistakes go to `reading.wrong`; what ends the reading is raised."""
    tree = Table(None)
    merger = Merger(reading.wrong)
    for path in paths:
        for document in reading.open(path):
            own = document.tree
            fill(document, around.variables, reading)
            if "include" in own:
                from hubtui.stacks.spec.resolve.include import apply_include  # it reads trees, too

                apply_include(document, around, reading)
            forget(tree, document.resets)
            if _some_extend(own.get("services")):
                from hubtui.stacks.spec.resolve.extends import apply_extends  # most files need none of it

                apply_extends(document, around, reading)
            tree.mark = tree.mark or getattr(own, "mark", None)
            merger.tables(tree, own, ())
            tree.pop("version", None)
            enforce_unicity(tree, around.folder)
            lengthen(tree)
            enforce_unicity(tree, around.folder)  # only now it shows that a range holds a port that is there already
    set_defaults(tree)
    Paths(around.folder, reading.home).resolve(tree)
    _name_values(tree, around.variables)
    return tree


def _some_extend(services: Any) -> bool:
    return isinstance(services, dict) and any(isinstance(s, dict) and "extends" in s for s in services.values())


def fill(document: Document, variables: Mapping[str, str], reading: Reading) -> None:
    """Interpolate a document; stray `$`s go to the other mistakes."""
    try:
        interpolate(document, variables, reading.findings)
    except StackError as error:
        reading.wrong.add(error)


def _name_values(tree: Table, variables: Mapping[str, str]) -> None:
    """`- KEY` of an environment gets its value here, because included files have variables of their own."""
    services = tree.get("services")
    for service in services.values() if isinstance(services, dict) else ():
        environment = service.get("environment") if isinstance(service, dict) else None
        if isinstance(environment, Row):
            for number, item in enumerate(environment):
                if isinstance(item, str) and "=" not in item and item in variables:
                    environment[number] = f"{item}={variables[item]}"
