"""`include`: other compose projects as parts of this one, each with a folder and variables of its own.

https://github.com/compose-spec/compose-spec/blob/main/14-include.md; in doubt compose-go's loader/include.go.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hubtui.errors import StackError
from hubtui.stacks.spec.document import Document, Place
from hubtui.stacks.spec.marks import Table
from hubtui.stacks.spec.resolve.environments import env_file_variables
from hubtui.stacks.spec.resolve.paths import Paths
from hubtui.stacks.spec.resolve.reading import Reading, Surroundings, read_tree
from hubtui.stacks.spec.resolve.remote import refuse_remote

SECTIONS = ("services", "volumes", "networks", "secrets", "configs", "models")
MAX_CHAIN = 20


@dataclass(frozen=True, slots=True)
class _Include:
    """One entry, its paths absolute."""

    place: Place
    files: list[Path]
    folder: Path
    env_files: list[Path] | None  # None = not said


def apply_include(document: Document, around: Surroundings, reading: Reading) -> None:
    """Bring in what the document includes, and take `include` away. A name that both have is a mistake."""
    places = document.root.get("include")
    if places is not None:
        for place in places.items():
            include = _read(place, around, reading)
            chain = (*around.chain, document.file)
            if include.files[0] in chain or len(chain) > MAX_CHAIN:
                circle = " -> ".join(str(path) for path in (*chain, include.files[0]))
                raise place.error(f"includes files in a circle: {circle}")
            for path in include.files:
                if not os.path.exists(path):
                    raise place.error(f"names {path}, which is not there")
            with place.naming():
                variables = _variables(include, around.variables, reading)
                tree = read_tree(include.files, Surroundings(include.folder, variables, chain), reading)
            _import(tree, document, reading)
    document.tree.pop("include", None)


def _read(place: Place, around: Surroundings, reading: Reading) -> _Include:
    """The short form is a path; relative ones begin in the folder of the file that includes."""
    paths = Paths(around.folder, reading.home)
    long = isinstance(place.value, dict)
    written = place.need("path").strings() if long else place.strings()
    if not written:
        raise place.error("has no path")
    for path in written:
        refuse_remote(place, path)
    files = [Path(paths.absolute(path)) for path in written]
    project, env = (place.string("project_directory"), place.get("env_file")) if long else ("", None)
    folder = Path(paths.absolute(project)) if project else files[0].parent
    env_files = [Path(paths.absolute(path)) for path in env.strings()] if env else None
    return _Include(place, files, folder, env_files)


def _variables(include: _Include, variables: Mapping[str, str], reading: Reading) -> dict[str, str]:
    """The including file's variables, and below them the include's own env files or else its `.env`."""
    own = include.folder / ".env"
    files = include.env_files if include.env_files is not None else [own] if os.path.isfile(own) else []
    for path in files:
        if not os.path.exists(path):
            raise include.place.error(f"names {path}, which is not there")
    usable = [path for path in files if str(path) != os.devnull]
    return {**env_file_variables(usable, variables, reading.findings), **variables}


def _import(tree: Table, document: Document, reading: Reading) -> None:
    for section in SECTIONS:
        found = tree.get(section)
        if not isinstance(found, Table):
            continue
        target = document.tree.setdefault(section, Table(found.mark))
        if not isinstance(target, Table):
            continue  # the check says what it is instead
        for name, value in found.items():
            if name not in target:
                target.put(name, value, found.at(name))
            elif target[name] != value:
                mark = target.at(name)
                message = f"{section}.{name} is also in a file that this one includes"
                hint = "Change included ones with a list of paths, the later over the earlier: path: [THEIRS, MINE]"
                file, line, column = mark or (str(document.file), None, None)
                reading.wrong.add(StackError(message, hint, file=file, line=line, column=column))
