"""Compose's plain output, as 2.26 and later print it where there is no terminal.

Two kinds of lines. Of BuildKit: `#8 [api base 2/2] RUN make`, `#8 0.146 what it prints`, `#8 CACHED`, `#8 DONE 1.2s`,
`#8 ERROR: why`. Of Compose itself: ` db Pulling `, ` 4abcf2066143 Downloading [==>  ] 1.2MB/3.6MB`, ` db Error why`. A
layer's line does not name its service: where several pull at once it belongs to none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hubtui.models import StepState
from hubtui.stacks.engines.compose.progress.updates import ENDS, Update

_VERTEX = re.compile(r"#(\d+) (.*)")
_HEAD = re.compile(r"\[([^\]]+)\] ?(.*)")
_PRINTED = re.compile(r"\d+\.\d+ ?(.*)")
_DONE = re.compile(r"DONE [\d.]+s$")
_EVENT = re.compile(r" (\S+) (\S.*?) *$")
_GIVEN_UP = re.compile(r"context canceled|^Cannot connect to the Docker daemon")  # what it says once another failed
_LAYER = re.compile(r"[0-9a-f]{12}")
_DULL = ("load build definition", "load .dockerignore", "building with", "sha256:")


class PlainProgress:
    """Of one call about `services`."""

    def __init__(self, services: Sequence[str]) -> None:
        self._by_target = {re.sub(r"[^a-zA-Z0-9_-]", "_", name): name for name in services} | {n: n for n in services}
        self._only = services[0] if len(services) == 1 else ""
        self._names: dict[str, tuple[str, str]] = {}  # vertex -> service, name

    def hear(self, line: str) -> Iterator[Update]:
        """What this line tells, if anything."""
        if vertex := _VERTEX.fullmatch(line):
            yield from self._vertex(vertex[1], vertex[2])
        elif event := _EVENT.fullmatch(line):
            yield from self._event(event[1], event[2])

    def _vertex(self, number: str, said: str) -> Iterator[Update]:
        if number not in self._names or said.startswith("["):
            service, name = self._head(said)
            self._names[number] = service, name
            if not self._dull(number):
                yield Update(service, number, name, StepState.RUNNING)
            return
        service, name = self._names[number]
        if said == "...":  # BuildKit turns to another one for a moment
            return
        if _DONE.fullmatch(said):
            update = Update(service, number, name, StepState.DONE)
        elif said == "CACHED":
            update = Update(service, number, name, StepState.CACHED)
        elif said == "CANCELED":
            update = Update(service, number, name, StepState.CANCELLED)
        elif said.startswith("ERROR"):
            update = Update(service, number, name, StepState.FAILED, said.removeprefix("ERROR:").strip())
        elif printed := _PRINTED.fullmatch(said):
            update = Update(service, number, name, None, printed[1], printed[1])
        else:
            update = Update(service, number, name, None, said)
        if not self._dull(number) or update.state is StepState.FAILED:
            yield update

    def _head(self, said: str) -> tuple[str, str]:
        head = _HEAD.fullmatch(said)
        if head is None:
            return self._only, said
        first, _, rest = head[1].partition(" ")
        service = self._by_target.get(first)
        where = head[1] if service is None else rest
        service = service or self._only
        return service, head[2] if where in ("", "internal") else f"{where} {head[2]}".strip()

    def _dull(self, number: str) -> bool:
        return number == "0" or self._names[number][1].startswith(_DULL)

    def _event(self, identity: str, said: str) -> Iterator[Update]:
        word = next((end for end in ENDS if said.startswith(end)), "")
        state = ENDS.get(word, StepState.RUNNING)
        if service := self._by_target.get(identity):
            message = said.removeprefix(word).strip() if word in ("Error", "Warning", "Skipped") else said.lower()
            if state is StepState.FAILED and _GIVEN_UP.search(message):
                state, message = StepState.CANCELLED, "given up with the others"
            yield Update(service, "", "", state, message)
        elif _LAYER.fullmatch(identity):
            message = "" if word else said
            yield Update(self._only, identity, f"layer {identity}", state, message)
