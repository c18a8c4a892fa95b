"""Steps as the tree that they are."""

from __future__ import annotations

from collections.abc import Iterable

from hubtui.models import Step


def as_tree(steps: Iterable[Step]) -> list[tuple[int, Step]]:
    """Every step with its depth, each right after its parent (0: it has none); siblings stay in their order."""
    below: dict[int | None, list[Step]] = {}
    for step in steps:
        below.setdefault(step.parent, []).append(step)
    found: list[tuple[int, Step]] = []

    def add(parent: int | None, depth: int) -> None:
        for step in below.get(parent, ()):
            found.append((depth, step))
            add(step.id, depth + 1)

    add(None, 0)
    return found
