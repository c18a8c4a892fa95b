"""The kinds of failure that may pass by themselves; every other one stays until somebody mends something.

A service that exits before it is healthy is never among them, whatever it printed: its own code said so.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping

from hubtui.errors import HubtuiError

NETWORK, REGISTRY, RESOURCES, ENGINE_STARTING = "network", "registry", "resources", "engine_starting"
NO_SPACE, IMAGE_NOT_FOUND, ENGINE_UNREACHABLE = "no_space", "image_not_found", "engine_unreachable"

TRANSIENT: Mapping[str, str] = {
    NETWORK: "the network",
    REGISTRY: "a registry that is busy or out of order",
    RESOURCES: "memory, processes or open files of this host",
    ENGINE_STARTING: "an engine that is still starting",
}
"""Kind of an error -> what has to get better, as in "waits for the network"."""

SHORT_OF = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE})
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def kind_of(error: BaseException) -> str:
    """The kind that a job's error row keeps: an error of hubtui's has one; one of the system's is told by its number;
    "internal" for what nobody thought of."""
    if isinstance(error, HubtuiError):
        return error.kind
    if isinstance(error, OSError):
        return of_errno(error.errno) or "system"
    return RESOURCES if isinstance(error, MemoryError) else "internal"


def is_transient(error: BaseException) -> bool:
    """Whether the same may well succeed a minute later though nobody mends anything."""
    return kind_of(error) in TRANSIENT


def of_errno(number: int | None) -> str:
    """The kind of what the system refused with this number; "" where it says nothing about the host's means."""
    return RESOURCES if number in SHORT_OF else NO_SPACE if number in FULL else ""
