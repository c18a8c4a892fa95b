"""One project in two named environments, with real runners: what each runs with, and who may change it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from hubtui.errors import UsageError
from hubtui.models import Job, JobState, JobType
from hubtui.store import runs
from hubtui.workers import environments, operations
from tests.doubles import stacks
from tests.doubles.gates import Gate
from tests.doubles.host import Host
from tests.doubles.waiting import eventually

TELL = [sys.executable, "-c", "import os, time; open('told', 'w').write(os.environ['MODE']); time.sleep(600)"]


@pytest.fixture
def project(host: Host, tmp_path: Path) -> str:
    own = {"process": TELL, "environment": {"MODE": "${MODE:-plain}"}}
    folder = stacks.write(tmp_path / "shop", {"a": own, "agent": {"process": stacks.SLEEPER, "profiles": ["agents"]}})
    document = json.loads((folder / "compose.yaml").read_text())
    document["x-hubtui"]["environments"] = {
        "production": {"files": ["compose.yaml", "compose.live.yaml"], "profiles": ["agents"]},
        "blue": {"env_files": [".env.blue"]},
    }
    (folder / "compose.yaml").write_text(json.dumps(document))
    (folder / "compose.live.yaml").write_text("services: {a: {environment: {MODE: live}}}")
    (folder / ".env.blue").write_text("MODE=blue")
    return host.add(folder)


def do(host: Host, type_: JobType, project: str, environment: str | None = None) -> Job:
    """The job once it has gone well."""
    job = operations.ask(host.hub, type_, project, by="a test", environment=environment).job
    ended = host.finished(job)
    assert ended.state is JobState.SUCCESS, ended
    return ended


def is_up(host: Host, project: str, environment: str | None, mode: str, names: set[str]) -> None:
    """Assert that the run and its job are in this environment, and that the services were started with what it says."""
    run = runs.ACTIVE_OF_PROJECT.first(host.con, project)
    assert run is not None
    assert run.environment == environment
    found = host.view(project).project
    assert found.environment_in_use == environment
    assert found.job is not None
    assert found.job.environment == environment
    assert {name for name, state in host.states(project).items() if state == "running"} == names
    told = found.path / "told"
    eventually(lambda: told.exists() and told.read_text() == mode)
    told.unlink()


def test_a_project_in_two_environments_one_after_the_other(host: Host, project: str) -> None:
    do(host, JobType.START, project, "production")
    is_up(host, project, "production", "live", {"a", "agent"})
    do(host, JobType.RESTART, project, "blue")
    is_up(host, project, "blue", "blue", {"a"})
    do(host, JobType.REBUILD, project)
    is_up(host, project, "blue", "blue", {"a"})
    do(host, JobType.RESTART, project)
    is_up(host, project, "blue", "blue", {"a"})
    host.stop(project)
    do(host, JobType.RESTART, project)
    is_up(host, project, "blue", "blue", {"a"})
    host.stop(project)
    do(host, JobType.START, project)
    is_up(host, project, None, "plain", {"a"})


def test_the_projects_own_environment_is_for_its_next_starts(host: Host, project: str) -> None:
    assert environments.choose(host.hub, project, "production").environment == "production"
    do(host, JobType.START, project)
    is_up(host, project, "production", "live", {"a", "agent"})
    environments.choose(host.hub, project, None)
    do(host, JobType.REBUILD, project)
    is_up(host, project, "production", "live", {"a", "agent"})
    host.stop(project)
    do(host, JobType.START, project)
    is_up(host, project, None, "plain", {"a"})


def test_what_is_up_is_joined_by_nothing_of_another_environment(host: Host, project: str) -> None:
    do(host, JobType.START, project, "production")
    for type_, services in ((JobType.START, ()), (JobType.REBUILD, ()), (JobType.RESTART, ("a",))):
        with pytest.raises(UsageError, match="is up in production: nothing of it starts in blue") as told:
            operations.ask(host.hub, type_, project, services, environment="blue")
        assert told.value.hint == f"All of it starts anew with: hubtui restart {project} --environment blue"
    is_up(host, project, "production", "live", {"a", "agent"})


def test_what_waited_for_a_change_that_was_cancelled_joins_nothing(host: Host, tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate")
    folder = stacks.write(tmp_path / "late", {"a": {"process": stacks.SLEEPER, "build_process": gate.build()}})
    (folder / ".env.blue").write_text("")
    project = host.add(folder)
    start = host.ask(JobType.START, project)
    change = operations.ask(host.hub, JobType.RESTART, project, environment="blue").job
    single = host.ask(JobType.RESTART, project, ("a",))
    assert single.environment == "blue"
    operations.cancel(host.hub, change.id)
    gate.open()
    assert host.finished(start).state is JobState.SUCCESS
    ended = host.finished(single)
    assert ended.error is not None
    assert ended.error.message == "late is up in no named environment: nothing of it starts in blue."
    assert host.states(project) == {"a": "running"}


def test_an_unknown_environment_is_refused_before_there_is_a_job(host: Host, project: str) -> None:
    with pytest.raises(UsageError) as told:
        operations.ask(host.hub, JobType.START, project, environment="prodution")
    assert told.value.hint == "Its environments: development, production, blue"
    with pytest.raises(UsageError):
        environments.choose(host.hub, project, "prodution")
    assert host.view(project).project.job is None


def test_a_failed_job_is_done_again_in_its_environment(host: Host, project: str) -> None:
    folder = host.view(project).project.path
    (folder / "compose.live.yaml").write_text("services: {a: {environment: [}}")
    failed = host.finished(operations.ask(host.hub, JobType.START, project, environment="production").job)
    assert failed.state is JobState.FAILURE
    (folder / "compose.live.yaml").write_text("services: {a: {environment: {MODE: mended}}}")
    assert host.finished(operations.retry(host.hub, failed.id).job).state is JobState.SUCCESS
    is_up(host, project, "production", "mended", {"a", "agent"})


def test_the_shell_that_starts_a_runner_chooses_no_files_and_no_profiles(
    host: Host, project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compose's own variables of a shell are not the project's: else it would be another one in each shell."""
    monkeypatch.setenv("COMPOSE_FILE", "compose.yaml:compose.live.yaml")
    monkeypatch.setenv("COMPOSE_PROFILES", "agents")
    monkeypatch.setenv("COMPOSE_ENV_FILES", ".env.blue")
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "another")
    do(host, JobType.START, project)
    is_up(host, project, None, "plain", {"a"})
    do(host, JobType.STOP, project)
    (tmp_path / "shop" / ".env").write_text("COMPOSE_FILE=compose.yaml:compose.live.yaml\n")
    do(host, JobType.START, project)
    is_up(host, project, None, "live", {"a"})
