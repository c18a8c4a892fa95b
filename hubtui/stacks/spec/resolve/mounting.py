"""A volume in the short form, `[SOURCE:]TARGET[:OPTIONS]`.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md#short-syntax-5; in doubt the measure is
compose-go's format/volume.go. Windows paths are known because people share their files.
"""

from __future__ import annotations

import posixpath
from typing import Any

_PROPAGATIONS = ("rprivate", "private", "rshared", "shared", "rslave", "slave")


def short_mount(written: str) -> dict[str, Any] | None:
    """The long form; None for what is no mount."""
    if not written:
        return None
    if len(written) < 3:  # too short for a source and a target
        return {"type": "volume", "target": written}
    parts = _split(written)
    if "" in parts or len(parts) > 3:
        return None
    source, target, options = ["", parts[0], ""] if len(parts) == 1 else [*parts, ""][:3]
    found: dict[str, Any] = {"type": "bind" if _is_path(source) else "volume"}
    if source:
        found["source"] = source
    found["target"] = target
    bind: dict[str, Any] = {}
    volume: dict[str, Any] = {}
    for option in options.split(","):
        if option in ("ro", "rw"):
            found["read_only"] = option == "ro"
        elif option == "nocopy":
            volume["nocopy"] = True
        elif option in _PROPAGATIONS:
            bind["propagation"] = option
        elif option in ("z", "Z"):
            bind["selinux"] = option
    if found["type"] == "bind":
        bind["create_host_path"] = True
    if bind:
        found["bind"] = bind
    if volume or found["type"] == "volume":
        found["volume"] = volume
    found["target"] = clean(target)
    return found


def clean(target: str) -> str:
    """A path in a container without `//`, `.`, `..` and a slash at its end."""
    return "/" + posixpath.normpath(target).lstrip("/") if target.startswith("/") else posixpath.normpath(target)


def _split(written: str) -> list[str]:
    """At colons, except the one behind a drive's letter."""
    parts, begin = [], 0
    for place, char in enumerate(written):
        if char == ":" and not (place - begin == 1 and written[begin].isalpha()):
            parts.append(written[begin:place])
            begin = place + 1
    return [*parts, written[begin:]]


def _is_path(source: str) -> bool:
    drive = len(source) > 1 and source[0].isalpha() and source[1] == ":"
    return source.startswith((".", "/", "~", "\\\\")) or drive
