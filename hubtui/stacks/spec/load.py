"""A folder with a compose file to a Stack."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hubtui.errors import StackError
from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.fields import kind
from hubtui.stacks.spec.graph import check_dependencies
from hubtui.stacks.spec.hiding import hiding
from hubtui.stacks.spec.jobs import read_jobs
from hubtui.stacks.spec.model import Dependency, Service, Stack
from hubtui.stacks.spec.mounts import other_mounts
from hubtui.stacks.spec.named_environments import declared
from hubtui.stacks.spec.project import Project, read_project
from hubtui.stacks.spec.resolve.checking import shape_stack
from hubtui.stacks.spec.resolve.consistency import check_consistency
from hubtui.stacks.spec.resolve.normalize import normalize
from hubtui.stacks.spec.resolve.profiles import enabled
from hubtui.stacks.spec.resolve.sources import Wanted
from hubtui.stacks.spec.resources import Resources, read_resources, unset_sources
from hubtui.stacks.spec.secret_values import secret_values
from hubtui.stacks.spec.service import read_service
from hubtui.stacks.spec.stages import read_stages

MAX_SERVICES = 500
ENGINES = ("dagger", "compose", "process")


def load_stack(
    folder: Path,
    *,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    wanted: Wanted | None = None,
) -> Stack:
    """Read, interpolate, merge and check the compose files of `folder`.

    `file` is another compose file, relative to the folder; `wanted` says more than that. `environ` stands for the
    process's environment, below which the folder's `.env` is read. Raises StackError (with file, line and column; a
    Mistakes where there are several) for what cannot be used; `Stack.warnings` says what can, but is probably not as
    meant. Profiles are not applied yet: `plan.select` does that.
    """
    project = read_project(folder, wanted or Wanted(files=(file,) if file else ()), environ)
    return build_stack(project)


def build_stack(project: Project) -> Stack:
    """The Stack of a project that was read. Raises StackError."""
    with hiding(project.findings):
        return _build(project)


def _build(project: Project) -> Stack:
    shape = shape_stack(project)
    project.check()
    root = project.document.root
    resources = read_resources(project)
    normalize(shape, project.name)
    hidden = [n for n, s in shape["services"].items() if not enabled(s, project.profiles)]
    services, left_out = _services(root, project, resources, hidden)
    services = {name: _as_shaped(service, shape["services"][name]) for name, service in services.items()}
    project.check()  # again: env_files ask for variables too
    check_dependencies(project.document, services)
    check_consistency(project, shape, shape["services"], [name for name in services if name not in hidden])
    project.check()
    own = root.get("x-hubtui")
    stages = own.get("stages") if own else None
    jobs = own.get("jobs") if own else None
    declared(project.document)  # only to say what is wrong there
    engine = own.get("engine") if own else None
    return Stack(
        name=project.name,
        folder=project.folder,
        files=project.files,
        services=services,
        engine=engine.to(_engine) if engine else "",
        stages=read_stages(stages, services) if stages else (),
        profiles=project.profiles,
        read=project.read,
        jobs=read_jobs(jobs) if jobs else {},
        secrets=secret_values(project, services, resources.secrets),
        volumes=resources.volumes,
        secret_sources=resources.secrets,
        config_sources=resources.configs,
        warnings=(*project.warnings(), *unset_sources(project), *left_out, *_not_read(root.get("services"))),
        extra=_extra(root, own),
    )


def _services(
    root: Place, project: Project, resources: Resources, hidden: Collection[str]
) -> tuple[dict[str, Service], list[str]]:
    """The services, and a sentence for each that cannot be used but is hidden, so that Compose would not look at it:
    it is left out."""
    services = root.get("services")
    if services is None or not services.mapping():
        raise root.document.error("this file has no services", hint="A stack needs at least one, below `services:`.")
    if len(services.mapping()) > MAX_SERVICES:
        raise services.error(f"has more than {MAX_SERVICES} entries")
    found: dict[str, Service] = {}
    left_out: list[str] = []
    for name, place in services.entries():
        try:
            found[name] = read_service(name, place, project, resources)
        except StackError as error:
            if name in hidden:
                left_out.append(f"{error} ({name}, which only a profile enables, is left out)")
            else:
                project.wrong.add(error)
    project.check()
    return found, left_out


def _as_shaped(service: Service, shape: Mapping[str, Any]) -> Service:
    """The service with what other keys imply that it depends on (`links`, `network_mode: service:x`, ...), and its
    other keys as Compose prints them: sizes in bytes, `"false"` as what is not said."""
    said = {dependency.service for dependency in service.depends_on}
    implied = tuple(
        Dependency(name, restart=value.get("restart", False))
        for name, value in shape.get("depends_on", {}).items()
        if name not in said
    )
    extra = {key: shape.get(key, value) for key, value in service.extra.items() if _counts(key, shape)}
    if "volumes" in service.extra:
        extra["volumes"] = service.extra["volumes"]
    return replace(service, depends_on=(*service.depends_on, *implied), extra=extra)


def _counts(key: str, shape: Mapping[str, Any]) -> bool:
    return key in shape or key.startswith("x-") or key in ("env_file", "label_file")


def _engine(value: Any) -> str:
    if value not in ENGINES:
        shown = repr(value) if isinstance(value, str) else kind(value)
        raise ValueError(f"must be one of {', '.join(ENGINES)}, not {shown}")
    return str(value)


def _extra(root: Place, own: Place | None) -> dict[str, Any]:
    """Top-level keys without a field of their own; of x-hubtui what is left of it."""
    extra = {k: v for k, v in root.mapping().items() if k not in ("name", "services", "x-hubtui")}
    rest = (
        {k: v for k, v in own.mapping().items() if k not in ("engine", "stages", "jobs", "environments")} if own else {}
    )
    return {**extra, "x-hubtui": rest} if rest else extra


def _not_read(services: Place | None) -> Iterator[str]:
    """What would change a service and that no engine follows: said, not passed over."""
    for name, service in services.entries() if services else ():
        for mount in other_mounts(service):
            yield f"{mount.document.where(mount.path)}: the {mount.value['type']} mount of {name} is not read yet"
