"""The stack as plain values, in the shape of `docker compose config --format json`: what `hubtui config` prints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hubtui.stacks.spec.environment import file_environment
from hubtui.stacks.spec.hiding import hiding
from hubtui.stacks.spec.project import Project, read_project
from hubtui.stacks.spec.resolve.checking import shape_stack
from hubtui.stacks.spec.resolve.consistency import check_consistency
from hubtui.stacks.spec.resolve.labels import file_labels
from hubtui.stacks.spec.resolve.normalize import SECTIONS, normalize
from hubtui.stacks.spec.resolve.profiles import enabled
from hubtui.stacks.spec.resolve.shaping import plain
from hubtui.stacks.spec.resolve.sources import Wanted
from hubtui.stacks.spec.resolve.used import without_unused


def resolve(
    folder: Path,
    *,
    wanted: Wanted | None = None,
    environ: Mapping[str, str] | None = None,
    extensions: bool = False,
) -> dict[str, Any]:
    """The stack of `folder`. The mapping is the caller's own and holds only JSON's types. Nothing is masked: this is
    what was asked for. `extensions` keeps the `x-` keys of services, which Compose's YAML has and its JSON has not.

    Raises StackError for everything that is wrong with it.
    """
    return resolved(read_project(folder, wanted or Wanted(), environ), extensions=extensions)


def resolved(project: Project, *, extensions: bool = False, whole: bool = False, files: bool = True) -> dict[str, Any]:
    """As `resolve`, for a project that was read; `whole`: with the services that no profile enables and with unused
    volumes, networks and the like, and without what env files say; `files`: with that."""
    with hiding(project.findings):
        return _resolved(project, extensions=extensions, whole=whole, files=files)


def _resolved(project: Project, *, extensions: bool, whole: bool, files: bool) -> dict[str, Any]:
    shape = shape_stack(project, extensions=extensions)
    project.check()
    normalize(shape, project.name)
    everything = shape["services"]
    if "services" in project.document.tree and project.document.tree["services"] is None:
        raise project.document.error("services must be a mapping, not empty", ("services",))
    if not whole:
        shape["services"] = {name: s for name, s in everything.items() if enabled(s, project.profiles)}
    check_consistency(project, shape, everything)
    project.check()
    for service in shape["services"].values():
        if "scale" in service and "deploy" in service:
            service["deploy"]["replicas"] = service["scale"]
        if service.get("network_mode") == "":
            del service["network_mode"]
    for name, service in shape["services"].items() if files and not whole else ():
        _with_files(project, name, service)
    if not whole:
        without_unused(shape)
    project.check()  # again: env_files ask for variables, too
    ordered = {"name": project.name, "services": shape["services"]}
    ordered |= {key: shape[key] for key in (*SECTIONS, "models") if shape.get(key)}
    return ordered | {key: plain(v) for key, v in project.document.tree.items() if key.startswith("x-")}


def _with_files(project: Project, name: str, service: dict[str, Any]) -> None:
    """What the env files and label files say, below what the service says itself."""
    place = project.document.root.get("services")
    here = place.get(name) if place else None
    if here is None:
        return
    service.pop("env_file", None)
    service.pop("label_file", None)
    environment = {**file_environment(here, project), **service.get("environment", {})}
    if environment:
        service["environment"] = environment
    labels = {**file_labels(here, project.findings), **service.get("labels", {})}
    if labels:
        service["labels"] = labels
