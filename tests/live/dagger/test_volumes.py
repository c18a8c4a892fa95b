"""Volumes on Dagger: kept over stops, and never silently replaced by an empty one."""

from __future__ import annotations

import os
from typing import Any

from hubtui.models import JobState, JobType
from hubtui.workers import operations
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import Projects, get, started


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
    eventually(lambda: memory.exists() and "keep" in memory.read_text(), 10)
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
