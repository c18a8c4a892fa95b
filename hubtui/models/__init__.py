"""The words of hubtui as frozen values. Times are UTC `datetime`, durations seconds, memory bytes; unknown is None."""

from __future__ import annotations

from datetime import UTC, datetime

from hubtui.models.feed import Event, Finding, LogLine
from hubtui.models.job import Attempt, Job, JobError, JobState, JobType, Notice, Priority, Step, StepState
from hubtui.models.project import Project, ProjectView
from hubtui.models.run import EndReason, Run, Runner, RunState
from hubtui.models.service import Health, LimitsView, PortView, Service, ServiceState
from hubtui.models.timeline import FirstAndLater, PastStep, Timeline

__all__ = [
    "Attempt",
    "EndReason",
    "Event",
    "Finding",
    "FirstAndLater",
    "Health",
    "Job",
    "JobError",
    "JobState",
    "JobType",
    "LimitsView",
    "LogLine",
    "Notice",
    "PastStep",
    "PortView",
    "Priority",
    "Project",
    "ProjectView",
    "Run",
    "RunState",
    "Runner",
    "Service",
    "ServiceState",
    "Step",
    "StepState",
    "Timeline",
    "local",
    "now",
]


def now() -> datetime:
    """The wall clock, UTC: for display only, never for durations or deadlines."""
    return datetime.now(UTC)


def local(time: datetime) -> datetime:
    """A time as the person who looks reads it off the wall; in UTC where TZ names no zone that there can be."""
    try:
        return time.astimezone()
    except (ValueError, OverflowError, OSError):
        return time.astimezone(UTC)
