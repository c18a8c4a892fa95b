"""The objects of the API: immutable chains of calls, as Dagger's own are."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Node:
    """One object. `calls` made it: (field, arguments); what it is follows from them alone."""

    type: str
    calls: tuple[tuple[str, str], ...] = ()
    made: dict[str, Any] = field(default_factory=dict, compare=False)  # an image: what was found out by making it

    @property
    def id(self) -> str:
        digest = hashlib.sha256(json.dumps([self.type, self.calls]).encode()).digest()[:15]
        return base64.b64encode(digest).decode()

    def then(self, type_: str, name: str, arguments: dict[str, Any]) -> Node:
        return Node(type_, (*self.calls, (name, json.dumps(arguments, sort_keys=True))), self.made)

    def all(self, name: str) -> list[dict[str, Any]]:
        """The arguments of each call of this field, in order."""
        return [json.loads(arguments) for called, arguments in self.calls if called == name]

    def with_made(self, **more: Any) -> Node:
        return replace(self, made={**self.made, **more})


class EngineError(Exception):
    """An error of the engine's, with what the SDK makes of it."""

    def __init__(self, message: str, **extensions: Any) -> None:
        super().__init__(message)
        self.extensions = extensions


def exec_error(command: list[str], code: int, stdout: str, stderr: str, prefix: str = "") -> EngineError:
    """A process of the engine's has failed."""
    return EngineError(
        f"{prefix}exit code: {code}", _type="EXEC_ERROR", cmd=command, exitCode=code, stdout=stdout, stderr=stderr
    )
