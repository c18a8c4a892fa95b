"""`secrets` and `configs` of a service or build: which files it gets, in the short and the long form.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md#secrets and #configs; the folders of relative
targets are those of docker compose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from posixpath import join

from hubtui.stacks.spec.document import Place
from hubtui.stacks.spec.fields import container_path, mode, text
from hubtui.stacks.spec.model import FileGrant, FileSource

Sources = Mapping[str, FileSource]


def read_secrets(place: Place, declared: Sources) -> tuple[FileGrant, ...]:
    """A service's secrets, below /run/secrets. Raises StackError for one that the stack does not declare."""
    return tuple(_grant(item, declared, "secret", "/run/secrets") for item in place.items())


def read_configs(place: Place, declared: Sources) -> tuple[FileGrant, ...]:
    """A service's configs, below /. Raises StackError for one that the stack does not declare."""
    return tuple(_grant(item, declared, "config", "/") for item in place.items())


def read_build_secrets(place: Place, declared: Sources) -> tuple[FileGrant, ...]:
    """A build's secrets, by id. Raises StackError for one that the stack does not declare."""
    return tuple(_grant(item, declared, "build secret", "") for item in place.items())


def _grant(place: Place, declared: Sources, what: str, folder: str) -> FileGrant:
    """`folder` is where a target that is not absolute begins; "" leaves targets as written: they are ids."""
    if not isinstance(place.value, dict):
        place = replace(place, value={"source": place.to(text)})
    source = place.need("source").to(text)
    if source not in declared:
        hint = f"Declare it at the top level, below `{what.split()[-1]}s:`."
        raise place.error(f"refers to undefined {what} {source!r}", hint)
    target = place.string("target") or source
    return FileGrant(
        source,
        place.to(lambda _: container_path(join(folder, target))) if folder else target,
        place.string("uid") or None,
        place.string("gid") or None,
        place.field("mode", mode, None),
    )
