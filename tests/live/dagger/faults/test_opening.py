"""A session that does not open, or takes its time: it is shown, it can be cancelled, and it leaves nothing."""

from __future__ import annotations

import time

import pytest

from hubtui.models import EndReason, JobState, JobType
from hubtui.store import steps
from hubtui.workers import operations
from tests.doubles.dagger import Double
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import Projects, answer, ended_as
from tests.live.dagger.faults.conftest import clis, nothing_is_left, said_in_steps

SHOWN = 0.3  # seconds


def test_a_cli_that_cannot_provision_is_quoted(host: Host, projects: Projects, double: Double) -> None:
    double.switch("no_provision")
    job = host.start(host.add(projects.write("none", {"web": projects.server("web")})))
    assert job.state is JobState.FAILURE
    assert job.error is not None
    assert job.error.kind == "dagger_no_session"
    assert "failed to pull image: no such host" in job.error.message
    assert "hubtui doctor" in job.error.hint
    nothing_is_left(host, "none")
    assert ended_as(host, "none") == (EndReason.FAILED, job.message)
    double.switch("no_provision", on=False)
    assert host.start("none").state is JobState.SUCCESS
    assert answer(projects.ports["web"]) == "hello from web"


@pytest.mark.timed
def test_the_first_progress_is_there_at_once_while_the_engine_takes_long(
    host: Host, projects: Projects, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promised is SHOWN. Machines that test are busy: the best of some starts counts, and may take twice as long."""
    monkeypatch.setenv("HUBTUI_JOBS__CONCURRENCY", "3")  # else the last waits for a slot
    double.switch("slow_handshake", value="5")
    took = []
    for name in ("one", "two", "three"):
        project = host.add(projects.write(name, {"web": projects.shell("echo up; exec sleep 600")}))
        began = time.monotonic()
        job = host.ask(JobType.START, project)  # no runner is there
        eventually(lambda job=job: host.job(job).state is not JobState.PENDING, 10)  # type: ignore[misc]
        assert steps.OF_JOB.all(host.con, job.id), "the first step comes with the claim, before anything is imported"
        took.append(time.monotonic() - began)
    address = double.environment["HUBTUI_DAGGER__RUNNER_HOST"]
    eventually(lambda: f"connects to {address}" in said_in_steps(host, job.id), 5)
    assert host.job(job).state.value == "BUILDING"
    assert host.finished(job).state is JobState.SUCCESS
    assert time.monotonic() - began > 5
    assert min(took) < 2 * SHOWN, took


def test_a_session_that_is_being_opened_can_be_cancelled(host: Host, projects: Projects, double: Double) -> None:
    double.switch("slow_handshake", value="600")
    project = host.add(projects.write("wait", {"web": projects.server("web")}))
    job = host.ask(JobType.START, project)
    eventually(lambda: clis(host, project), 10)
    operations.cancel(host.hub, job.id, by="a test")
    assert host.finished(job, 5).state is JobState.REVOKED
    nothing_is_left(host, project, 5)
    assert answer(projects.ports["web"]) == ""
    session = next(s for s in steps.OF_JOB.all(host.con, job.id) if s.name == "Dagger session")
    assert (session.state.value, session.message) == ("cancelled", "stopped")
