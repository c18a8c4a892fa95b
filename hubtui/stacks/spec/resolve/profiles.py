"""Which services of a stack count.

https://github.com/compose-spec/compose-spec/blob/main/15-profiles.md
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def enabled(service: Mapping[str, Any], profiles: Collection[str]) -> bool:
    """Whether a service has no profiles, or one that is active; `*` stands for all."""
    own = service.get("profiles") or ()
    return not own or "*" in profiles or any(profile in profiles for profile in own)


def all_profiles(services: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Every profile that a service has, sorted."""
    return sorted({profile for service in services.values() for profile in service.get("profiles") or ()})
