"""`!reset` and `!override`: a file takes away what the ones before it said.

https://github.com/compose-spec/compose-spec/blob/main/13-merge.md#reset-value and #replace-value
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hubtui.stacks.spec.marks import Key


def forget(tree: Any, paths: Iterable[tuple[Key, ...]]) -> None:
    """Take every one of these paths out of a tree; one that it does not have is no mistake."""
    for path in paths:
        holder = tree
        for key in path[:-1]:
            holder = holder.get(key) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and path and path[-1] in holder:
            del holder[path[-1]]


def below(paths: Iterable[tuple[Key, ...]], prefix: tuple[Key, ...]) -> list[tuple[Key, ...]]:
    """The rest of those paths that begin with `prefix`."""
    return [path[len(prefix) :] for path in paths if path[: len(prefix)] == prefix and len(path) > len(prefix)]
