"""A reporter that remembers: what the runner would have written to its store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hubtui.models import Health, ServiceState, StepState
from hubtui.stacks.engines.base import ProcessIdentity


@dataclass(frozen=True, slots=True)
class Said:
    """One report: what was told is not None. `when` is monotonic."""

    when: float
    service: str
    state: ServiceState | None
    health: Health | None
    message: str | None
    exit_code: int | None
    restarts: int | None
    process: ProcessIdentity | None


@dataclass(slots=True)
class Row:
    """A step as it is now, and all states it had."""

    name: str
    state: StepState
    parent: str | None
    message: str
    states: list[StepState] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


class RecordingReporter:
    """Implements `Reporter`. The dictionaries show the present, `said` the past."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.states: dict[str, ServiceState] = {}
        self.health: dict[str, Health] = {}
        self.messages: dict[str, str] = {}
        self.exit_codes: dict[str, int | None] = {}
        self.restarts: dict[str, int] = {}
        self.processes: dict[str, list[ProcessIdentity]] = {}
        self.steps: dict[str, Row] = {}
        self.notes: list[tuple[str, str]] = []
        self.different: dict[str, list[str]] = {}
        self.held_by: dict[str, str] = {}

    def service(
        self,
        name: str,
        state: ServiceState | None = None,
        *,
        health: Health | None = None,
        message: str | None = None,
        exit_code: int | None = None,
        restarts: int | None = None,
        process: ProcessIdentity | None = None,
    ) -> None:
        self.said.append(Said(time.monotonic(), name, state, health, message, exit_code, restarts, process))
        if state is not None:
            self.states[name], self.messages[name], self.exit_codes[name] = state, "", None
        if health is not None:
            self.health[name] = health
        if message is not None:
            self.messages[name] = message
        if exit_code is not None:
            self.exit_codes[name] = exit_code
        if restarts is not None:
            self.restarts[name] = restarts
        if process is not None:
            self.processes.setdefault(name, []).append(process)

    def differs(self, name: str, notes: Sequence[str]) -> None:
        self.different[name] = list(notes)

    def versions(self, versions: Mapping[str, str]) -> None:
        self.held_by = dict(versions)

    def note(self, kind: str, message: str) -> None:
        self.notes.append((kind, message))

    def step(
        self,
        key: str,
        name: str,
        state: StepState,
        *,
        parent: str | None = None,
        message: str = "",
        times: tuple[float, float | None] | None = None,
    ) -> None:
        row = self.steps.setdefault(key, Row(name, state, parent, message))
        row.name, row.state, row.message = name, state, message
        row.states.append(state)
        row.messages.append(message)

    def history(self, service: str) -> list[ServiceState]:
        """The states a service went through."""
        return [s.state for s in self.said if s.service == service and s.state is not None]

    def order(self, state: ServiceState) -> list[str]:
        """The services in the order in which they first took this state."""
        return list(dict.fromkeys(s.service for s in self.said if s.state is state))


async def until(what: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until `what()` is true; AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        await asyncio.sleep(0.01)
