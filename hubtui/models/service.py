"""Services as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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

    @property
    def down(self) -> bool:
        """Nothing of it runs, or is about to."""
        return self in (ServiceState.STOPPED, ServiceState.EXITED, ServiceState.FAILED)


class Health(StrEnum):
    """What its health check says."""

    NONE = "none"
    STARTING = "starting"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


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
    bytes_received: int | None = None  # over its own network since it began, where its engine tells
    bytes_sent: int | None = None
    limits: LimitsView = LimitsView()
    message: str = ""  # why it is not running: "waits for postgres", "exited with code 2 after 0.4 s"
    notes: tuple[str, ...] = ()  # what its engine does otherwise, that its entry has changed: a clause each
