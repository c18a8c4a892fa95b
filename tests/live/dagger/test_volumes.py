"""Volumes on Dagger: kept over stops, and never silently replaced by an empty one."""

from __future__ import annotations

import os
from typing import Any

from hubtui.models import JobState, JobType
from hubtui.stacks.engines.dagger.volumes import VolumeMemory
from hubtui.workers import operations
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import Projects, get, log_lines, started


def counter(projects: Projects) -> dict[str, Any]:
    """A service that counts in a file of a volume."""
    return projects.server("db", environment={"DATA": "/keep/count"}, volumes=["keep:/keep"])


def test_a_volume_outlives_its_stack(host: Host, projects: Projects) -> None:
    folder = projects.write(f"keep{os.getpid()}", {"db": counter(projects)}, volumes={"keep": {}})
    project = started(host, folder)
    first = int(get(projects.ports["db"], "/count"))
    host.stop(project)
    eventually(lambda: not host.held(project))
    assert host.start(project).state is JobState.SUCCESS
    assert int(get(projects.ports["db"], "/count")) == first + 1


def test_a_volume_that_had_data_and_is_empty_is_not_gone_on_with(host: Host, projects: Projects) -> None:
    folder = projects.write(f"wiped{os.getpid()}", {"db": counter(projects)}, volumes={"keep": {}})
    project = started(host, folder)
    get(projects.ports["db"], "/count")
    memory = host.home.run(project) / "engine" / "volumes.json"
    eventually(lambda: "keep" in VolumeMemory(memory).known, 10)
    host.stop(project)
    eventually(lambda: not host.held(project))
    # Another name for the volume is what a wiped engine is to the service: the memory is of one that is empty now.
    memory.write_text(memory.read_text().replace('"keep"', '"other"'))
    (folder / "compose.yaml").write_text((folder / "compose.yaml").read_text().replace("keep", "other"))
    job = host.start(project)
    assert job.error is not None
    assert job.error.kind == "volume_lost"
    assert f"hubtui start {project} --empty-volume other" in job.error.hint
    eventually(lambda: not host.held(project), 15)
    asked = operations.ask(host.hub, JobType.START, project, empty_volumes=["other"], by="a test")
    assert host.finished(asked.job).state is JobState.SUCCESS


def test_a_lost_volume_is_noticed_before_its_service_counts_as_running(host: Host, projects: Projects) -> None:
    script = "echo data >/keep/it; exec sleep 600"  # nothing is asked of it but to run
    db = projects.shell(script, volumes=["keep:/keep"])
    folder = projects.write(f"plain{os.getpid()}", {"db": db}, volumes={"keep": {}})
    project = host.add(folder)
    file = host.home.run(project) / "engine" / "volumes.json"
    VolumeMemory(file).saw_data("keep", 0, "another engine")
    job = host.start(project)
    assert job.error is not None
    assert job.error.kind == "volume_lost"
    assert host.states(project)["db"] in ("failed", "stopped")  # stopped: its run is over by now


def test_services_that_run_as_different_users_share_one_volume(host: Host, projects: Projects) -> None:
    writer = projects.shell("echo from the writer >/keep/note; exec sleep 600", volumes=["keep:/keep"])
    reader = projects.shell(
        "until cat /keep/note; do sleep 0.2; done; echo mine >>/keep/note; exec sleep 600", volumes=["keep:/keep"]
    )
    reader["user"] = "1000:1000"
    writer["command"][-1] = "umask 0; " + writer["command"][-1]
    folder = projects.write(f"both{os.getpid()}", {"writer": writer, "reader": reader}, volumes={"keep": {}})
    project = started(host, folder)
    eventually(lambda: "out from the writer" in log_lines(host, project, "reader"), 15)
    assert not [line for line in log_lines(host, project, "reader") if "denied" in line]


def test_a_volume_keeps_its_data_when_its_service_gets_another_user(host: Host, projects: Projects) -> None:
    db = {**counter(projects), "user": "1000:1000"}
    folder = projects.write(f"user{os.getpid()}", {"db": db}, volumes={"keep": {}})
    project = started(host, folder)
    first = int(get(projects.ports["db"], "/count"))
    host.stop(project)
    eventually(lambda: not host.held(project))
    (folder / "compose.yaml").write_text((folder / "compose.yaml").read_text().replace('"1000:1000"', '"0:0"'))
    assert host.start(project).state is JobState.SUCCESS
    assert int(get(projects.ports["db"], "/count")) == first + 1
