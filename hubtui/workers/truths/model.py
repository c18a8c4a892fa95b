"""The three truths of a project as frozen values. What follows from them is in `compare`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hubtui.models import Job, JobState, Run, Service
from hubtui.stacks.proctree import Stat
from hubtui.store.runners import RunnerRow
from hubtui.store.services import ProcessRow
from hubtui.workers.heartbeat import Heartbeat


class Action(StrEnum):
    """What a person can have done about a difference."""

    TAKE_OVER = "take_over"
    STOP = "stop"
    MARK_FAILED = "mark_failed"

    @property
    def option(self) -> str:
        """As it is given to `hubtui reconcile`."""
        return "--" + self.value.replace("_", "-")

    @property
    def label(self) -> str:
        """In a few words."""
        return self.value.replace("_", " ")

    @property
    def does(self) -> str:
        """What comes of it."""
        return _DOES[self]


_DOES = {
    Action.TAKE_OVER: "see a runner in charge again",
    Action.STOP: "see every process of it ended",
    Action.MARK_FAILED: "end run and job in the record, signal nobody",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two of the three do not say the same: a short word, a sentence for people, and what can be done. `service`
    is "" where it is about the project as a whole."""

    kind: str
    sentence: str
    actions: tuple[Action, ...] = ()
    service: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What the store says: the newest run and the boot it began in, open jobs, the runner as registered, services."""

    run: Run | None = None
    boot_id: str = ""
    jobs: tuple[Job, ...] = ()
    runner: RunnerRow | None = None
    services: tuple[Service, ...] = ()
    processes: Mapping[str, ProcessRow] = field(default_factory=dict)

    @property
    def active(self) -> Run | None:
        """The run, where it has not ended."""
        return self.run if self.run is not None and self.run.active else None

    @property
    def claimed(self) -> Job | None:
        """The job that a runner has taken and not ended."""
        return next((job for job in self.jobs if job.state is not JobState.PENDING), None)


@dataclass(frozen=True, slots=True)
class Marked:
    """A living process that carries the mark of a run of this project."""

    pid: int
    run: int
    service: str


@dataclass(frozen=True, slots=True)
class Kernel:
    """What the process table says: who holds the lease and what was last written into it, guard and runner as they are
    now, which recorded processes live, and all that carry the project's mark."""

    boot_id: str
    held: bool = False
    word: str = ""
    guard: Stat | None = None
    runner: Stat | None = None
    alive: frozenset[str] = frozenset()  # services whose recorded process lives
    marked: tuple[Marked, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the three columns, and whether they agree."""

    name: str
    record: str
    process: str
    engine: str
    differs: bool = False

    @property
    def words(self) -> tuple[str, str, str]:
        """The three columns."""
        return self.record, self.process, self.engine


@dataclass(frozen=True, slots=True)
class Truths:
    """All three, side by side; the engine's word is in the last heartbeat."""

    project: str
    engine: str  # its kind: process, dagger, ...
    record: Record
    kernel: Kernel
    beat: Heartbeat | None = None
    containers: tuple[str, ...] | None = None  # services of it that Docker runs, None where that is not known
    rows: tuple[Row, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def stopped(self) -> bool:
        """Whether the runner is there and cannot act, because somebody stopped it (SIGSTOP, a debugger)."""
        return self.kernel.runner is not None and self.kernel.runner.state in "Tt"

    @property
    def answers(self) -> bool:
        """Whether a living runner holds the project and beats."""
        beats = self.beat is not None and self.beat.responsive
        return self.kernel.held and self.kernel.runner is not None and not self.stopped and beats

    @property
    def known(self) -> bool:
        """Whether the runner that holds the project is the one that the record names."""
        row, runner = self.record.runner, self.kernel.runner
        if row is None or runner is None or row.state == "gone" or row.boot_id != self.kernel.boot_id:
            return False
        return (row.pid, row.start_ticks) == (runner.pid, runner.start_ticks)

    @property
    def actions(self) -> tuple[Action, ...]:
        """What can be done about its differences, each once."""
        offered = {action for difference in self.differences for action in difference.actions}
        return tuple(action for action in Action if action in offered)

    @property
    def strays(self) -> tuple[Marked, ...]:
        """Marked processes of another run than the one that is up."""
        run = self.record.active
        return tuple(m for m in self.kernel.marked if run is None or m.run != run.id)

    @property
    def survivors(self) -> bool:
        """Whether anything of the project lives."""
        return bool(self.kernel.marked or self.kernel.alive)
