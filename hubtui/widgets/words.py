"""Numbers, times and states as the words and glyphs of the screen. A state is always a glyph and a word, and a colour
only on top of both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from hubtui.models import EndReason, Health, Job, JobState, Project, RunState, Service, ServiceState, StepState
from hubtui.widgets.units import coarse

GOOD, BUSY, BAD, OFF = "$text-success", "$text-warning", "$text-error", "$foreground 60%"
BOLD, KEY = "bold", "bold $text-accent"


@dataclass(frozen=True, slots=True)
class Mark:
    """How a state is shown."""

    glyph: str
    word: str
    style: str


STEP_MARKS = {
    StepState.WAITING: Mark("○", "waiting", OFF),
    StepState.RUNNING: Mark("◐", "running", BUSY),
    StepState.CACHED: Mark("✓", "cached", GOOD),
    StepState.DONE: Mark("✓", "done", GOOD),
    StepState.FAILED: Mark("✗", "failed", BAD),
    StepState.CANCELLED: Mark("–", "cancelled", OFF),
}
_JOB_STYLES = {JobState.SUCCESS: GOOD, JobState.FAILURE: BAD, JobState.REVOKED: OFF, JobState.PENDING: OFF}
_SERVICE_MARKS = {
    ServiceState.STOPPED: ("○", OFF),
    ServiceState.WAITING: ("○", OFF),
    ServiceState.BUILDING: ("◐", BUSY),
    ServiceState.STARTING: ("◐", BUSY),
    ServiceState.RUNNING: ("●", GOOD),
    ServiceState.RESTARTING: ("◐", BUSY),
    ServiceState.STOPPING: ("◐", BUSY),
    ServiceState.EXITED: ("✓", OFF),
    ServiceState.FAILED: ("✗", BAD),
}
_ENDED = (ServiceState.EXITED, ServiceState.FAILED, ServiceState.RESTARTING)
_LOST = ("lost", "rebooted")
_FAILURES = {"stack": "compose file", "error": "", "usage": "", "engine": "", "store": ""}  # where a kind is no word
_RUN_WORDS = {RunState.STARTING: "starting", RunState.STOPPING: "stopping", RunState.DEGRADED: "degraded"}


def exact(seconds: float) -> str:
    """A measured duration: 2.1 s, 48 s, 1:10, 1:02:03."""
    if seconds < 9.95:
        return f"{max(seconds, 0.0):.1f} s"
    return elapsed(seconds)


def elapsed(seconds: float) -> str:
    """A duration that is still growing, in whole seconds: 7 s, 48 s, 1:10, 1:02:03."""
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    minutes, seconds_left = divmod(whole, 60)
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours}:{minutes_left:02}:{seconds_left:02}" if hours else f"{minutes}:{seconds_left:02}"


def about(seconds: float, *, at_most: bool = False) -> str:
    """A guess, no finer than it is good: a few seconds, about 40 s, about 4 min, about 2 h. As an upper bound, 40 s."""
    whole, word = (math.ceil, "") if at_most else (round, "about ")
    if seconds < 8:
        return "a few seconds"
    if seconds <= (50 if at_most else 55):
        return f"{word}{whole(seconds / 10) * 10} s"
    if seconds < 5400:
        return f"{word}{max(whole(seconds / 60), 1)} min"
    return f"{word}{whole(seconds / 3600)} h"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th, 22nd."""
    teen = 10 <= number % 100 <= 20
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def age(since: datetime | None, now: datetime) -> str:
    """How long ago, coarsely; "" where unknown."""
    return coarse((now - since).total_seconds()) if since else ""


def took(start: datetime | None, end: datetime | None) -> str:
    """A finished duration; "" where unknown."""
    return exact((end - start).total_seconds()) if start and end else ""


def bar(percent: int, width: int) -> tuple[str, str]:
    """(done, left) of a progress bar of `width` cells."""
    full = min(max(width * percent // 100, 0), width)
    return "▓" * full, "░" * (width - full)


def job_style(state: JobState) -> str:
    """The colour of a job's state."""
    return _JOB_STYLES.get(state, BUSY)


def service_mark(service: Service) -> Mark:
    """A service's state."""
    glyph, style = _SERVICE_MARKS[service.state]
    if service.state is ServiceState.RUNNING and service.health is Health.UNHEALTHY:
        glyph, style = "✗", BAD
    elif service.state is ServiceState.RUNNING and service.health is Health.STARTING:
        glyph, style = "◐", BUSY
    elif service.state is ServiceState.EXITED and service.exit_code not in (0, None):
        glyph, style = "✗", BAD
    return Mark(glyph, str(service.state), style)


def health_mark(service: Service) -> Mark:
    """A service's health, with the latency of its last probe where it is known; empty where nothing probes it. Of one
    that has ended, how."""
    if service.state in _ENDED and service.exit_code is not None:
        return Mark("", f"exit {service.exit_code}", OFF if service.exit_code == 0 else BAD)
    if service.state is not ServiceState.RUNNING and service.health is not Health.STARTING:
        return Mark("", "", OFF)
    if service.health is Health.HEALTHY:
        return Mark("✓", f"{service.latency_ms:.0f} ms" if service.latency_ms is not None else "healthy", GOOD)
    if service.health is Health.UNHEALTHY:
        return Mark("✗", "unhealthy", BAD)
    if service.health is Health.STARTING:
        return Mark("◐", "checking", BUSY)
    return Mark("", "", OFF)


def project_mark(project: Project, now: datetime) -> Mark:
    """A project's state in one glyph and a few words: what its open job does, else how its run stands."""
    run, job = project.run, project.job
    if run is not None and run.active and run.runner.responsive is False:
        return Mark("?", "unresponsive", BAD)
    if job is not None and not job.finished:
        return _job_mark(job, now)
    if run is not None and run.active:
        return _run_mark(project, run.state)
    if run is not None and run.end_reason is not None and ended_last(project):
        return Mark("✗", str(run.end_reason), BAD)
    if job is not None and job.state is JobState.FAILURE:
        return Mark("✗", failure_word(job), BAD)
    return Mark("○", "stopped", OFF)


def ended_last(project: Project) -> bool:
    """Whether the last thing that happened is that the run ended by itself: no job has finished since."""
    run, job = project.run, project.job
    if run is None or run.active or run.end_reason in (None, EndReason.STOPPED):
        return False
    if job is None or job.finished_at is None or run.ended_at is None:
        return True
    if job.run == run.id and job.error is not None and (run.end_reason is EndReason.FAILED or job.error.kind in _LOST):
        return False  # it ended with that job, whose error says more
    return job.finished_at <= run.ended_at


def is_stuck(job: Job | None) -> bool:
    """Whether a job at work has given no sign of progress for so long that a person should look."""
    return job is not None and not job.finished and any(notice.kind == "stuck" for notice in job.notices)


def until(time: datetime, now: datetime) -> str:
    """`in 48 s`, counted down to 1; `now` from then on."""
    left = math.ceil((time - now).total_seconds())
    return f"in {elapsed(left)}" if left > 0 else "now"


def failure_word(job: Job) -> str:
    """What kind of failure it was, where that is short enough for a list and says more than that it failed."""
    kind = job.error.kind if job.error else ""
    word = _FAILURES.get(kind, kind.replace("_", " ").removeprefix("service "))
    return word if 0 < len(word) <= 12 else "failed"


def _job_mark(job: Job, now: datetime) -> Mark:
    if job.state is JobState.PENDING or (job.state is JobState.RETRY and job.retry_at is None):
        return Mark("◌", f"queued {ordinal(job.queue_position)}" if job.queue_position else "queued", BUSY)
    if job.retry_at is not None and job.state is JobState.RETRY:
        return Mark("◌", f"retry {until(job.retry_at, now)}", BUSY)
    if is_stuck(job):
        return Mark("!", "stuck?", BUSY)
    if job.type == "stop":
        return Mark("◐", "stopping", BUSY)
    clock = f"  {elapsed((now - job.started_at).total_seconds())}" if job.started_at else ""
    return Mark("◐", f"{job.progress} %{clock}", BUSY)


def _run_mark(project: Project, state: RunState) -> Mark:
    healthy = project.services_healthy, project.services_total
    if state in (RunState.STARTING, RunState.STOPPING):
        return Mark("◐", _RUN_WORDS[state], BUSY)
    if state is RunState.DEGRADED or healthy[0] < healthy[1]:
        return Mark("◐", f"{healthy[0]}/{healthy[1]} {_RUN_WORDS.get(state, 'healthy')}", BUSY)
    return Mark("●", f"{healthy[0]}/{healthy[1]} healthy", GOOD)
