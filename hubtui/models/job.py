"""Jobs, and what they are made of: attempts, steps, what is to be noted of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class JobType(StrEnum):
    """What a job does to its project."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    REBUILD = "rebuild"
    ADOPT = "adopt"
    PULL = "pull"
    SCALE = "scale"
    DOWN = "down"
    CLEAN = "clean"

    @property
    def ends(self) -> bool:
        """Whether nothing of what it is about is up after it."""
        return self in (JobType.STOP, JobType.DOWN, JobType.CLEAN)


class Priority(StrEnum):
    """Who goes first where jobs wait for a slot."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


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


class StepState(StrEnum):
    """One row of progress inside a job."""

    WAITING = "waiting"
    RUNNING = "running"
    CACHED = "cached"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed: a short kind for programs, a sentence and a hint for people."""

    kind: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know about a job that goes on. Kinds: `soft_limit` (over its soft time limit), `still_building`,
    `stuck` (no sign of progress). `message` is one sentence, `since` when it began to hold."""

    kind: str
    message: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """One operation on a project. `services` is empty for the whole stack; `progress` is a percentage 0..100;
    `environment` is the named one it is done in, None: the folder as Compose reads it. `arguments`: of a scale how many
    containers, of a clean what it takes beyond containers and networks (images, cache, volumes).

    `slot`: it needs one of the host's slots (`jobs.concurrency`). While it waits for one, `queue_position` counts from
    1 and `waits_for` names the projects that hold them. `retry_at`: when the next attempt is due, while RETRY.
    `eta_at` is when it should have ended by this project's own history, `eta_late_at` when nine of ten have; `basis`
    says what the estimate rests on ("12 earlier starts", "first run, no estimate"). `changes`: what is different since
    the last good one. `events_dropped`: how many of its events were let go, because there were too many.
    """

    id: int
    project: str
    run: int | None
    type: JobType
    state: JobState
    message: str
    created_at: datetime
    services: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    environment: str | None = None
    empty_volumes: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    slot: bool = False
    attempt: int = 0
    max_attempts: int = 1
    parent: int | None = None
    progress: int = 0
    step: str | None = None
    eta_at: datetime | None = None
    eta_late_at: datetime | None = None
    basis: str = ""
    queue_position: int | None = None
    waits_for: tuple[str, ...] = ()
    retry_at: datetime | None = None
    notices: tuple[Notice, ...] = ()
    changes: tuple[str, ...] = ()
    events_dropped: int = 0
    requested_by: str = ""
    host: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    result: str | None = None
    error: JobError | None = None

    @property
    def finished(self) -> bool:
        return self.state.finished

    @property
    def eta_seconds(self) -> float | None:
        """Seconds until it should have ended, 0 where it is late; None where that is not known or it has ended."""
        if self.eta_at is None or self.finished:
            return None
        return max(0.0, (self.eta_at - datetime.now(UTC)).total_seconds())


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
    """One row of a job's progress; `parent` is the id of the step it belongs to, `key` the engine's own name for it
    within its attempt."""

    id: int
    parent: int | None
    name: str
    state: StepState
    cached: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None
    message: str = ""
    attempt: int = 1
    key: str = ""
