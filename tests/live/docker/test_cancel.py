"""A start that is cancelled ends soon, wherever it is, and leaves nothing that it began."""

from __future__ import annotations

import os
from pathlib import Path

from hubtui.models import Job, JobState, JobType
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.docker import stacks
from tests.live.docker.conftest import Cli, started
from tests.live.docker.daemon import Daemon
from tests.live.docker.images import BUSYBOX

SECONDS = "347.5"  # of the build's sleep, to find it by among the host's processes


def sleeping() -> list[int]:
    """The builds that sleep."""
    found = []
    for pid in [name for name in os.listdir("/proc") if name.isdigit()]:
        try:
            if Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:2] == [b"sleep", SECONDS.encode()]:
                found.append(int(pid))
        except OSError:
            continue
    return found


def slow_build(folder: Path) -> Path:
    stacks.write(folder, {"slow": {"build": ".", "command": ["sleep", "600"]}, "other": stacks.shell(stacks.UP)})
    (folder / "Dockerfile").write_text(f"FROM {BUSYBOX}\nRUN echo begun && sleep {SECONDS}\n")
    return folder


def test_a_build_is_cancelled_in_the_middle(host: Host, cli: Cli, docker: Daemon, tmp_path: Path) -> None:
    project = host.add(slow_build(tmp_path / "slow"))
    job = host.ask(JobType.START, project)
    eventually(sleeping, 20)
    assert host.job(job).state is JobState.BUILDING
    cli.ok("cancel", str(job.id))
    assert host.finished(job, 10).state is JobState.REVOKED
    eventually(lambda: not sleeping(), 5)
    eventually(lambda: not host.held(project), 5)
    assert host.processes(project) == []
    assert docker.containers(project, all=False) == []


def test_the_runner_dies_in_the_middle_of_a_build_and_the_build_with_it(host: Host, tmp_path: Path) -> None:
    project = host.add(slow_build(tmp_path / "slow"))
    job = host.ask(JobType.START, project)
    eventually(sleeping, 20)
    os.kill(host.runner(project), 9)
    found = host.finished(job, 10)
    assert (found.state, found.error.kind if found.error else "") == (JobState.FAILURE, "lost")
    eventually(lambda: not host.processes(project), 10)
    eventually(lambda: not sleeping(), 10)


def test_a_start_that_waits_for_health_is_cancelled(host: Host, cli: Cli, docker: Daemon, tmp_path: Path) -> None:
    services = {
        "never": stacks.shell(stacks.UP, healthcheck=stacks.healthy_when("exit 1", retries=1000)),
        "top": stacks.shell(stacks.UP, depends_on={"never": {"condition": "service_healthy"}}),
    }
    project = host.add(stacks.write(tmp_path / "never", services))
    job = host.ask(JobType.START, project)
    eventually(lambda: host.states(project)["never"] == "running", 20)
    cancelled(host, cli, job)
    eventually(lambda: docker.containers(project, all=False) == [], 10)
    eventually(lambda: not host.held(project), 10)


def test_a_stop_beats_a_start(host: Host, docker: Daemon, tmp_path: Path) -> None:
    never = stacks.shell(stacks.UP, healthcheck=stacks.healthy_when("exit 1", retries=1000))
    project = host.add(stacks.write(tmp_path / "beaten", {"never": never}))
    job = host.ask(JobType.START, project)
    eventually(lambda: host.states(project)["never"] == "running", 20)
    assert host.stop(project).state is JobState.SUCCESS
    assert host.job(job).state is JobState.REVOKED
    assert docker.containers(project, all=False) == []


def test_what_ran_before_a_cancelled_start_goes_on(host: Host, cli: Cli, docker: Daemon, tmp_path: Path) -> None:
    never = stacks.shell(stacks.UP, healthcheck=stacks.healthy_when("exit 1", retries=1000))
    folder = stacks.write(tmp_path / "half", {"good": stacks.shell(stacks.UP), "never": {**never, "profiles": ["x"]}})
    project = started(host, folder)
    before = docker.containers(project, "good")[0]["State"]["StartedAt"]
    stacks.write(folder, {"good": stacks.shell(stacks.UP), "never": never})
    job = host.ask(JobType.START, project)
    eventually(lambda: docker.containers(project, "never", all=False), 20)
    cancelled(host, cli, job)
    eventually(lambda: docker.containers(project, "never", all=False) == [], 10)
    (good,) = docker.containers(project, "good", all=False)
    assert good["State"]["StartedAt"] == before


def cancelled(host: Host, cli: Cli, job: Job) -> None:
    cli.ok("cancel", str(job.id))
    assert host.finished(job, 15).state is JobState.REVOKED
