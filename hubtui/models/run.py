"""Runs: one life of a stack each, and the process that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RunState(StrEnum):
    """Where a run (one life of a stack) stands."""

    STARTING = "starting"
    UP = "up"
    DEGRADED = "degraded"
    STOPPING = "stopping"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a run ended."""

    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"
    REBOOTED = "rebooted"


@dataclass(frozen=True, slots=True)
class Runner:
    """The process that holds a run. `responsive` is None where there is none to ask."""

    pid: int | None = None
    alive: bool = False
    responsive: bool | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One life of a stack, from its start to its end. `detail` is one sentence on how it ended; `versions` are those of
    what holds it, as far as its engine tells any: {"engine": "v0.21.8", "CLI": ...}."""

    id: int
    project: str
    state: RunState
    end_reason: EndReason | None
    engine: str
    environment: str | None
    started_at: datetime
    ended_at: datetime | None
    generation: int
    detail: str = ""
    runner: Runner = Runner()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        return self.state is not RunState.ENDED
