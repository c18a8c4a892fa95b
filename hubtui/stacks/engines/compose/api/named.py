"""What a daemon calls itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def named(found: Mapping[str, Any]) -> str:
    """From the answer of /version: "Docker 20.10.24", "Podman 4.3.1"."""
    parts = {str(c.get("Name")): str(c.get("Version")) for c in found.get("Components") or ()}
    if podman := parts.get("Podman Engine"):
        return f"Podman {podman}"
    return f"Docker {found.get('Version') or 'of no version'}".partition("+")[0]
