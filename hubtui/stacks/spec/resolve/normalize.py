"""What Compose adds to a stack by itself: names, the default network, dependencies that other keys imply.

The measure is compose-go's loader/normalize.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hubtui.stacks.spec.resolve.mounting import clean

SECTIONS = ("networks", "volumes", "configs", "secrets")
_NAMESPACES = ("network_mode", "ipc", "pid", "uts", "cgroup")


def normalize(shape: dict[str, Any], name: str) -> None:
    """Do so in place; `name` is the project's."""
    services = shape["services"] = shape.get("services") or {}
    for service in services.values():
        _service(service)
    _default_network(shape)
    for section in SECTIONS:
        for key, resource in shape.get(section, {}).items():
            own = {} if resource is None else resource
            own.setdefault("name", key if own.get("external") else f"{name}_{key}")
            if section == "networks":
                own.setdefault("ipam", {})
            shape[section][key] = {k: v for k, v in own.items() if k != "name" or v}


def _service(service: dict[str, Any]) -> None:
    for key in ("command", "entrypoint"):
        service.setdefault(key, None)
    if service.get("pull_policy") == "if_not_present":
        service["pull_policy"] = "missing"
    if (build := service.get("build")) is not None:
        if "dockerfile_inline" not in build:
            build.setdefault("dockerfile", "Dockerfile")
        service["build"] = {key: value for key, value in build.items() if value != ""}
    for mount in service.get("volumes", ()):
        if "target" in mount:
            mount["target"] = clean(mount["target"])
    for hook in service.get("pre_start", ()):
        if "image" in service:
            hook.setdefault("image", service["image"])
    for other, dependency in _implied(service):
        service.setdefault("depends_on", {}).setdefault(other, dependency)


def _implied(service: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a service depends on without saying so under `depends_on`."""
    for link in service.get("links", ()):
        yield link.partition(":")[0] if link.count(":") == 1 else link, _dependency(restart=True)
    for key in _NAMESPACES:
        namespace = service.get(key) or ""
        if namespace.startswith("service:"):
            yield namespace.removeprefix("service:"), _dependency(restart=True)
    for source in service.get("volumes_from", ()):
        if not source.startswith("container:"):
            yield source.partition(":")[0], _dependency(restart=False)


def _dependency(*, restart: bool) -> dict[str, Any]:
    return {"condition": "service_started", **({"restart": True} if restart else {}), "required": True}


def _default_network(shape: dict[str, Any]) -> None:
    """Services without a network are on `default`, which is there if one of them is."""
    used = False
    for service in shape["services"].values():
        if "provider" in service or "network_mode" in service:
            continue
        networks = service.get("networks") or {"default": None}
        service["networks"] = networks
        used = used or "default" in networks
    networks = shape.get("networks") or {}
    if used:
        networks.setdefault("default", None)
    shape["networks"] = networks
