"""What the thread workers post to the app. Payloads are frozen values; no message carries a widget or a connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:  # a log view needs none of these, and is to open at once
    from pathlib import Path

    from hubtui.logs.lines import Line, Origin, Place, Source
    from hubtui.models import Job, LogLine, ProjectView


@dataclass
class ProjectsListed(Message):
    """All projects as they are now: the feed begins, or begins anew after trouble."""

    views: tuple[ProjectView, ...]


@dataclass
class ProjectChanged(Message):
    """One project as it is now; at most one of these per project and tick."""

    view: ProjectView


@dataclass
class ProjectForgotten(Message):
    """A project is no longer registered."""

    project: str


@dataclass
class JobFinished(Message):
    """A job reached its terminal state, whoever had asked for it."""

    job: Job


@dataclass
class JobNoted(Message):
    """Something new is to be known of a job that goes on: over its soft limit, unusually slow, possibly stuck."""

    job: Job
    message: str


@dataclass
class OperationDone(Message):
    """What was asked for is committed. `message` is empty where the panel says all there is to say."""

    token: int
    project: str
    operation: str
    message: str = ""


@dataclass
class OperationRefused(Message):
    """What was asked for could not be done: one sentence, what to do next, and the error's kind where it has one."""

    token: int
    project: str
    operation: str
    message: str
    hint: str = ""
    kind: str = ""


@dataclass
class StoreTrouble(Message):
    """The store cannot be read; the feed keeps trying."""

    message: str
    hint: str = ""


@dataclass
class StoreRestored(Message):
    """The store can be read again; a ProjectsListed follows."""


@dataclass
class LogArrived(Message):
    """Lines of the visible log. `fresh` begins a new view, `skipped` is how many bytes of it only the file has."""

    epoch: int
    lines: tuple[LogLine, ...]
    skipped: int = 0
    fresh: bool = False
    trouble: str = field(default="")


class LogTold(Message):
    """What the reader of a log view tells. `serial` tells an answer to the newest wish from one to an older."""


@dataclass
class LogOpened(LogTold):
    """The lines of a view are open: the files or services that they come from, in the order of `Line.source`."""

    sources: tuple[Source, ...]


@dataclass
class LogWindow(LogTold):
    """The lines around a place, `at` of them before it. `above` and `below`: where looking goes on in either
    direction; `at_start` and `at_end`: there is nothing there now."""

    serial: int
    lines: tuple[Line, ...]
    at: int
    above: Place
    below: Place
    at_start: bool
    at_end: bool
    hit: bool = False  # the line behind the place is what was searched for
    note: str = ""


@dataclass
class LogMore(LogTold):
    """Lines that come above or below a place, up to `reached`. `done`: nothing is left there now; `goes_on`: there are
    more to come without asking."""

    serial: int
    back: bool
    place: Place
    lines: tuple[Line, ...]
    reached: Place
    done: bool
    goes_on: bool = False


@dataclass
class LogLooking(LogTold):
    """Looking takes long: how much of the way is behind it, 0 to 1."""

    serial: int
    fraction: float


@dataclass
class LogNothing(LogTold):
    """What was looked for is not there: a sentence."""

    serial: int
    sentence: str


@dataclass
class LogStands(LogTold):
    """Where the view is: how far down its first and its last line are, how many lines are before the first and in all
    (None: not counted yet), and which part of all is counted."""

    top: float
    bottom: float
    number: int | None
    total: int | None
    counted: float


@dataclass
class LogGrew(LogTold):
    """So many lines came since the view stopped following."""

    serial: int
    unseen: int


@dataclass
class LogNote(LogTold):
    """What happened to the files: rotated, cut short, removed, replaced, not readable."""

    sentence: str
    severe: bool = False


@dataclass
class LogHits(LogTold):
    """How many lines the search has found, which of them the view is on (from 1; None: not known), and which part of
    all lines it has looked at."""

    serial: int
    total: int
    ordinal: int | None
    counted: float


@dataclass
class LogMarksGone(LogTold):
    """Of the marks that were made in this opening of a log, these are of lines that are not there any more. `why`: what
    was said of the files."""

    opening: int
    gone: frozenset[Origin]
    why: str = ""


@dataclass
class LogWhole(LogTold):
    """A line with all its bytes (as many as were asked for), and how many lines are before it. `why`: what for."""

    why: str
    line: Line
    whole: bytes
    number: int | None


@dataclass
class LogExported(LogTold):
    """Lines were written to a file: how many, which part of them. `over`: it has ended; `trouble`: why it could not."""

    path: Path
    lines: int
    part: float
    over: bool = False
    trouble: str = ""
