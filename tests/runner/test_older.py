"""A service that is older than its entry in the compose file says so, until it is started anew or the entry is as it
was; with real runners and processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hubtui.models import JobState, JobType
from tests.doubles import stacks
from tests.doubles.gates import Gate
from tests.doubles.host import Host, python
from tests.doubles.waiting import eventually

CHANGED = (
    "its entry in compose.yaml has changed since it was started (environment): `hubtui restart shop/{}` applies it"
)


@pytest.fixture
def services() -> dict[str, dict[str, Any]]:
    return {
        "db": {"process": stacks.SLEEPER, "environment": {"MODE": "one"}},
        "web": {"process": stacks.SLEEPER, "environment": {"MODE": "one"}, "depends_on": ["db"]},
    }


@pytest.fixture
def project(host: Host, tmp_path: Path, services: dict[str, dict[str, Any]]) -> str:
    project = host.add(stacks.write(tmp_path / "shop", services))
    assert host.start(project).state is JobState.SUCCESS
    return project


def older(host: Host, project: str) -> dict[str, str]:
    """The notes on entries, by service."""
    notes = {s.name: [n for n in s.notes if "compose.yaml" in n] for s in host.view(project).services}
    return {name: said[0] for name, said in notes.items() if said}


def test_a_service_that_a_start_leaves_alone_says_that_its_entry_has_changed(
    host: Host, tmp_path: Path, project: str, services: dict[str, dict[str, Any]]
) -> None:
    before = host.pids(project)
    assert older(host, project) == {}
    services["db"]["environment"]["MODE"] = services["web"]["environment"]["MODE"] = "two"
    stacks.write(tmp_path / "shop", services)
    job = host.start(project)
    assert job.message == "2 of 2 services up; older than their entries: db, web (see `hubtui status`)"
    assert older(host, project) == {name: CHANGED.format(name) for name in ("db", "web")}
    assert host.pids(project) == before, "they are left alone"
    assert CHANGED.format("web") in python("status", project, home=host.home.root).stdout

    job = host.finished(host.ask(JobType.RESTART, project, ["web"]))
    assert older(host, project) == {"db": CHANGED.format("db")}
    assert job.message == "2 of 2 services up; older than its entry: db (see `hubtui status`)"
    assert host.pids(project)["db"] == before["db"]

    services["db"]["environment"]["MODE"] = "one"
    stacks.write(tmp_path / "shop", services)
    assert host.start(project).message == "2 of 2 services up"
    assert older(host, project) == {}, "its entry is as it was"


@pytest.mark.parametrize("change", [{"depends_on": []}, {"image": "other"}, {"labels": {"a": "b"}}, {"x-own": 1}])
def test_what_makes_no_difference_to_a_process_is_no_news(
    host: Host, tmp_path: Path, project: str, services: dict[str, dict[str, Any]], change: dict[str, Any]
) -> None:
    stacks.write(tmp_path / "shop", {"new": services["db"], "db": services["db"], "web": services["web"] | change})
    assert host.start(project).message == "3 of 3 services up"
    assert older(host, project) == {}


def test_a_value_of_env_counts_as_what_the_entry_says_and_is_not_shown(host: Host, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    own = {"process": stacks.SLEEPER, "environment": {"API_TOKEN": "${API_TOKEN}"}}
    stacks.write(folder, {"web": own})
    (folder / ".env").write_text("API_TOKEN=first-value\n")
    project = host.add(folder)
    host.start(project)
    (folder / ".env").write_text("API_TOKEN=second-value\n")
    host.start(project)
    assert older(host, project) == {"web": CHANGED.format("web")}


def test_the_ports_of_one_that_is_older_are_those_that_it_has(host: Host, tmp_path: Path) -> None:
    """Until it is started anew: what is shown is where it can be reached."""

    def shown(project: str) -> list[int | None]:
        return [port.published for service in host.view(project).services for port in service.ports]

    first, second = stacks.free_ports(2)
    own = {"process": stacks.SLEEPER, "environment": {"MODE": "one"}, "ports": [f"{first}:{first}"]}
    project = host.add(stacks.write(tmp_path / "shop", {"web": own}))
    host.start(project)
    stacks.write(tmp_path / "shop", {"web": own | {"environment": {"MODE": "two"}, "ports": [f"{second}:{second}"]}})
    host.start(project)
    assert list(older(host, project)) == ["web"]
    assert shown(project) == [first]
    host.finished(host.ask(JobType.RESTART, project, ["web"]))
    assert shown(project) == [second]
    stacks.write(tmp_path / "shop", {"web": own | {"ports": [f"{first}:{first}"]}})
    host.start(project)
    assert shown(project) == [second]
    host.stop(project)
    assert shown(project) == [first], "where it will be when it is started"


def test_a_service_that_is_not_in_the_file_any_more_says_so(
    host: Host, tmp_path: Path, project: str, services: dict[str, dict[str, Any]]
) -> None:
    stacks.write(tmp_path / "shop", {"db": services["db"]})
    host.start(project)
    assert older(host, project) == {"web": "it is not in compose.yaml any more: `hubtui stop shop/web` ends it"}
    host.stop(project, ["web"])
    assert older(host, project) == {}


def test_a_start_that_fails_tells_of_what_it_left_running(
    host: Host, tmp_path: Path, project: str, services: dict[str, dict[str, Any]]
) -> None:
    services["db"]["environment"]["MODE"] = "two"
    stacks.write(tmp_path / "shop", services | {"new": {"process": ["/bin/sh", "-c", "exit 3"]}})
    assert host.start(project).state is JobState.FAILURE
    assert older(host, project) == {"db": CHANGED.format("db")}


def test_nothing_that_was_stopped_is_older(
    host: Host, tmp_path: Path, project: str, services: dict[str, dict[str, Any]]
) -> None:
    services["db"]["environment"]["MODE"] = "two"
    stacks.write(tmp_path / "shop", services)
    host.start(project)
    assert older(host, project)
    host.stop(project)
    assert older(host, project) == {}


def test_a_restart_by_its_policy_keeps_what_it_was_started_with(host: Host, tmp_path: Path) -> None:
    gate, told = Gate(tmp_path / "gate"), tmp_path / "told"
    script = f"echo $$MODE >> {told}; while [ ! -e {gate.path} ]; do sleep 0.02; done; rm {gate.path}; exit 1"
    own = {"process": ["/bin/sh", "-c", script], "environment": {"MODE": "one"}, "restart": "on-failure"}
    project = host.add(stacks.write(tmp_path / "shop", {"web": own}))
    host.start(project)
    stacks.write(tmp_path / "shop", {"web": own | {"environment": {"MODE": "two"}}})
    host.start(project)
    gate.open()
    eventually(lambda: told.read_text() == "one\none\n")
    assert older(host, project) == {"web": CHANGED.format("web")}
