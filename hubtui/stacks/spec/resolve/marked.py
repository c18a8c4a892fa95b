"""A mistake that a check found, before it has its place."""

from __future__ import annotations

from hubtui.stacks.spec.marks import Key


class Said:
    """A sentence, and the path below the service where it points."""

    __slots__ = ("hint", "message", "path")

    def __init__(self, message: str, *path: Key, hint: str = "") -> None:
        self.message = message
        self.path = path
        self.hint = hint
