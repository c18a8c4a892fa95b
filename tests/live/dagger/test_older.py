"""A service of a session that is older than its entry says so, and keeps that entry until it is started anew."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from hubtui.models import JobState, JobType
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import Projects, answer, cli_of, get, log_lines, started

CHANGED = "its entry in compose.yaml has changed since it was started ({}): `hubtui restart shop/{}` applies it"
SLEEPS = "echo up $MODE; exec sleep 600"


def older(host: Host, project: str) -> dict[str, str]:
    """The notes on entries, by service."""
    notes = {s.name: [n for n in s.notes if "compose.yaml" in n] for s in host.view(project).services}
    return {name: said[0] for name, said in notes.items() if said}


def test_it_says_so_until_it_is_started_anew(host: Host, projects: Projects) -> None:
    entry = {"web": projects.shell(SLEEPS, environment={"MODE": "one"}), "db": projects.shell(SLEEPS)}
    project = started(host, projects.write("shop", entry))
    entry["web"]["environment"] = {"MODE": "two"}
    entry["db"]["x-hubtui"] = {"health": "tcp://127.0.0.1:1"}
    projects.write("shop", entry)
    job = host.start(project)
    assert job.state is JobState.SUCCESS, "a check that is new keeps no start waiting"
    assert job.message == "2 of 2 services up; older than their entries: web, db (see `hubtui status`)"
    assert older(host, project) == {
        "web": CHANGED.format("environment", "web"),
        "db": CHANGED.format("healthcheck", "db"),
    }
    assert host.finished(host.ask(JobType.RESTART, project, ["web"])).state is JobState.SUCCESS
    assert older(host, project) == {"db": CHANGED.format("healthcheck", "db")}
    eventually(lambda: "out up two" in log_lines(host, project, "web"))


def test_a_restart_by_its_policy_is_with_the_entry_that_it_was_started_with(host: Host, projects: Projects) -> None:
    die = "echo up $MODE; sleep 1; exit 1"
    entry = {"web": projects.shell(die, environment={"MODE": "one"}, restart="always")}
    project = started(host, projects.write("shop", entry))
    entry["web"]["environment"] = {"MODE": "two"}
    projects.write("shop", entry)
    host.start(project)
    eventually(lambda: log_lines(host, project, "web").count("out up one") >= 2, 20)
    assert "out up two" not in log_lines(host, project, "web")


def test_a_restart_that_cannot_be_built_leaves_what_is_up_as_it_was(
    host: Host, projects: Projects, tmp_path: Path
) -> None:
    web = projects.server("web", environment={"NAME": "one"}, restart="always")
    project = started(host, projects.write("shop", {"web": web}))
    held = projects.ports["web"]
    other = projects.server("web", environment={"NAME": "two"}, volumes=[f"{tmp_path}:/mounted:ro"], restart="always")
    projects.write("shop", {"web": other | {"image": "nobody/has-this:9"}})
    job = host.finished(host.ask(JobType.RESTART, project, ["web"]), 60)
    assert job.error is not None
    assert job.error.kind == "image_not_found"
    assert get(held) == "hello from one"
    assert list(older(host, project)) == ["web"]
    assert [p.published for s in host.view(project).services for p in s.ports] == [held]
    with pytest.raises(OSError):
        get(projects.ports["web"])
    answer(held, "/crash")
    eventually(lambda: log_lines(host, project, "web").count("out listening") == 2, 20)
    eventually(lambda: answer(held) == "hello from one", 10)
    assert list(older(host, project)) == ["web"]


def test_what_comes_back_in_a_new_session_has_its_entry_of_now_and_says_so(host: Host, projects: Projects) -> None:
    entry = {"web": projects.shell(SLEEPS, environment={"MODE": "one"}, restart="always")}
    project = started(host, projects.write("shop", entry))
    entry["web"]["environment"] = {"MODE": "two"}
    projects.write("shop", entry)
    host.start(project)
    assert list(older(host, project)) == ["web"]
    os.kill(cli_of(host, project), signal.SIGKILL)
    eventually(lambda: "out up two" in log_lines(host, project, "web"), 30)
    eventually(lambda: older(host, project) == {}, 5)


def test_a_changed_source_of_a_bind_mount_is_applied_by_a_restart(
    host: Host, projects: Projects, tmp_path: Path
) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "text").write_text("first\n")
    says = projects.shell("cat /conf/text; exec sleep 600", volumes=[f"{tmp_path}/conf:/conf:ro"])
    project = started(host, projects.write("shop", {"web": says}))
    (tmp_path / "conf" / "text").write_text("second\n")
    assert host.start(project).message == "1 of 1 services up"
    assert host.finished(host.ask(JobType.RESTART, project, ["web"])).state is JobState.SUCCESS
    eventually(lambda: log_lines(host, project, "web")[-1] == "out second", 5)
