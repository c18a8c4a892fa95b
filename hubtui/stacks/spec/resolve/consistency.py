"""What the parts of a stack say about each other: what is named must be there, what excludes each other must not.

The measure is compose-go's loader/validate.go and validation package.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from hubtui.stacks.spec.project import Project
from hubtui.stacks.spec.resolve.marked import Said

Shape = dict[str, Any]
Found = Iterator[Said]


def check_consistency(project: Project, shape: Shape, everything: Shape, only: Collection[str] | None = None) -> None:
    """Put into `project.wrong` what does not fit together.

    `shape` has the services that count, `everything` all; `only` these are looked at, all that count if None.
    """
    looked_at = {name: s for name, s in shape["services"].items() if only is None or name in only}
    for name, service in looked_at.items():
        for check in _OF_SERVICE:
            for said in check(name, service, shape, everything):
                project.wrong.add(project.document.error(said.message, ("services", name, *said.path), said.hint))
    for section, keys in (("configs", ("file", "environment", "content")), ("secrets", ("file", "environment"))):
        for name, source in (shape.get(section) or {}).items():
            written = project.document.tree[section][name]  # what is empty counts, too, and the shape has it not
            for message in _source({**(source or {}), **(written or {})}, keys):
                project.wrong.add(project.document.error(f"{section}.{name} {message}", (section, name)))
    for name, volume in (shape.get("volumes") or {}).items():
        others = [key for key in volume or {} if key not in ("name", "external") and not key.startswith("x-")]
        if others and volume.get("external"):
            message = f"volumes.{name} is external, so it can have a name but no {others[0]}"
            project.wrong.add(project.document.error(message, ("volumes", name, others[0])))
    _origins(project, looked_at)
    _circles(project, shape["services"])


def check_names(project: Project) -> None:
    """Where something else is wrong already: put into `project.wrong` what is named and is nowhere, as far as the parts
    that name it are in order. What more there is to say of a stack waits until it has its shape."""
    tree = project.document.tree
    tables = {key: value for key, value in tree.items() if isinstance(value, dict)}
    misspelt = {
        name: None for key, table in tables.items() if key not in _SECTIONS and key[:2] != "x-" for name in table
    }
    sections = {key: {**misspelt, **tables.get(key, {})} for key in _SECTIONS}
    sections["networks"]["default"] = None
    services = tables.get("services", {})
    for name, service in services.items():
        parts = {k: v for k, v in service.items() if _in_order(k, v)} if isinstance(service, dict) else {}
        for check in (_undeclared_networks, _named, _dependencies):
            for said in check(name, parts, sections, sections["services"]):
                project.wrong.add(project.document.error(said.message, ("services", name, *said.path), said.hint))


def _in_order(key: str, value: Any) -> bool:
    if key in ("secrets", "configs", "volumes"):
        return isinstance(value, list) and all(isinstance(one, dict) and _names(one.get("source")) for one in value)
    if key == "networks":
        return isinstance(value, dict) or (isinstance(value, list) and all(isinstance(one, str) for one in value))
    return key == "depends_on" and isinstance(value, dict) and all(isinstance(one, dict) for one in value.values())


def _names(source: Any) -> bool:
    return source is None or isinstance(source, str)


def _source(source: Shape, keys: Collection[str]) -> Iterator[str]:
    given = [key for key in keys if key in source]
    if len(given) > 1:
        yield f"has {' and '.join(given)}, of which only one can count"
    driven = "driver" in source and "content" in keys
    if not given and not driven and not source.get("external"):
        yield f"has no {', '.join(list(keys)[:-1])} or {list(keys)[-1]}"


def _build(name: str, service: Shape, shape: Shape, everything: Shape) -> Found:
    build = service.get("build") or {}
    if build.get("dockerfile") and build.get("dockerfile_inline"):
        yield Said(f"services.{name}.build has dockerfile and dockerfile_inline, of which only one can count", "build")
    platforms, platform = build.get("platforms"), service.get("platform")
    if platforms and platform and platform not in platforms:
        yield Said(f"services.{name}.build.platforms lacks the service's own platform {platform}", "build", "platforms")
    for key, context in build.get("additional_contexts", {}).items():
        target = context.removeprefix("service:") if context.startswith("service:") else None
        if target is not None and "build" not in everything.get(target, {}):
            message = (
                f"services.{name}.build.additional_contexts.{key} names {target!r}, which is no service with a build"
            )
            yield Said(message, "build", "additional_contexts", key)


def _networks(name: str, service: Shape, shape: Shape, everything: Shape) -> Found:
    if service.get("network_mode") and service.get("networks"):
        yield Said(f"services.{name} has network_mode and networks, of which only one can count", "network_mode")
    yield from _undeclared_networks(name, service, shape, everything)
    mode = service.get("network_mode", "")
    if mode.startswith("service:") and mode.removeprefix("service:") not in shape["services"]:
        yield Said(f"services.{name}.network_mode names no service of this file: {mode}", "network_mode")


def _undeclared_networks(name: str, service: Shape, shape: Shape, everything: Shape) -> Found:
    yield from _undeclared(name, service.get("networks", ()), shape, "networks", "network")


def _undeclared(name: str, wanted: Collection[str], shape: Shape, section: str, what: str, key: str = "") -> Found:
    declared = shape.get(section) or {}
    for number, one in enumerate(wanted):
        if one not in declared:
            hint = f"Declare it at the top level, below `{section}:`."
            last = one if isinstance(wanted, dict) else number
            yield Said(f"services.{name} refers to undefined {what} {one!r}", key or section, last, hint=hint)


def _named(name: str, service: Shape, shape: Shape, everything: Shape) -> Found:
    declared = shape.get("volumes") or {}
    for number, mount in enumerate(service.get("volumes", ())):
        source = mount.get("source")
        if mount.get("type") == "volume" and source and source not in declared:
            hint = "Declare it at the top level, below `volumes:`; a path begins with ./ or /."
            yield Said(f"services.{name} refers to undefined volume {source!r}", "volumes", number, hint=hint)
        if mount.get("type") == "bind" and not source:
            yield Said(f"services.{name}.volumes[{number}] has no source", "volumes", number)
    for key in ("secrets", "configs"):
        wanted = [grant.get("source", "") for grant in service.get(key, ())]
        yield from _undeclared(name, wanted, shape, key, key[:-1])
    wanted = [grant.get("source", "") for grant in (service.get("build") or {}).get("secrets", ())]
    yield from _undeclared(name, wanted, shape, "secrets", "build secret", "build")
    yield from _undeclared(name, service.get("models", ()), shape, "models", "model")


def _dependencies(name: str, service: Shape, shape: Shape, everything: Shape) -> Found:
    for other, dependency in service.get("depends_on", {}).items():
        if other in shape["services"] or (other in everything and not dependency.get("required", True)):
            continue
        if other in everything:
            message = f"service {name!r} depends on {other!r}, which no active profile enables"
            hint = f"Activate one of its profiles: {', '.join(everything[other].get('profiles', ()))}"
        else:
            message = f"service {name!r} depends on {other!r}, which is not a service of this file"
            hint = f"The other services: {', '.join(n for n in everything if n != name) or 'none'}"
        yield Said(message, "depends_on", other, hint=hint)


def _replicas(name: str, service: Shape, shape: Shape, everything: Shape) -> Found:
    scale, replicas = service.get("scale"), (service.get("deploy") or {}).get("replicas")
    if scale is not None and replicas is not None and scale != replicas:
        yield Said(f"services.{name} says scale {scale} and deploy.replicas {replicas}", "scale")
    count = replicas if scale is None else scale
    if count is not None and count < 0:
        yield Said(f"services.{name} cannot run {count} times", "scale")
    if count is not None and count > 1 and service.get("container_name"):
        yield Said(f"services.{name} has a container_name, so it cannot run {count} times", "container_name")


def _limits(name: str, service: Shape, shape: Shape, everything: Shape) -> Found:
    """The older keys and those of `deploy` must not differ (compose-go's validate.go)."""
    resources = (service.get("deploy") or {}).get("resources") or {}
    for key, kind, other in _TWICE:
        deployed, own = resources.get(kind), service.get(key)
        if own and deployed is not None and own != deployed.get(other):
            said = deployed.get(other, "nothing")
            hint = f"Where there are deploy.resources.{kind}, all of them stand there."
            yield Said(f"services.{name} says {key} {own}, but deploy.resources.{kind}.{other} {said}", key, hint=hint)


def _targets(name: str, service: Shape, shape: Shape, everything: Shape) -> Found:
    """Where something is mounted already nothing else can be."""
    seen: set[str] = set()
    places = [("tmpfs", n, written.partition(":")[0]) for n, written in enumerate(service.get("tmpfs", ()))]
    places += [("volumes", n, mount.get("target", "")) for n, mount in enumerate(service.get("volumes", ()))]
    for key, number, target in places:
        if target in seen:
            yield Said(f"services.{name}.{key}[{number}] mounts at {target}, where something is already", key, number)
        seen.add(target)


def _watches(name: str, service: Shape, shape: Shape, everything: Shape) -> Found:
    for number, watch in enumerate((service.get("develop") or {}).get("watch", ())):
        path = f"services.{name}.develop.watch[{number}]"
        if not watch.get("target") and watch.get("action") not in ("rebuild", "restart"):
            yield Said(f"{path} has no target, which {watch.get('action')} needs", "develop", "watch", number)
        if not watch.get("path"):
            yield Said(f"{path} has no path", "develop", "watch", number)


def _requests(name: str, service: Shape, shape: Shape, everything: Shape) -> Found:
    devices = ((service.get("deploy") or {}).get("resources") or {}).get("reservations", {}).get("devices", ())
    for path, found in ((("gpus",), service.get("gpus", ())), (("deploy",), devices)):
        for device in found:
            if "count" in device and "device_ids" in device:
                yield Said(f"services.{name} has a device with count and device_ids; only one can count", *path)


def _origins(project: Project, services: Shape) -> None:
    """Every service has something to run; hubtui's own `x-hubtui.process` is that, too."""
    written = project.document.tree.get("services") or {}
    for name, service in services.items():
        own = written[name].get("x-hubtui")
        process = isinstance(own, dict) and own.get("process")
        if not process and not any(service.get(key) is not None for key in ("image", "build", "provider")):
            message = f"services.{name} has neither image nor build, nor x-hubtui.process"
            project.wrong.add(project.document.error(message, ("services", name)))


def _circles(project: Project, services: Shape) -> None:
    """Depth first, without recursion: a chain may be as long as the stack."""
    done: set[str] = set()
    for first in services:
        chain: list[tuple[str, Iterator[str]]] = []
        step: str | None = first
        while step is not None or chain:
            on_way = [n for n, _ in chain]
            if step in on_way:
                circle = " -> ".join([*on_way[on_way.index(step) :], step])
                message = f"services depend on each other in a circle: {circle}"
                project.wrong.add(project.document.error(message, ("services", on_way[-1], "depends_on")))
                return
            if step is not None and step in services and step not in done:
                chain.append((step, iter(services[step].get("depends_on", {}))))
            elif not chain:
                break
            step = next(chain[-1][1], None)
            while step is None and chain:
                done.add(chain.pop()[0])
                step = next(chain[-1][1], None) if chain else None


_SECTIONS = ("services", "networks", "volumes", "secrets", "configs", "models")
_TWICE = (
    ("cpus", "limits", "cpus"),
    ("mem_limit", "limits", "memory"),
    ("mem_reservation", "reservations", "memory"),
    ("pids_limit", "limits", "pids"),
)
_OF_SERVICE: tuple[Callable[[str, Shape, Shape, Shape], Found], ...] = (
    *(_build, _networks, _named, _dependencies, _replicas, _limits, _targets, _watches, _requests),
)
