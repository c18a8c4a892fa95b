"""A session that is lost in the middle of a job: the job ends and says why, and nothing is held."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.models import EndReason, Job, JobState, JobType
from hubtui.store import steps
from tests.doubles.dagger import Double
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import Projects, answer, ended_as, started
from tests.live.dagger.faults.conftest import nothing_is_left

lost_by = pytest.mark.parametrize("how", ["502", "killed_session"])


def failed_as_lost(host: Host, project: str, job: Job) -> None:
    found = host.finished(job, 20)
    assert found.state is JobState.FAILURE
    assert found.error is not None
    assert found.error.kind == "session_lost", found.error
    assert found.error.hint
    nothing_is_left(host, project)
    assert ended_as(host, project)[0] is EndReason.LOST
    assert not [s.name for s in steps.OF_JOB.all(host.con, job.id) if s.state.value in ("running", "waiting")]


def long_build(projects: Projects, folder: Path) -> None:
    (folder / "Dockerfile").write_text(f"FROM {projects.place.image}\nRUN sleep 300\n")


@lost_by
def test_in_a_build(host: Host, projects: Projects, double: Double, how: str) -> None:
    folder = projects.write("build", {"web": {**projects.server("web"), "build": {"context": "."}}})
    long_build(projects, folder)
    job = host.ask(JobType.START, host.add(folder))
    eventually(lambda: any("sleep 300" in s.name for s in steps.OF_JOB.all(host.con, job.id)), 20)
    double.switch(how)
    failed_as_lost(host, "build", job)
    double.switch(how, on=False)
    (folder / "Dockerfile").write_text(f"FROM {projects.place.image}\n")
    assert host.start("build").state is JobState.SUCCESS
    assert answer(projects.ports["web"]) == "hello from web"


@lost_by
def test_in_a_start(host: Host, projects: Projects, double: Double, how: str) -> None:
    services = {
        "store": projects.server("store"),
        "web": projects.server("web", depends_on={"store": {"condition": "service_healthy"}}),
    }
    double.switch("start_hangs", value="web")
    job = host.ask(JobType.START, host.add(projects.write("start", services)))
    eventually(lambda: host.states("start") == {"store": "running", "web": "starting"}, 20)
    double.switch(how)
    failed_as_lost(host, "start", job)
    double.switch(how, on=False)
    double.switch("start_hangs", on=False)
    assert host.start("start").state is JobState.SUCCESS
    assert answer(projects.ports["web"]) == "hello from web"


@lost_by
def test_in_a_stop(host: Host, projects: Projects, double: Double, how: str) -> None:
    """What waits for its turn to be stopped must not come back by its policy."""
    slow = projects.shell("trap 'echo told' TERM; echo up; while :; do sleep 0.1; done", depends_on=["store"])
    services = {"store": projects.server("store", restart="always"), "slow": {**slow, "stop_grace_period": "60s"}}
    project = started(host, projects.write("stop", services))
    job = host.ask(JobType.STOP, project)
    eventually(lambda: host.states(project)["slow"] == "stopping", 10)
    double.switch(how)
    assert host.finished(job, 20).state is JobState.SUCCESS
    nothing_is_left(host, project)
    assert set(host.states(project).values()) == {"stopped"}
    assert ended_as(host, project)[0] is EndReason.STOPPED


def test_in_the_stop_of_some_that_have_a_policy(host: Host, projects: Projects, double: Double) -> None:
    """The others come back in a new session. What is being stopped does not, nor what waits for its turn."""
    stubborn = projects.shell("trap 'echo told' TERM; echo up; while :; do sleep 0.1; done", depends_on=["store"])
    services = {
        "web": projects.server("web", restart="always"),
        "store": projects.server("store", restart="always"),
        "slow": {**stubborn, "restart": "always", "stop_grace_period": "60s"},
    }
    project = started(host, projects.write("part", services))
    job = host.ask(JobType.STOP, project, ["slow", "store"])
    eventually(lambda: host.states(project)["slow"] == "stopping", 10)
    assert host.states(project)["store"] == "running"
    double.switch("killed_session")
    assert host.finished(job, 20).state is JobState.SUCCESS
    double.switch("killed_session", on=False)
    eventually(lambda: answer(projects.ports["web"]) == "hello from web", 20)
    eventually(lambda: host.states(project) == {"web": "running", "store": "stopped", "slow": "stopped"}, 10)
