"""Which failures may pass by themselves."""

from __future__ import annotations

TRANSIENT = frozenset({"network", "registry", "resources", "engine_starting"})


def is_transient(error: Exception) -> bool:
    """Whether trying again later may help."""
    return getattr(error, "kind", "") in TRANSIENT
