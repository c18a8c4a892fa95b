"""A service of a session that is older than its entry says so, and keeps that entry until it is started anew."""

from __future__ import annotations

from hubtui.models import JobState, JobType
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import Projects, log_lines, started

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
