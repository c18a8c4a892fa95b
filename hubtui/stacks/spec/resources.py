"""What a stack declares at the top level for its services: `volumes`, `secrets` and `configs`.

https://github.com/compose-spec/compose-spec/blob/main/07-volumes.md, 08-configs.md and 09-secrets.md
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.fields import boolean, text
from hubtui.stacks.spec.model import FileSource, Volume
from hubtui.stacks.spec.project import Project

_CONTENTS = ("file", "environment", "content")


@dataclass(frozen=True, slots=True)
class Resources:
    """What services can name, by key."""

    volumes: Mapping[str, Volume]
    secrets: Mapping[str, FileSource]
    configs: Mapping[str, FileSource]


def read_resources(project: Project) -> Resources:
    """Raises StackError with file and line for an entry that cannot be used. No file of these is opened here."""
    root = project.document.root
    volumes, secrets, configs = (root.get(key) for key in ("volumes", "secrets", "configs"))
    return Resources(
        volumes={key: _volume(key, place, project) for key, place in volumes.entries()} if volumes else {},
        secrets={key: _source(key, place, project) for key, place in secrets.entries()} if secrets else {},
        configs={key: _source(key, place, project) for key, place in configs.entries()} if configs else {},
    )


def unset_sources(project: Project) -> Iterator[str]:
    """A sentence for each secret and config that is to come from a variable that is not set."""
    for key in ("secrets", "configs"):
        sources = project.document.root.get(key)
        for _, place in sources.entries() if sources else ():
            variable = place.string("environment")
            if variable and variable not in project.variables:
                where = place.document.where(place.path)
                yield f"{where}: {place} is to come from the variable {variable}, which is not set"


def _volume(key: str, place: Place, project: Project) -> Volume:
    if place.value is None:  # the usual `data:`
        return Volume(key, f"{project.name}_{key}")
    external, name = _external(place)
    return Volume(key, name or (key if external else f"{project.name}_{key}"), external, place.string("driver"))


def _source(key: str, place: Place, project: Project) -> FileSource:
    external, name = _external(place)
    given = {kind: found for kind in _CONTENTS if (found := place.get(kind)) is not None}
    if len(given) > 1:
        raise place.error(f"has {' and '.join(given)}, of which only one can count")
    if not given and not external and place.get("driver") is None:
        raise place.error("has no file, environment or content")
    file = value = None
    for kind, found in given.items():
        written = found.to(text)
        if kind == "content":
            value = written
        elif not written:
            raise found.error("is empty")
        elif kind == "file":
            file = project.path(written)
        elif (value := project.variables.get(written)) is not None:
            project.findings.used.add((written, value))
    return FileSource(name or key, file, value, external)


def _external(place: Place) -> tuple[bool, str]:
    """Whether somebody else made it, and its `name` ("" if not said); `external: {name: x}` is the older way."""
    written, name = place.get("external"), place.string("name")
    if written is None:
        return False, name
    if isinstance(written.value, dict):
        external, name = True, written.string("name") or name
    else:
        external = written.to(boolean)
    others = [key for key in place.mapping() if key not in ("external", "name") and not key.startswith("x-")]
    if external and others:
        raise place.error(f"is external, so it can have a name but no {others[0]}")
    return external, name
