"""Whose failure the failure of a call for many services is. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from hubtui.stacks.engines.compose.errors import reason
from hubtui.stacks.spec.model import Stack

_CONTAINER = re.compile(r"^ Container (\S+) +(\w+)")
_AT_WORK = ("Error", "Creating", "Starting", "Recreate")


def blamed(
    stack: Stack, left: Sequence[str], containers: Mapping[str, Collection[str]], lines: Sequence[str]
) -> list[str]:
    """Which of those that were not started cannot be for now: whom the error names, else whose container was in the
    middle of something, with all that depend on them; all of them where nothing tells. `containers` are the names of
    every service's."""
    said = reason(lines)
    guilty = {name for name, known in containers.items() if any(_names(said, one) for one in known)}
    guilty |= {name for name in containers if f'service "{name}"' in said}
    guilty = guilty or _at_work(containers, lines)
    found = [name for name in left if name in with_dependents(stack, guilty)]
    return found or list(left)


def with_dependents(stack: Stack, names: Collection[str]) -> set[str]:
    """These, and all that depend on any of them."""
    found = set(names)
    while more := {s.name for s in stack.services.values() if found & {d.service for d in s.depends_on}} - found:
        found |= more
    return found


def container_names(stack: Stack, name: str, seen: Collection[str]) -> set[str]:
    """What the containers of a service are called, those that are `seen` among them."""
    own = stack.services[name].extra.get("container_name")
    return {str(own) if own else f"{stack.name}-{name}-1", *seen}


def _at_work(containers: Mapping[str, Collection[str]], lines: Sequence[str]) -> set[str]:
    words = {found[1]: found[2] for line in lines if (found := _CONTAINER.match(line))}
    open_ones = {container for container, word in words.items() if word in _AT_WORK}
    return {name for name, known in containers.items() if open_ones.intersection(known)}


def _names(text: str, container: str) -> bool:
    """Whether the text names this very container: not one whose name only begins alike."""
    return re.search(rf"(?<![\w.-]){re.escape(container)}(?![\w-])", text) is not None
