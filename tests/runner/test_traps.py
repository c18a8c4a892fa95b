"""Traps that job engines have sprung on people before, Celery's above all: one test each, by the number in the list
that this project began with. What an engine does about limits (9 to 14) is asked of hubtui's own answers here."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hubtui import models
from hubtui.errors import UsageError
from hubtui.models import JobState, JobType, Priority, Project
from hubtui.paths import Home
from hubtui.stacks.engines.dagger import host as dagger_host
from hubtui.stacks.engines.dagger.settings import DaggerSettings
from hubtui.stacks.spec.load import load_stack
from hubtui.store import connect, jobs, projects, retention, slots
from hubtui.workers import heartbeat, operations
from tests.doubles import stacks
from tests.doubles.gates import Gate
from tests.doubles.host import Host, python
from tests.doubles.waiting import eventually


@pytest.fixture
def building(host: Host, tmp_path: Path) -> tuple[str, Gate]:
    gate = Gate(tmp_path / "gate")
    own = {"process": stacks.SLEEPER, "build_process": gate.build()}
    return host.add(stacks.write(tmp_path / "web", {"a": own})), gate


@pytest.fixture
def con(home: Home) -> Iterator[sqlite3.Connection]:
    found, lock = connect.open_writer(home)
    for name in ("web", "other"):
        projects.insert(found, Project(name, home.root, "process", "a test"), [])
    yield found
    found.close()
    os.close(lock)


def test_01_a_start_returns_at_once_and_its_work_is_really_done(host: Host, building: tuple[str, Gate]) -> None:
    project, gate = building
    begun = time.monotonic()
    job = host.ask(JobType.START, project)
    assert time.monotonic() - begun < 2, "not after 20 minutes, as the API before it"
    assert not host.job(job).finished
    gate.open()
    assert host.finished(job).state is JobState.SUCCESS
    assert host.states(project) == {"a": "running"}


def test_02_a_heartbeat_never_touches_progress(host: Host, building: tuple[str, Gate]) -> None:
    project, gate = building
    job = host.ask(JobType.START, project)
    eventually(lambda: host.job(job).message == "build a: begun")
    seen, count = host.job(job), _beats(host.home, project)
    eventually(lambda: _beats(host.home, project) >= count + 2)
    assert host.job(job) == seen
    gate.open()
    host.finished(job)


def _beats(home: Home, project: str) -> int:
    beat = heartbeat.read(home.heartbeat(project))
    return beat.count if beat else 0


def test_03_what_fails_is_a_failure_and_never_complete(host: Host, tmp_path: Path) -> None:
    project = host.add(stacks.write(tmp_path / "web", {"a": {"process": ["/no/such/program"]}}))
    ended = host.start(project)
    assert ended.state is JobState.FAILURE
    assert ended.progress < 100
    assert ended.error is not None and "/no/such/program" in ended.error.message


def test_04_a_soft_limit_raises_nothing_in_the_work(
    host: Host, building: tuple[str, Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBTUI_JOBS__SOFT_LIMIT", "0.3")
    project, gate = building
    job = host.ask(JobType.START, project)
    eventually(lambda: any(n.kind == "soft_limit" for n in host.job(job).notices))
    builder = host.processes(project)
    assert len(builder) == 1
    gate.open()
    ended = host.finished(job)
    assert (ended.state, ended.error) == (JobState.SUCCESS, None)


def test_05_an_unknown_job_is_unknown_and_not_pending(host: Host) -> None:
    with pytest.raises(UsageError, match="There is no job #4711"):
        operations.cancel(host.hub, 4711)
    said = python("job", "4711", home=host.home.root)
    assert said.returncode == 2
    assert "There is no job #4711" in said.stderr


def test_06_a_result_is_there_long_after_the_hour(con: sqlite3.Connection) -> None:
    job = _ended(con, "web", days=29)
    _ended(con, "web", days=0)
    assert retention.trim(con, keep_days=30, keep=1000) == 0
    found = jobs.get(con, job)
    assert (found.state, found.message) == (JobState.SUCCESS, "done")


def test_07_what_waits_for_hours_is_begun_once(host: Host, building: tuple[str, Gate]) -> None:
    """No visibility timeout: whatever the clock says, a claim is a compare-and-set on the job's own row."""
    project, gate = building
    job = host.ask(JobType.START, project)
    eventually(lambda: host.job(job).state is JobState.BUILDING)
    long_ago = models.now() - timedelta(hours=30)
    host.hub.writer.run(
        lambda con: con.execute("UPDATE jobs SET created_at = ?, started_at = ?", (str(long_ago), str(long_ago)))
    )
    assert host.hub.writer.run(lambda con: jobs.claim(con, job.id, 99)) is None
    assert not operations.ask(host.hub, JobType.START, project, by="a second one").created
    gate.open()
    ended = host.finished(job)
    assert (ended.state, ended.attempt) == (JobState.SUCCESS, 1)


def test_08_a_full_history_never_takes_a_job_that_waits(con: sqlite3.Connection) -> None:
    waiting = jobs.insert(con, "web", JobType.START, (), (), "x", slot=True).id
    for _ in range(30):
        _ended(con, "other", days=400)
    while retention.trim(con, keep_days=1, keep=1):
        pass
    assert jobs.get(con, waiting).state is JobState.PENDING


@pytest.mark.parametrize("number", ["09", "14"])
def test_limits_that_are_not_enforced_are_said_to_be_so(host: Host, tmp_path: Path, number: str) -> None:
    """09: an engine's limits need not reach its children; 14: no engine here has limits of a single container."""
    limits = {"resources": {"limits": {"cpus": "0.5", "memory": "128M"}}}
    project = host.add(stacks.write(tmp_path / number, {"a": {"process": stacks.SLEEPER, "deploy": limits}}))
    (service,) = host.view(project).services
    assert (service.limits.cpus, service.limits.memory, service.limits.enforced) == (0.5, 128 << 20, False)


@pytest.mark.parametrize("number", ["10", "11", "12", "13"])
def test_an_engine_of_hubtuis_own_is_named_limited_and_kept(number: str) -> None:
    """10 and 12: its limits are given to the container itself (NanoCpus, memory), not to the client that asks for it;
    11: it is named by its address, so that no unlimited one is made beside it; 13: it has a volume of its own and is
    made by the CLI, which makes it privileged."""
    url = dagger_host.choose(DaggerSettings(cpus=4, memory=8 << 30), "v0.21.8", {}, cores=8).url
    assert url.startswith("image://registry.dagger.io/engine:v0.21.8?")
    for part in ("container=hubtui-engine", "volume=hubtui-dagger", "cpus=4", "memory=8192m", "cleanup=false"):
        assert part in url, number


def test_15_health_is_hubtuis_own_probe(host: Host, tmp_path: Path) -> None:
    (port,) = stacks.free_ports(1)
    own = {"process": stacks.http(port), "health": f"http://127.0.0.1:{port}/"}
    project = host.add(stacks.write(tmp_path / "web", {"a": own}))
    assert host.start(project).state is JobState.SUCCESS
    (service,) = host.view(project).services
    assert service.health == "healthy"


def test_16_no_template_hands_over_the_docker_socket() -> None:
    folder = Path(str(projects.__file__)).parents[1] / "stacks" / "templates"
    files = [file for file in folder.rglob("*") if file.suffix in (".yaml", ".yml")]
    assert files
    assert not [file for file in files if "docker.sock" in file.read_text()]
    assert all(load_stack(file.parent).services for file in files if file.parent.name.startswith("demo"))


def test_17_priorities_are_words_and_high_goes_first() -> None:
    assert [p.value for p in Priority] == ["high", "normal", "low"]
    line = sorted([(1, Priority.LOW), (2, Priority.NORMAL), (3, Priority.HIGH)], key=lambda job: slots.order(*job))
    assert [priority for _, priority in line] == [Priority.HIGH, Priority.NORMAL, Priority.LOW]


def _ended(con: sqlite3.Connection, project: str, days: float) -> int:
    job = jobs.insert(con, project, JobType.START, (), (), "x").id
    jobs.finish(con, job, JobState.SUCCESS, "done")
    at = (models.now() - timedelta(days=days)).isoformat(timespec="milliseconds")
    con.execute("UPDATE jobs SET created_at = ?1, finished_at = ?1 WHERE id = ?2", (at, job))
    return job
