"""Networks, volumes, secrets, configs and models that a service uses: Compose leaves the others out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def without_unused(shape: dict[str, Any]) -> None:
    """Take out of each section what no service of the shape uses."""
    used: dict[str, set[str]] = {key: set() for key in ("networks", "volumes", "secrets", "configs", "models")}
    for service in shape["services"].values():
        used["networks"].update(service.get("networks", ()))
        used["models"].update(service.get("models", ()))
        used["volumes"].update(m["source"] for m in service.get("volumes", ()) if _is_named(m))
        used["configs"].update(_sources(service.get("configs", ())))
        used["secrets"].update(_sources(service.get("secrets", ())))
        used["secrets"].update(_sources(service.get("build", {}).get("secrets", ())))
    for key, names in used.items():
        if key in shape:
            shape[key] = {name: value for name, value in shape[key].items() if name in names}


def _is_named(mount: dict[str, Any]) -> bool:
    return mount.get("type") == "volume" and bool(mount.get("source"))


def _sources(grants: Iterable[dict[str, Any]]) -> list[str]:
    return [grant["source"] for grant in grants if "source" in grant]
