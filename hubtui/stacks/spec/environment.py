"""What a service finds in its environment: `env_file` below `environment`.

https://docs.docker.com/compose/how-tos/environment-variables/envvars-precedence/
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.dotenv import load_dotenv, load_raw
from hubtui.stacks.spec.fields import boolean, text
from hubtui.stacks.spec.project import Project


def service_environment(service: Place, project: Project) -> dict[str, str]:
    """The whole environment of a service. A `KEY` without a value is taken from the variables; where they have none it
    is left out, even if an env_file has one, as in Compose."""
    result = file_environment(service, project)
    own = service.get("environment")
    for key, value in pairs(own).items() if own else ():
        value = project.variables.get(key) if value is None else value
        if value is None:
            result.pop(key, None)
        else:
            result[key] = value
    return result


def file_environment(service: Place, project: Project) -> dict[str, str]:
    """What the env files of a service say, later ones over earlier ones. Raises StackError for one that must be there
    and is not.

    Their values may refer to the project's variables and below them to the service's own `environment`.
    """
    files = service.get("env_file")
    if files is None:
        return {}
    own = service.get("environment")
    given = {k: v for k, v in (pairs(own) if own else {}).items() if v is not None}
    with files.naming():
        return _file_environment(env_files(files, project.folder), given, project)


def _file_environment(files: Iterable[tuple[Path, bool]], given: Mapping[str, str], project: Project) -> dict[str, str]:
    above = {**given, **project.variables}
    result: dict[str, str] = {}
    for path, raw in files:
        if raw:
            result |= load_raw(path)
            continue
        key = path if not given else None  # services share files, and mostly what is in them depends on no service
        if result or key is None:  # what earlier files say counts most
            result |= load_dotenv(path, {**above, **result}, project.findings, what="env file")
            continue
        if key not in project.findings.files:
            project.findings.files[key] = load_dotenv(path, above, project.findings, what="env file")
        result |= project.findings.files[key]
    return result


def pairs(place: Place) -> dict[str, str | None]:
    """A mapping, or a list of `KEY=VALUE`: Compose's two ways to write one. None stands for a missing value."""
    if isinstance(place.value, list):
        found: dict[str, str | None] = {}
        for item in place.items():
            key, equals, value = item.to(text).partition("=")
            if not key:
                raise item.error("has no name before the =")
            found[key] = value if equals else None
        return found
    for key, item in place.entries():
        if not key or "=" in key or "\0" in key:
            raise item.error("is not the name of a variable")
    return {key: None if item.value is None else item.to(text) for key, item in place.entries()}


def env_files(place: Place, folder: Path) -> Iterator[tuple[Path, bool]]:
    """The files of `env_file` that are there, and whether each is `format: raw`; one that is missing is an error unless
    it says `required: false`."""
    items = [place] if isinstance(place.value, str) else list(place.items())
    for item in items:
        required, raw = True, False
        name = item
        if isinstance(item.value, dict):
            wanted, written = item.get("required"), item.get("path")
            required = wanted.to(boolean) if wanted else True
            raw = _is_raw(item)
            if written is None:
                raise item.error("has no path")
            name = written
        path = folder / os.path.expanduser(name.to(text))
        if os.path.exists(path):
            yield path, raw
        elif required:
            raise name.error(f"names {path}, which is not there")


def _is_raw(item: Place) -> bool:
    form = item.string("format")
    if form not in ("", "raw", ".env"):
        raise item.error(f"has the format {form[:40]!r}; known is raw")
    return form == "raw"
