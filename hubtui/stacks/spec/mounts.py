"""`volumes` of a service, in the short and the long form, and `tmpfs`.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md#volumes; in doubt the measure is compose-go's
format package.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.fields import boolean, container_path, kind, size, text
from hubtui.stacks.spec.model import Mount, MountKind, Volume
from hubtui.stacks.spec.project import Project

_OTHER = ("cluster", "image", "npipe")  # Compose's remaining types


def read_mounts(
    volumes: Place | None, tmpfs: Place | None, project: Project, declared: Mapping[str, Volume]
) -> tuple[Mount, ...]:
    """All mounts of a service but `other_mounts`.

    Raises StackError with file and line; as in Compose also for a volume that the stack does not declare, and for a
    second mount at the same path.
    """
    found: dict[str, Mount] = {}
    for place, mount in (*_volumes(volumes, project), *_tmpfs(tmpfs)):
        if mount.kind is MountKind.VOLUME and mount.source and mount.source not in declared:
            hint = "Declare it at the top level, below `volumes:`; a path begins with ./ or /."
            raise place.error(f"refers to undefined volume {mount.source!r}", hint)
        if mount.target in found:
            raise place.error(f"mounts at {mount.target}, where something is mounted already")
        found[mount.target] = mount
    return tuple(found.values())


def other_mounts(service: Place) -> list[Place]:
    """The entries of a service's `volumes` whose type the model has no word for."""
    volumes = service.get("volumes")
    return [p for p in volumes.items() if _type(p) in _OTHER] if volumes else []


def _type(place: Place) -> Any:
    return place.value.get("type") if isinstance(place.value, dict) else None


def _volumes(place: Place | None, project: Project) -> Iterator[tuple[Place, Mount]]:
    for item in place.items() if place else ():
        if not isinstance(item.value, dict):
            yield item, _short(item, project)
        elif _type(item) not in _OTHER:
            yield item, _long(item, project)


def _short(place: Place, project: Project) -> Mount:
    """`[SOURCE:]TARGET[:OPTIONS]`; a source that begins like a path is one, else it is a volume's key."""
    written = place.to(text)
    parts = written.split(":")
    if "" in parts or len(parts) > 3:
        raise place.error(f"must be a mount such as data:/data or ./src:/app:ro, not {written[:60]!r}")
    source, target, options = ["", parts[0], ""] if len(parts) == 1 else [*parts, ""][:3]
    path = place.to(lambda _: container_path(target))
    read_only = "ro" in options.split(",")
    if source.startswith((".", "/", "~")):
        return Mount(MountKind.BIND, path, str(project.path(source)), read_only)
    return Mount(MountKind.VOLUME, path, source, read_only)


def _long(place: Place, project: Project) -> Mount:
    """`{type, source, target, read_only}`, and below the type's name what only that type has."""
    type_, target = place.need("type").to(_mount_kind), place.need("target").value
    target = place.to(lambda _: container_path(target))
    source, read_only = place.string("source"), place.field("read_only", boolean, False)
    own = place.get(type_) or place.at(type_, {})
    if type_ is MountKind.VOLUME:
        return Mount(type_, target, source, read_only, subpath=own.field("subpath", _subpath, ""))
    if type_ is MountKind.TMPFS:
        bytes_ = own.field("size", size, 0)
        return Mount(type_, target, read_only=read_only, size=bytes_ or None)
    if not source:
        raise place.error("has no source")
    create = own.field("create_host_path", boolean, True)
    return Mount(type_, target, str(project.path(source)), read_only, create_host_path=create)


def _mount_kind(value: Any) -> MountKind:
    try:
        return MountKind(value)
    except ValueError:
        shown = repr(value) if isinstance(value, str) else kind(value)
        raise ValueError(f"must be one of {', '.join(sorted([*MountKind, *_OTHER]))}, not {shown}") from None


def _subpath(value: Any) -> str:
    """A relative path that stays inside its volume."""
    written = text(value)
    if written.startswith("/") or ".." in written.split("/"):
        raise ValueError(f"must be a path inside the volume, not {written!r}")
    return written


def _tmpfs(place: Place | None) -> Iterator[tuple[Place, Mount]]:
    if place is not None:
        for item in [place] if isinstance(place.value, str) else place.items():
            yield item, _memory(item)


def _memory(place: Place) -> Mount:
    """`TARGET[:OPTIONS]`, the options those of the kernel's tmpfs."""
    target, _, written = place.to(text).partition(":")
    options = dict(option.partition("=")[::2] for option in written.split(","))
    limit = options.get("size", "")
    known = limit and not limit.endswith("%")  # a share of the memory of a machine that nobody here knows
    return Mount(
        MountKind.TMPFS,
        place.to(lambda _: container_path(target)),
        read_only="ro" in options,
        size=(place.to(lambda _: size(limit)) or None) if known else None,
    )
