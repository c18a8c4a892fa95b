"""What a service finds in its environment: `env_file` below `environment`.

https://docs.docker.com/compose/how-tos/environment-variables/envvars-precedence/
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.dotenv import load_dotenv
from hubtui.stacks.spec.fields import boolean, text
from hubtui.stacks.spec.interpolate import Findings


def service_environment(
    service: Place, folder: Path, variables: Mapping[str, str], findings: Findings
) -> dict[str, str]:
    """The whole environment of a service. A `KEY` without a value is taken from `variables`; where they have none it is
    left out, even if an env_file has one, as in Compose."""
    result: dict[str, str] = {}
    files = service.get("env_file")
    for path in env_files(files, folder) if files else ():
        if path not in findings.files:  # services share them, and what is in them does not depend on the service
            findings.files[path] = load_dotenv(path, variables, findings, what="env file")
        result |= findings.files[path]
    own = service.get("environment")
    for key, value in pairs(own).items() if own else ():
        value = variables.get(key) if value is None else value
        if value is None:
            result.pop(key, None)
        else:
            result[key] = value
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


def env_files(place: Place, folder: Path) -> Iterator[Path]:
    """The files of `env_file` that are there; one that is missing is an error unless it says `required: false`."""
    items = [place] if isinstance(place.value, str) else list(place.items())
    for item in items:
        required = True
        name = item
        if isinstance(item.value, dict):
            wanted, written = item.get("required"), item.get("path")
            required = wanted.to(boolean) if wanted else True
            if written is None:
                raise item.error("has no path")
            name = written
        path = folder / os.path.expanduser(name.to(text))
        if os.path.exists(path):
            yield path
        elif required:
            raise name.error(f"names {path}, which is not there")
