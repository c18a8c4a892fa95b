"""The words of hubtui as frozen values. Times are UTC `datetime`, durations seconds, memory bytes; unknown is None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any


class JobType(StrEnum):
    """What a job does to its project."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    REBUILD = "rebuild"


class JobState(StrEnum):
    """Celery's words. SUCCESS, FAILURE and REVOKED are terminal and never change."""

    PENDING = "PENDING"
    BUILDING = "BUILDING"
    RUNNING = "RUNNING"
    RETRY = "RETRY"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    REVOKED = "REVOKED"

    @property
    def finished(self) -> bool:
        return self in (JobState.SUCCESS, JobState.FAILURE, JobState.REVOKED)


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


class StepState(StrEnum):
    """One row of progress inside a job."""

    WAITING = "waiting"
    RUNNING = "running"
    CACHED = "cached"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ServiceState(StrEnum):
    """What one service does now."""

    STOPPED = "stopped"
    WAITING = "waiting"
    BUILDING = "building"
    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    EXITED = "exited"
    FAILED = "failed"


class Health(StrEnum):
    """What its health check says."""

    NONE = "none"
    STARTING = "starting"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


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


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed: a short kind for programs, a sentence and a hint for people."""

    kind: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One operation on a project. `services` is empty for the whole stack; `progress` is a percentage 0..100."""

    id: int
    project: str
    run: int | None
    type: JobType
    state: JobState
    message: str
    created_at: datetime
    services: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    empty_volumes: tuple[str, ...] = ()
    priority: str = "normal"
    attempt: int = 0
    max_attempts: int = 1
    parent: int | None = None
    progress: int = 0
    step: str | None = None
    eta_seconds: float | None = None
    queue_position: int | None = None
    waits_for: tuple[str, ...] = ()
    requested_by: str = ""
    host: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    result: str | None = None
    error: JobError | None = None

    @property
    def finished(self) -> bool:
        return self.state.finished


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a job by one runner."""

    number: int
    generation: int
    started_at: datetime
    finished_at: datetime | None
    state: JobState
    message: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a job's progress; `parent` is the id of the step it belongs to."""

    id: int
    parent: int | None
    name: str
    state: StepState
    cached: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class PortView:
    """A port as it is reachable now; `url` is None where it is not HTTP. Connections open now and bytes so far where
    hubtui itself carries them, else None."""

    published: int | None
    target: int
    protocol: str
    address: str
    url: str | None
    connections: int | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None


@dataclass(frozen=True, slots=True)
class LimitsView:
    """The limits asked for, and whether this engine enforces them."""

    cpus: float | None = None
    memory: int | None = None
    enforced: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a project as it is now. `since` is when it took its state."""

    name: str
    state: ServiceState
    health: Health = Health.NONE
    latency_ms: float | None = None
    ports: tuple[PortView, ...] = ()
    restarts: int = 0
    since: datetime | None = None
    exit_code: int | None = None
    cpu_percent: float | None = None
    memory_bytes: int | None = None
    limits: LimitsView = LimitsView()
    message: str = ""  # why it is not running: "waits for postgres", "exited with code 2 after 0.4 s"
    notes: tuple[str, ...] = ()  # what its engine does otherwise than asked, or with its data: a clause each


@dataclass(frozen=True, slots=True)
class Project:
    """A registered project. `key` names its folders under the state folder."""

    name: str
    path: Path
    engine: str
    engine_reason: str
    environment: str | None = None
    run: Run | None = None  # the newest one, also when it has ended
    job: Job | None = None  # the one under way, else the newest
    services_total: int = 0
    services_healthy: int = 0


@dataclass(frozen=True, slots=True)
class ProjectView:
    """All that a panel shows of one project, as of one sequence number of the feed."""

    seq: int
    project: Project
    steps: tuple[Step, ...] = ()
    services: tuple[Service, ...] = ()
    stages: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the feed: something changed, in the same transaction as the change itself."""

    seq: int
    time: datetime
    project: str
    run: int | None
    job: int | None
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line a service printed. `stream` is out, err, or hub for our own markers; `line` is not yet safe text."""

    time: datetime
    service: str
    stream: str
    run: int | None
    line: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `hubtui doctor`."""

    check: str
    state: str  # ok, warn, fail
    message: str
    hint: str = ""


def now() -> datetime:
    """The wall clock, UTC: for display only, never for durations or deadlines."""
    return datetime.now(UTC)
