"""Compose's `--progress json` (2.29 and later): one object a line, of Compose itself or, for builds, of BuildKit.

Compose (pkg/progress/json.go): `{"id": "db", "text": "Pulling"}`, `{"id": "4abcf2066143", "parent_id": "db", "text":
"Downloading", "status": "[=>  ] 1.2MB/3.6MB", "percent": 33}`; later ones write `"id": "Image postgres:16"`, a `status`
that is Working, Done or Error, and `details`. BuildKit (client/graph.go, `SolveStatus`): `{"vertexes": [{"digest": ...,
"name": "[api 2/4] RUN make", "started": ..., "completed": ..., "cached": true, "error": ""}], "logs": [{"vertex": ...,
"data": BASE64}]}`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hubtui.models import StepState
from hubtui.stacks.engines.compose.progress.plain import PlainProgress
from hubtui.stacks.engines.compose.progress.updates import ENDS, Update

_STATUS = {"Done": StepState.DONE, "Error": StepState.FAILED, "Warning": StepState.DONE}


class JsonProgress:
    """Of one call about `services`, whose images are `images` (by their names). Lines that are no objects are read as
    plain ones: what the CLI itself complains of."""

    def __init__(self, services: Sequence[str], images: Mapping[str, Sequence[str]] | None = None) -> None:
        self._plain = PlainProgress(services)
        self._services, self._images = set(services), images or {}
        self._numbers: dict[str, str] = {}  # digest of a vertex -> its number

    def hear(self, line: str) -> Iterator[Update]:
        """What this line tells."""
        try:
            found = json.loads(line) if line.startswith("{") else None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            yield from self._plain.hear(line)
        elif "id" in found:
            yield from self._event(found)
        else:
            yield from self._solve(found)

    def _event(self, found: Mapping[str, Any]) -> Iterator[Update]:
        identity, parent = str(found["id"]), str(found.get("parent_id") or "")
        text, status = str(found.get("text") or ""), str(found.get("status") or "")
        details = str(found.get("details") or ("" if status in (*_STATUS, "Working") else status))
        state = _STATUS.get(status) or ENDS.get(text, StepState.RUNNING)
        said = " ".join(part for part in (text, details) if part) if state is StepState.RUNNING else details
        if parent:
            for service in self._of(parent) or [""]:
                yield Update(service, identity, f"layer {identity}", state, said)
            return
        for service in self._of(identity):
            yield Update(service, "", "", state, said or text.lower())

    def _of(self, identity: str) -> Sequence[str]:
        if identity in self._services:
            return [identity]
        return self._images.get(identity.removeprefix("Image "), [])

    def _solve(self, found: Mapping[str, Any]) -> Iterator[Update]:
        for vertex in found.get("vertexes") or ():
            number = self._numbers.setdefault(str(vertex.get("digest")), str(len(self._numbers) + 1))
            yield from self._plain.hear(f"#{number} {vertex.get('name', '')}")
            if error := vertex.get("error"):
                yield from self._plain.hear(f"#{number} ERROR: {error}")
            elif vertex.get("cached"):
                yield from self._plain.hear(f"#{number} CACHED")
            elif vertex.get("completed"):
                yield from self._plain.hear(f"#{number} DONE 0.0s")
        for log in found.get("logs") or ():
            try:
                text = base64.b64decode(str(log.get("data") or "")).decode("utf-8", "replace")
            except (binascii.Error, ValueError):
                continue
            number = self._numbers.get(str(log.get("vertex")), "")
            for line in text.splitlines() if number else ():
                yield from self._plain.hear(f"#{number} 0.0 {line}")
