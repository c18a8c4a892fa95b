"""The stack as plain values, which `hubtui config` prints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hubtui.stacks.spec.environment import service_environment
from hubtui.stacks.spec.project import read_project


def resolve(folder: Path, *, file: Path | None = None, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The compose file of `folder` with its name, its variables filled in and every `env_file` merged.

    The mapping is the caller's own and holds only JSON's types. Nothing is masked: this is what was asked for.
    """
    project = read_project(folder, file, environ)
    resolved: dict[str, Any] = {"name": project.name}
    resolved |= {k: v for k, v in project.document.tree.items() if k not in ("name", "version")}
    services = project.document.root.get("services")
    for name, place in services.entries() if services else ():
        service = dict(place.mapping())
        environment = service_environment(place, project.folder, project.variables, project.findings)
        service.pop("env_file", None)
        if environment or "environment" in service:
            service["environment"] = environment
        resolved["services"][name] = service
    project.raise_missing()
    return resolved
