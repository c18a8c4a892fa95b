"""A session that is lost while its stack is up: the run ends with the reason, or goes on in a new session."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from hubtui.models import EndReason, JobState
from tests.doubles.dagger import Double
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import Projects, answer, cli_of, ended_as, get, notes, started
from tests.live.dagger.faults.conftest import clis, new_cli, nothing_is_left

# switch -> what a person reads as the reason
LOSSES = {
    "502": "its engine is gone (502",
    "dead": "its engine is gone (502",
    "killed_session": "its CLI ended with code 1",
}
lost_by = pytest.mark.parametrize("how", LOSSES)


def end_orphans(host: Host, project: str) -> None:
    """What an engine that died left behind."""
    for pid in set(host.processes(project)) - set(clis(host, project)):
        os.kill(pid, signal.SIGKILL)


@lost_by
def test_without_a_restart_policy_the_run_ends_and_says_why(
    host: Host, projects: Projects, double: Double, how: str
) -> None:
    services = {"web": projects.server("web"), "worker": projects.shell("echo up; exec sleep 600")}
    project = started(host, projects.write("ends", services))
    double.switch(how)
    eventually(lambda: ended_as(host, project)[0] is EndReason.LOST, 10)
    detail = ended_as(host, project)[1]
    assert detail.startswith("the Dagger session was lost: ")
    assert LOSSES[how] in detail
    nothing_is_left(host, project)
    assert set(host.states(project).values()) == {"stopped"}
    assert answer(projects.ports["web"]) == ""
    double.switch(how, on=False)
    assert host.start(project).state is JobState.SUCCESS
    assert answer(projects.ports["web"]) == "hello from web"


@lost_by
def test_with_a_restart_policy_services_come_back_and_their_ports_wait(
    host: Host, projects: Projects, double: Double, how: str
) -> None:
    services = {
        "store": projects.server("store", restart="always"),
        "web": projects.server("web", restart="on-failure", depends_on={"store": {"condition": "service_healthy"}}),
        "once": projects.shell("echo up; exec sleep 600"),
    }
    project = started(host, projects.write("back", services))
    first = cli_of(host, project)
    double.switch(how)
    eventually(lambda: "session_lost" in notes(host, project), 10)
    double.switch(how, on=False)
    end_orphans(host, project)  # containers would not be in the way of new ones as processes of this host are
    said: list[str] = []
    client = threading.Thread(target=lambda: said.append(get(projects.ports["web"], seconds=30)))
    client.start()  # it asks while nothing is there
    eventually(lambda: host.states(project) == {"store": "running", "web": "running", "once": "failed"}, 30)
    client.join(30)
    assert said == ["hello from web"]
    assert answer(projects.ports["store"]) == "hello from store"
    assert LOSSES[how] in notes(host, project)["session_lost"]
    once = next(s for s in host.view(project).services if s.name == "once")
    assert LOSSES[how] in once.message
    assert clis(host, project) == [new_cli(host, project, first)]
    run = host.view(project).project.run
    assert run is not None
    assert run.state.value == "degraded"
    assert host.stop(project).state is JobState.SUCCESS
    nothing_is_left(host, project)


def test_what_an_engine_left_behind_is_named_and_its_cli_is_not(host: Host, projects: Projects, double: Double) -> None:
    web = projects.shell("echo up; exec sleep 600", restart="always")
    project = started(host, projects.write("orphan", {"web": web}))
    cli = cli_of(host, project)
    (orphan,) = [pid for pid in host.processes(project) if pid != cli]
    double.switch("dead")
    said = eventually(lambda: notes(host, project).get("orphans", ""), 10)
    assert f"sleep ({orphan})" in said
    assert f"({cli})" not in said
    end_orphans(host, project)
    double.switch("dead", on=False)
    eventually(lambda: host.states(project)["web"] == "running", 30)


def test_a_session_lost_while_services_come_back_is_followed_by_another(
    host: Host, projects: Projects, double: Double
) -> None:
    project = started(host, projects.write("twice", {"web": projects.server("web", restart="always")}))
    first = cli_of(host, project)
    double.switch("start_hangs")
    os.kill(first, signal.SIGKILL)
    second = new_cli(host, project, first)
    eventually(lambda: host.states(project)["web"] == "starting", 20)
    os.kill(second, signal.SIGKILL)
    double.switch("start_hangs", on=False)
    third = new_cli(host, project, second)
    eventually(lambda: answer(projects.ports["web"]) == "hello from web", 30)
    eventually(lambda: host.states(project)["web"] == "running", 5)
    assert clis(host, project) == [third]


def test_a_service_that_was_about_to_restart_comes_back_in_the_new_session(host: Host, projects: Projects) -> None:
    services = {"web": projects.server("web", restart="always"), "other": projects.server("other", restart="always")}
    project = started(host, projects.write("between", services))
    cli = cli_of(host, project)
    with pytest.raises((OSError, ValueError)):
        get(projects.ports["web"], "/crash")
    eventually(lambda: host.states(project)["web"] == "restarting", 5)
    os.kill(cli, signal.SIGKILL)
    eventually(lambda: "session_lost" in notes(host, project), 5)
    eventually(lambda: set(host.states(project).values()) == {"running"}, 30)
    assert answer(projects.ports["web"]) == "hello from web"
    assert answer(projects.ports["other"]) == "hello from other"
    assert "session_failed" not in notes(host, project), "one new session was enough"


def test_a_start_right_after_the_loss_takes_a_new_session(host: Host, projects: Projects) -> None:
    services = {"web": projects.server("web", restart="always"), "once": projects.server("once")}
    project = started(host, projects.write("atonce", services))
    os.kill(cli_of(host, project), signal.SIGKILL)
    eventually(lambda: "session_lost" in notes(host, project), 5)
    job = host.start(project)
    assert job.state is JobState.SUCCESS, job.error
    assert answer(projects.ports["web"]) == "hello from web"
    assert answer(projects.ports["once"]) == "hello from once"
    assert len(clis(host, project)) == 1
