"""An engine that does not do what it is told: every stop and every cancel ends, and ends nobody else unasked."""

from __future__ import annotations

import time

from hubtui.models import Job, JobState, JobType
from hubtui.store import requests
from hubtui.workers import operations
from tests.doubles.dagger import Double
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import Projects, answer, cli_of, log_lines, notes, started
from tests.live.dagger.faults.conftest import nothing_is_left, said_in_steps

ASKED = "cancel once more"


def cancel(host: Host, job: Job) -> None:
    """Ask once, and see that the runner has obeyed."""
    operations.cancel(host.hub, job.id, by="a test")
    eventually(lambda: not requests.OPEN.all(host.con, job.project), 10)


def test_a_term_that_is_lost_is_followed_by_a_kill(host: Host, projects: Projects, double: Double) -> None:
    web = projects.shell("echo up; exec sleep 600", stop_grace_period="1s")
    services = {"web": web, "other": projects.server("other")}
    project = started(host, projects.write("term", services))
    double.switch("lost_term")
    began = time.monotonic()
    assert host.stop(project, ["web"]).state is JobState.SUCCESS
    assert 1 <= time.monotonic() - began < 6
    assert host.states(project) == {"web": "stopped", "other": "running"}
    assert any("killed after its grace period" in line for line in log_lines(host, project, "web"))
    assert answer(projects.ports["other"]) == "hello from other"


def test_a_whole_start_that_hangs_is_cancelled_with_its_session(host: Host, projects: Projects, double: Double) -> None:
    """What has done its work already (a one-shot) needs no asking."""
    services = {
        "migrate": projects.shell("echo migrated"),
        "web": projects.server("web", depends_on={"migrate": {"condition": "service_completed_successfully"}}),
        "worker": projects.shell(
            "echo up; exec sleep 600", depends_on={"migrate": {"condition": "service_completed_successfully"}}
        ),
    }
    folder = projects.write("whole", services)
    project = host.add(folder)
    double.switch("start_hangs", value="web")
    job = host.ask(JobType.START, project)
    eventually(lambda: host.states(project)["web"] == "starting" and double.hung("start_hangs"), 20)
    double.switch("start_hangs")
    cancel(host, job)
    found = host.finished(job, 20)
    assert found.state is JobState.REVOKED
    nothing_is_left(host, project)
    assert set(host.states(project).values()) == {"stopped"}
    double.switch("start_hangs", on=False)
    assert host.start(project).state is JobState.SUCCESS
    assert answer(projects.ports["web"]) == "hello from web"


def test_a_cancel_that_would_end_healthy_services_says_so_and_needs_another(
    host: Host, projects: Projects, double: Double
) -> None:
    services = {
        "web": projects.server("web", restart="always"),
        "kept": projects.server("kept", restart="always"),
        "once": projects.server("once"),
    }
    project = started(host, projects.write("says", services))
    cli = cli_of(host, project)
    double.switch("start_hangs", value="web")
    job = host.ask(JobType.RESTART, project, ["web"])
    eventually(lambda: host.states(project)["web"] == "starting" and double.hung("start_hangs"), 20)
    cancel(host, job)
    cancel(host, job)  # before anything was said: it counts for nothing
    said = eventually(lambda: [m for m in said_in_steps(host, job.id) if ASKED in m], 20)
    assert "web hangs in its start" in said[0]
    assert "kept, once" in said[0]
    assert ASKED in host.job(job).message
    assert host.states(project) == {"web": "stopping", "kept": "running", "once": "running"}
    assert cli_of(host, project) == cli
    assert answer(projects.ports["kept"]) == "hello from kept"
    cancel(host, job)
    assert host.finished(job, 20).state is JobState.REVOKED
    assert "web could not be ended in another way" in notes(host, project)["session_lost"]
    eventually(lambda: host.states(project) == {"web": "stopped", "kept": "running", "once": "failed"}, 20)
    eventually(lambda: answer(projects.ports["kept"]) == "hello from kept", 10)
    assert answer(projects.ports["once"]) == ""
    double.switch("start_hangs", on=False)
    assert host.start(project).state is JobState.SUCCESS
    assert [answer(projects.ports[name]) for name in services] == [f"hello from {name}" for name in services]
