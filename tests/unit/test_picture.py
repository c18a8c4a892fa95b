"""What a runner makes of what it was told: progress, the run's state, a few words."""

from __future__ import annotations

from hubtui.models import Health, JobState, JobType, RunState, ServiceState, StepState
from hubtui.workers.runner.picture import Picture

BUILDING, RUNNING = JobState.BUILDING, JobState.RUNNING


def test_a_start_goes_10_30_80_and_nearly_100() -> None:
    picture = Picture()
    picture.begin(["store", "web"])
    picture.step("read", "compose file", StepState.DONE, "")
    assert picture.progress(JobType.START, BUILDING)[0] == 10, "what is to be built is not known yet"
    picture.step("build:web", "build web", StepState.RUNNING, "[1/12] reading")
    assert picture.progress(JobType.START, BUILDING) == (10, "build web: [1/12] reading", "build web")
    picture.step("build:web", "build web", StepState.DONE, "")
    assert picture.progress(JobType.START, BUILDING)[0] == 30
    for name in ("store", "web"):
        picture.step(f"service:{name}", name, StepState.RUNNING, "")
        picture.service(name, ServiceState.RUNNING, Health.STARTING)
    assert picture.progress(JobType.START, RUNNING) == (80, "starting store", "store")
    for name in ("store", "web"):
        picture.step(f"service:{name}", name, StepState.DONE, "healthy")
    assert picture.progress(JobType.START, RUNNING)[0] == 99, "100 is for the job's own end"


def test_the_sentence_says_what_goes_on_inside_a_build() -> None:
    picture = Picture()
    picture.begin(["web"])
    picture.step("session", "Dagger session", StepState.RUNNING, "connects")
    assert picture.progress(JobType.START, BUILDING) == (10, "Dagger session: connects", "Dagger session")
    picture.step("session", "Dagger session", StepState.DONE, "")
    picture.step("build:web", "build web", StepState.RUNNING, "")
    picture.step("span:1", "RUN npm ci", StepState.RUNNING, "", "build:web")
    assert picture.progress(JobType.START, BUILDING) == (20, "build web: RUN npm ci", "build web")


def test_what_was_cancelled_or_failed_is_not_done() -> None:
    picture = Picture()
    picture.begin(["web"])
    picture.step("build:web", "build web", StepState.CANCELLED, "")
    assert picture.progress(JobType.START, BUILDING)[0] == 10


def test_a_stop_counts_what_has_ended() -> None:
    picture = Picture()
    for name in ("store", "web"):
        picture.service(name, ServiceState.RUNNING, None)
    picture.begin([])
    assert picture.progress(JobType.STOP, BUILDING)[0] == 10
    picture.service("web", ServiceState.STOPPED, None)
    assert 50 <= picture.progress(JobType.STOP, BUILDING)[0] <= 60


def test_a_run_is_up_while_all_that_should_be_up_is() -> None:
    picture = Picture()
    picture.service("web", ServiceState.RUNNING, Health.HEALTHY)
    picture.service("once", ServiceState.EXITED, None)
    assert picture.run_state(starting=True) is RunState.STARTING
    assert picture.run_state(starting=False) is RunState.UP
    assert picture.summary() == "1 of 1 services up, 1 ended"
    picture.service("web", None, Health.UNHEALTHY)
    assert picture.run_state(starting=False) is RunState.DEGRADED
    picture.service("web", ServiceState.FAILED, Health.NONE)
    assert picture.failed() == ["web"]
    picture.service("web", ServiceState.STOPPED, Health.NONE)
    assert picture.run_state(starting=False) is RunState.UP, "a service stopped on purpose degrades nothing"
