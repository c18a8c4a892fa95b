"""What the thread workers post to the app. Payloads are frozen values; no message carries a widget or a connection."""

from __future__ import annotations

from dataclasses import dataclass, field

from textual.message import Message

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
