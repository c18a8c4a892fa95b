"""The one interface of everything that can run a stack. The core knows engines only by what is here.

An engine lives inside a runner's asyncio loop and holds one run. It tells what happens through a `Reporter` and never
touches the store. Every method may be cancelled; a cancelled `start` leaves what is already up for `stop` to end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from hubtui.models import Health, ServiceState, StepState
from hubtui.stacks.spec.model import Stack


@dataclass(frozen=True, slots=True)
class HealthDefaults:
    """`health.*` of the settings, in seconds (retries is a count)."""

    interval: float = 30.0
    timeout: float = 5.0
    retries: int = 3
    start_period: float = 45.0


@dataclass(frozen=True, slots=True)
class LogLimits:
    """`logs.*` of the settings, in bytes (files is a count, per service)."""

    file_size: int = 64 * 1024 * 1024
    files: int = 8
    line_size: int = 32 * 1024


@dataclass(frozen=True, slots=True)
class EngineContext:
    """What an engine may know about the run it holds."""

    project: str
    run: int
    marker: str  # value of HUBTUI_RUN in every process of this run, to find survivors by
    logs: Path  # folder of this project's service logs
    folder: Path  # where the engine may keep files of this project
    address: str = "127.0.0.1"
    health: HealthDefaults = HealthDefaults()
    log_limits: LogLimits = LogLimits()


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process that cannot be mistaken for a later one with the same number: start time in clock ticks since boot
    (field 22 of /proc/PID/stat) and the boot's id."""

    pid: int
    start_ticks: int
    boot_id: str


class Kind(StrEnum):
    """What an engine makes of something that a file asks for and that it cannot do as asked."""

    REFUSED = "refused"  # nothing is started
    OTHERWISE = "otherwise"  # done in another way
    NOT_ENFORCED = "not enforced"  # a bound that nobody watches
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Difference:
    """One clause on what an engine does otherwise than a service's file asks. `quiet`: it goes without saying, so it is
    told only where somebody asks for all of them."""

    kind: Kind
    said: str
    quiet: bool = False


class Reporter(Protocol):
    """Where an engine says what happens. Calls return at once and never fail; the runner writes them to the store."""

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
        """A service changed; what is None stays. A new state clears message and exit code not given."""

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
        """A row of progress was opened or changed. `key` is the engine's own name for it within this job; `times` are
        its start and end in seconds since the epoch, where the engine knows better than the moment of this call."""

    def differs(self, name: str, notes: Sequence[str]) -> None:
        """What to know of this service on this engine, a clause each: that its entry has changed since it was started,
        what is done otherwise than its file asks, what may become of its data. In place of what was told before."""

    def versions(self, versions: Mapping[str, str]) -> None:
        """What holds the run from now on, by name; the engine's own is "engine"."""

    def note(self, kind: str, message: str) -> None:
        """Something happened to the run as a whole; `kind` is a word such as session_lost."""


@dataclass(frozen=True, slots=True)
class PortUse:
    """What goes through a published port: connections open now, bytes from and to clients so far."""

    connections: int
    bytes_in: int
    bytes_out: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What a service takes now: per cent of one core, resident bytes of its whole tree; latency of its last probe;
    by published port what goes through it, where the engine carries it; bytes that its own network has carried."""

    cpu_percent: float | None = None
    memory_bytes: int | None = None
    latency_ms: float | None = None
    ports: Mapping[int, PortUse] = field(default_factory=dict)
    bytes_received: int | None = None
    bytes_sent: int | None = None


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What a job asks for beyond the stack: services to be built though they run, because they are restarted next;
    those of them whose image is to be made anew though there is one; volumes that may be empty though they had data."""

    anew: frozenset[str] = frozenset()
    rebuild: frozenset[str] = frozenset()
    empty_volumes: frozenset[str] = frozenset()


DEFAULT = BuildOptions()


class Upkeep(Protocol):
    """What only an engine can do that keeps containers, images and volumes of its own. Each raises EngineError."""

    async def pull(self, stack: Stack, services: Sequence[str]) -> Sequence[str]:
        """Pull the images of these services; those of them that run on another one than that now."""

    async def scale(self, stack: Stack, service: str, count: int) -> None:
        """Have so many containers of it, now where it is up, and whenever it is started until told otherwise."""

    async def down(self, stack: Stack) -> str:
        """Remove containers and networks of the stack, of which nothing is up; a sentence about it."""

    async def clean(self, stack: Stack, words: Sequence[str]) -> str:
        """The same, and its images; `words` say what else: images, cache, volumes."""


class Engine(Protocol):
    """What runs services. Names given are services of the stack; the engine adds nothing to them by itself."""

    def check(self, stack: Stack, services: Sequence[str]) -> None:
        """Refuse, before anything is touched, what this engine cannot do. Raises EngineError."""

    builds_apart: bool
    """Whether services can be built while they run: a restart then stops them only when the new build is there."""

    outlives: bool
    """Whether what it runs goes on without the runner: a runner that has to leave then leaves it alone."""

    @property
    def upkeep(self) -> Upkeep | None:
        """What else it can do; None where nothing is left of a service that has ended."""

    async def adopt(self, stack: Stack, *, patient: bool = False) -> Sequence[str]:
        """Take over what runs of this stack already, whoever started it, without touching it; who that is. An engine
        whose services end with the runner finds nothing. `patient`: wait for what it is reached through. Raises
        EngineError."""

    async def build(self, stack: Stack, services: Sequence[str], options: BuildOptions = DEFAULT) -> None:
        """Everything before the first service starts: ports free, images or builds there. Raises EngineError."""

    async def start(self, stack: Stack, services: Sequence[str]) -> None:
        """Bring these services up in dependency order, those already up untouched; returns when every one is
        running and healthy (one-shots: completed). Raises EngineError for the first that failed; what is up stays."""

    async def stop(self, services: Sequence[str] | None = None) -> None:
        """End these services (None: all that this engine started, whatever became of them), dependents first; returns
        when none of their processes is left. Never raises for a service that is not running."""

    def compare(self, stack: Stack | None = None) -> Sequence[str]:
        """Tell, as a note on each service that is up, whether its entry in the stack (None: as told last) is another
        than it was started with; the services of which that is known. What takes long to find out is told later."""

    async def usage(self) -> dict[str, Usage]:
        """What each running service takes now."""

    @property
    def holding(self) -> bool:
        """Whether anything is up, or will be brought up by a restart policy: then the runner must stay."""

    @property
    def lost(self) -> str:
        """Why everything it held is gone at once (a session that was lost), "" where nothing of the kind happened."""

    def insist(self) -> None:
        """The end under way was asked for once more: what is being ended, and what a stop that follows at once ends,
        is killed without its grace, and what cannot be ended gently is ended anyhow. Later ends have their grace."""

    async def close(self) -> None:
        """Release what the engine holds for itself; called once, after `stop`."""


EngineFactory = Callable[[EngineContext, Reporter], Engine]
