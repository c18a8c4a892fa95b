"""One stack on Dagger, from its first start to its end: what a person relies on."""

from __future__ import annotations

import os
import socket
import time

import pytest

from hubtui.models import JobState, JobType
from hubtui.store import steps
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import Projects, answer, cli_of, get, log_lines, started

CHECK = {"interval": "1s", "timeout": "5s", "retries": 3, "start_period": "20s"}


def test_services_start_in_order_answer_on_their_ports_and_stop(host: Host, projects: Projects) -> None:
    store = projects.server("store")
    api = projects.server("api", depends_on={"store": {"condition": "service_healthy"}})
    project = started(host, projects.write("pair", {"api": api, "store": store}))
    assert get(projects.ports["store"]) == "hello from store"
    assert get(projects.ports["api"]) == "hello from api"
    view = host.view(project)
    assert {s.name: (s.state.value, s.health.value) for s in view.services} == {
        "store": ("running", "healthy"),
        "api": ("running", "healthy"),
    }
    since = {s.name: s.since for s in view.services}
    assert since["store"] < since["api"]  # type: ignore[operator]
    assert host.stop(project).state is JobState.SUCCESS
    eventually(lambda: not host.held(project))
    assert host.states(project) == {"store": "stopped", "api": "stopped"}
    with pytest.raises(OSError):
        get(projects.ports["api"])


def test_what_services_print_is_in_their_logs_by_stream(host: Host, projects: Projects) -> None:
    project = started(host, projects.write("talk", {"web": projects.server("web")}))
    get(projects.ports["web"], "/seen")
    for line in ("out listening", "err to stderr", "out GET /seen"):
        eventually(lambda line=line: line in log_lines(host, project, "web"), 5)  # type: ignore[misc]
    assert not [line for line in log_lines(host, project, "web") if "hubtui:" in line or "\x1e" in line]


def test_starting_again_what_is_up_changes_nothing(host: Host, projects: Projects) -> None:
    services = {"web": projects.server("web"), "other": projects.server("other")}
    project = started(host, projects.write("again", services))
    before = {s.name: s.since for s in host.view(project).services}
    cli, began = cli_of(host, project), time.monotonic()
    asked = [host.ask(JobType.START, project), host.ask(JobType.START, project, ["web"])]
    assert [host.finished(job).state for job in asked] == [JobState.SUCCESS, JobState.SUCCESS]
    assert time.monotonic() - began < 3
    assert {s.name: s.since for s in host.view(project).services} == before
    assert cli_of(host, project) == cli
    get(projects.ports["web"], "/seen")
    eventually(lambda: "out GET /seen" in log_lines(host, project, "web"), 5)
    assert log_lines(host, project, "web").count("out listening") == 1


def test_a_build_runs_its_steps_and_they_are_shown_as_commands(host: Host, projects: Projects) -> None:
    web = projects.server("web")
    folder = projects.write("built", {"web": {**web, "build": {"context": "."}}})
    (folder / "Dockerfile").write_text(
        f"FROM {projects.place.image}\nRUN echo first-step-{os.getpid()}\nRUN echo second-step\n"
    )
    project = host.add(folder)
    job = host.start(project)
    assert job.state is JobState.SUCCESS, job.error
    shown = [s.name for s in steps.OF_JOB.all(host.con, job.id)]
    assert any(f"echo first-step-{os.getpid()}" in name for name in shown), shown
    assert not [name for name in shown if "withExec" in name or "POST" in name]


def test_a_build_that_fails_says_which_command_and_what_it_printed(host: Host, projects: Projects) -> None:
    folder = projects.write("broken", {"web": {**projects.server("web"), "build": {"context": "."}}})
    (folder / "Dockerfile").write_text(
        f"FROM {projects.place.image}\nRUN echo 'npm ERR! missing script' >&2 && exit 3\n"
    )
    job = host.start(host.add(folder))
    assert job.state is JobState.FAILURE
    assert job.error is not None
    assert job.error.kind == "build_failed"
    assert "exit code 3" in job.error.message
    eventually(lambda: not host.held("broken"))


def test_an_image_that_does_not_exist_is_named(host: Host, projects: Projects) -> None:
    web = {**projects.server("web"), "image": "nobody/has-this:9"}
    job = host.start(host.add(projects.write("noimage", {"web": web})))
    assert job.error is not None
    assert (job.error.kind, "nobody/has-this:9" in job.error.message) == ("image_not_found", True)


def test_a_service_that_crashes_is_seen_with_its_code_and_comes_back_by_its_policy(
    host: Host, projects: Projects
) -> None:
    services = {"web": projects.server("web", restart="on-failure"), "other": projects.server("other")}
    project = started(host, projects.write("crash", services))
    with pytest.raises((OSError, ValueError)):
        get(projects.ports["web"], "/crash")
    service = eventually(lambda: [s for s in host.view(project).services if s.name == "web" and s.exit_code == 7], 5)[0]
    assert service.state.value == "restarting"
    eventually(lambda: host.states(project)["web"] == "running", 20)
    eventually(lambda: answer(projects.ports["web"]) == "hello from web", 10)
    assert host.states(project)["other"] == "running"


def test_a_service_without_a_policy_stays_down_when_it_crashes(host: Host, projects: Projects) -> None:
    services = {"web": projects.server("web"), "other": projects.server("other")}
    project = started(host, projects.write("down", services))
    with pytest.raises((OSError, ValueError)):
        get(projects.ports["web"], "/crash")
    eventually(lambda: host.states(project)["web"] == "failed", 5)
    assert host.view(project).project.run.state.value == "degraded"  # type: ignore[union-attr]


def test_one_that_exits_before_it_is_healthy_fails_the_start_with_its_code(host: Host, projects: Projects) -> None:
    job = host.start(host.add(projects.write("early", {"web": projects.shell("echo no config >&2; exit 78")})))
    assert job.state in (JobState.FAILURE, JobState.SUCCESS)
    if job.state is JobState.SUCCESS:  # it lived for the moment that a service without a check must live
        eventually(lambda: [s.exit_code for s in host.view("early").services] == [78], 5)
    else:
        assert job.error is not None
        assert "78" in job.error.message
    assert "err no config" in log_lines(host, "early", "web")


def test_a_health_command_runs_inside_the_container(host: Host, projects: Projects) -> None:
    script = "sleep 1; touch /tmp/hubtui-ready-$$; exec sleep 600"
    good = projects.shell(script, healthcheck={"test": ["CMD-SHELL", "ls /tmp/hubtui-ready-* >/dev/null"], **CHECK})
    bad = projects.shell("exec sleep 600", healthcheck={"test": ["CMD", "false"], **CHECK, "start_period": "1s"})
    project = host.add(projects.write("health", {"good": good, "bad": bad}))
    job = host.start(project)
    assert job.error is not None
    assert job.error.kind == "unhealthy"
    assert {s.name: s.health.value for s in host.view(project).services} == {"good": "healthy", "bad": "unhealthy"}


def test_one_service_is_restarted_alone_and_its_port_is_held_meanwhile(host: Host, projects: Projects) -> None:
    services = {"web": projects.server("web"), "other": projects.server("other")}
    project = started(host, projects.write("one", services))
    other = next(s.since for s in host.view(project).services if s.name == "other")
    job = host.ask(JobType.RESTART, project, ["web"])
    eventually(lambda: host.states(project)["web"] in ("stopped", "starting"), 20)
    assert get(projects.ports["web"], seconds=15) == "hello from web"  # asked while it was down
    host.finished(job)
    assert host.job(job).state is JobState.SUCCESS, host.job(job).error
    assert get(projects.ports["web"]) == "hello from web"
    assert next(s.since for s in host.view(project).services if s.name == "other") == other


def test_a_restarted_service_is_rebuilt_when_its_sources_changed(host: Host, projects: Projects) -> None:
    folder = projects.write("sources", {"web": {**projects.server("web"), "build": {"context": "."}}})
    command = f"FROM {projects.place.image}\nCOPY text /text\nRUN echo built with $(cat text /text 2>/dev/null)\n"
    (folder / "Dockerfile").write_text(command)
    (folder / "text").write_text("old\n")
    project = started(host, folder)
    (folder / "text").write_text(f"new {os.getpid()}\n")
    job = host.finished(host.ask(JobType.RESTART, project, ["web"]), 60)
    assert job.state is JobState.SUCCESS
    shown = [(s.name, s.state.value) for s in steps.OF_JOB.all(host.con, job.id)]
    assert any(
        "RUN echo built" in name or name.startswith("echo built") or "built with" in name for name, _ in shown
    ), shown


def test_services_that_are_alike_have_logs_of_their_own(host: Host, projects: Projects) -> None:
    alike = projects.shell("i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo line $i; done; exec sleep 600")
    project = started(host, projects.write("alike", dict.fromkeys(("one", "two", "three"), alike)))
    for name in ("one", "two", "three"):
        eventually(lambda n=name: "out line 3" in log_lines(host, project, n), 10)  # type: ignore[misc]
        assert [line for line in log_lines(host, project, name) if line.startswith("out")] == [
            "out line 1",
            "out line 2",
            "out line 3",
        ]


def test_a_dockerfile_may_stand_in_the_compose_file(host: Host, projects: Projects) -> None:
    inline = f"FROM {projects.place.image}\nCOPY note /note\nRUN echo inline-{os.getpid()}\n"
    web = {**projects.server("web"), "build": {"context": ".", "dockerfile_inline": inline}}
    folder = projects.write("inline", {"web": web})
    (folder / "note").touch()
    started(host, folder)
    assert get(projects.ports["web"]) == "hello from web"


def test_a_published_port_that_is_taken_is_said_before_anything_starts(host: Host, projects: Projects) -> None:
    web = projects.server("web")
    with socket.create_server(("127.0.0.1", projects.ports["web"])):
        job = host.start(host.add(projects.write("taken", {"web": web})))
    assert job.error is not None
    assert job.error.kind == "port_taken"
    assert str(projects.ports["web"]) in job.error.message


def test_a_published_port_of_another_project_is_said_with_its_name(host: Host, projects: Projects) -> None:
    first = projects.server("web")
    started(host, projects.write("first", {"web": first}))
    second = {**projects.server("web"), "ports": first["ports"]}
    job = host.start(host.add(projects.write("second", {"web": second})))
    assert job.error is not None
    assert (job.error.kind, "is taken by the project first (PID" in job.error.message) == ("port_taken", True)


def test_what_dagger_cannot_do_is_refused_before_anything_starts(host: Host, projects: Projects) -> None:
    web = {**projects.server("web"), "network_mode": "host", "ports": ["127.0.0.1:5353:5353/udp"]}
    job = host.start(host.add(projects.write("cannot", {"web": web})))
    assert job.error is not None
    assert job.error.kind == "dagger_cannot"
    assert "network_mode" in job.error.message
    assert "5353/udp" in job.error.message


def test_a_cancel_in_the_middle_of_a_build_ends_it(host: Host, projects: Projects) -> None:
    folder = projects.write("long", {"web": {**projects.server("web"), "build": {"context": "."}}})
    (folder / "Dockerfile").write_text(f"FROM {projects.place.image}\nRUN echo {os.getpid()}; sleep 300\n")
    project = host.add(folder)
    job = host.ask(JobType.START, project)
    eventually(lambda: any("sleep 300" in s.name for s in steps.OF_JOB.all(host.con, job.id)), 30)
    from hubtui.workers import operations

    operations.cancel(host.hub, job.id, by="a test")
    assert host.finished(job, 15).state is JobState.REVOKED
    eventually(lambda: not host.held(project), 15)


def test_secrets_reach_the_service_and_no_log(host: Host, projects: Projects) -> None:
    script = 'echo "it is $SHOP_PASSWORD"; exec sleep 600'
    web = projects.shell(script, environment={"SHOP_PASSWORD": "correct-horse-battery"})
    project = started(host, projects.write("secret", {"web": web}))
    eventually(lambda: any("it is" in line for line in log_lines(host, project, "web")), 5)
    assert not [line for line in log_lines(host, project, "web") if "correct-horse" in line]


@pytest.mark.parametrize("stubborn", [True, False])
def test_a_stop_always_ends(host: Host, projects: Projects, stubborn: bool) -> None:
    script = "trap '' TERM; echo up; while :; do sleep 1; done" if stubborn else "echo up; exec sleep 600"
    project = started(host, projects.write("stop", {"web": projects.shell(script, stop_grace_period="1s")}))
    eventually(lambda: "out up" in log_lines(host, project, "web"), 5)
    assert host.finished(host.ask(JobType.STOP, project), 30).state is JobState.SUCCESS
    eventually(lambda: not host.held(project), 15)
    assert host.processes(project) == []
