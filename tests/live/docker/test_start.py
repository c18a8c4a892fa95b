"""A stack is brought up, changed and taken down on a real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubtui.models import JobState, JobType
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.docker import stacks
from tests.live.docker.conftest import Cli, fetched, identities, log_lines, started
from tests.live.docker.daemon import Daemon
from tests.live.docker.images import BUSYBOX


def test_a_user_adds_starts_looks_stops_and_starts_again(cli: Cli, docker: Daemon, tmp_path: Path) -> None:
    port, web = stacks.web(healthcheck=stacks.healthy_when("wget -q -O- http://127.0.0.1/"))
    folder = stacks.write(tmp_path / "shop", {"web": web, "worker": stacks.shell(stacks.UP)})
    assert cli.json("add", str(folder))["engine"] == "compose"
    cli.ok("start", "shop", "--wait")
    assert fetched(port) == "hello\n"
    told = cli.json("status", "shop")
    assert (told["run"]["state"], told["run"]["engine"]) == ("up", "compose")
    found = cli.service("shop", "web")
    assert (found["state"], found["health"]) == ("running", "healthy")
    assert [(p["published"], p["target"]) for p in found["ports"]] == [(port, 80)]
    assert (cli.service("shop", "worker")["state"], cli.service("shop", "worker")["health"]) == ("running", "none")
    (project,) = cli.json("ls")
    assert (project["services_healthy"], project["services_total"]) == (2, 2)
    before = identities(docker, "shop")
    cli.ok("stop", "shop", "--wait")
    assert {c["State"]["Status"] for c in docker.containers("shop")} == {"exited"}, "stop keeps containers"
    assert cli.service("shop", "web")["state"] == "stopped"
    cli.ok("start", "shop", "--wait")
    assert fetched(port) == "hello\n"
    assert {i.id for i in identities(docker, "shop")} == {i.id for i in before}, "the same ones, started again"


def test_each_rank_waits_until_the_one_below_is_healthy(host: Host, docker: Daemon, tmp_path: Path) -> None:
    services = {
        "store": stacks.shell("sleep 1; touch /tmp/ready; exec sleep 600", healthcheck=stacks.healthy_when(_READY)),
        "core": stacks.shell(
            "sleep 0.5; touch /tmp/ready; exec sleep 600",
            healthcheck=stacks.healthy_when(_READY),
            depends_on={"store": {"condition": "service_healthy"}},
        ),
        "edge": stacks.shell(stacks.UP, depends_on={"core": {"condition": "service_healthy"}}),
    }
    project = started(host, stacks.write(tmp_path / "ranks", services))
    store, core, edge = (docker.containers(project, name)[0] for name in services)
    for below, above in ((store, core), (core, edge)):
        assert first_healthy(below) <= above["State"]["StartedAt"], "it was started before the one below was healthy"
    assert host.states(project) == dict.fromkeys(services, "running")
    view = host.view(project)
    assert {s.name: s.health.value for s in view.services} == {"store": "healthy", "core": "healthy", "edge": "none"}


_READY = "test -f /tmp/ready"


def first_healthy(container: dict[str, object]) -> str:
    """When its first successful health check ended (UTC, ISO 8601)."""
    log = container["State"]["Health"]["Log"]  # type: ignore[index]
    return min(str(entry["End"]) for entry in log if entry["ExitCode"] == 0)


def test_a_migration_runs_once_before_what_waits_for_it(host: Host, docker: Daemon, tmp_path: Path) -> None:
    services = {
        "migrate": stacks.shell("echo migrating; echo done >/data/state", volumes=["data:/data"]),
        "web": stacks.shell(
            "cat /data/state; exec sleep 600",
            volumes=["data:/data"],
            depends_on={"migrate": {"condition": "service_completed_successfully"}},
        ),
    }
    project = started(host, stacks.write(tmp_path / "migrated", services, volumes={"data": {}}))
    assert host.states(project)["web"] == "running"
    assert host.states(project)["migrate"] == "exited"
    eventually(lambda: log_lines(host, project, "web") == ["done"])
    eventually(lambda: log_lines(host, project, "migrate") == ["migrating"])
    assert docker.containers(project, "migrate")[0]["State"]["ExitCode"] == 0


def test_a_migration_that_fails_fails_the_start_in_words(host: Host, cli: Cli, tmp_path: Path) -> None:
    services = {
        "migrate": stacks.shell("echo no such table; exit 3"),
        "web": stacks.shell(stacks.UP, depends_on={"migrate": {"condition": "service_completed_successfully"}}),
    }
    project = host.add(stacks.write(tmp_path / "unmigrated", services))
    job = host.start(project)
    assert job.state is JobState.FAILURE
    assert job.error is not None
    assert "migrate" in job.error.message
    assert "3" in job.error.message
    assert host.states(project)["web"] != "running"


def test_one_service_is_restarted_and_the_others_are_not_touched(host: Host, docker: Daemon, tmp_path: Path) -> None:
    folder = stacks.write(tmp_path / "three", {name: stacks.willing() for name in ("a", "b", "c")})
    project = started(host, folder)
    before = {i.service: i for i in identities(docker, project)}
    assert host.finished(host.ask(JobType.RESTART, project, ["b"])).state is JobState.SUCCESS
    after = {i.service: i for i in identities(docker, project)}
    assert (after["a"], after["c"]) == (before["a"], before["c"])
    assert after["b"].started != before["b"].started
    eventually(lambda: log_lines(host, project, "b") == ["up", "bye", "up"])
    assert host.states(project) == dict.fromkeys("abc", "running")


def test_one_service_is_stopped_and_started_alone(host: Host, docker: Daemon, tmp_path: Path) -> None:
    project = started(host, stacks.write(tmp_path / "pair", {name: stacks.willing() for name in ("a", "b")}))
    before = {i.service: i for i in identities(docker, project)}
    assert host.stop(project, ["b"]).state is JobState.SUCCESS
    assert host.states(project) == {"a": "running", "b": "stopped"}
    assert docker.containers(project, "b")[0]["State"]["Status"] == "exited"
    assert host.start(project, ["b"]).state is JobState.SUCCESS
    assert {i.service: i for i in identities(docker, project)}["a"] == before["a"]
    assert host.states(project) == {"a": "running", "b": "running"}


def test_a_changed_service_is_made_anew_when_it_is_restarted_and_the_others_are_not_touched(
    host: Host, docker: Daemon, tmp_path: Path
) -> None:
    services = {"a": stacks.shell(stacks.UP), "b": stacks.shell(stacks.UP)}
    folder = stacks.write(tmp_path / "edited", services)
    project = started(host, folder)
    before = {i.service: i for i in identities(docker, project)}
    stacks.write(folder, {**services, "b": stacks.shell("echo anew; exec sleep 600")})
    assert host.finished(host.ask(JobType.RESTART, project, ["b"])).state is JobState.SUCCESS
    after = {i.service: i for i in identities(docker, project)}
    assert after["a"] == before["a"]
    assert after["b"].id != before["b"].id
    eventually(lambda: log_lines(host, project, "b") == ["up", "anew"])


@pytest.mark.parametrize("verb", ["stop", "down"])
def test_data_in_volumes_is_kept(host: Host, cli: Cli, docker: Daemon, tmp_path: Path, verb: str) -> None:
    db = stacks.shell("echo x >>/keep/lines; wc -l </keep/lines; exec sleep 600", volumes=["keep:/keep"])
    cli.ok("add", str(stacks.write(tmp_path / "kept", {"db": db}, volumes={"keep": {}})))
    for _ in range(2):
        cli.ok("start", "kept", "--wait")
        cli.ok(verb, "kept", "--wait")
    assert "kept_keep" in docker.docker("volume", "ls", "-q").stdout.decode()
    cli.ok("start", "kept", "--wait")
    eventually(lambda: log_lines(host, "kept", "db") == ["1", "2", "3"])


def test_down_removes_containers_and_networks_and_a_start_makes_them_again(
    cli: Cli, docker: Daemon, tmp_path: Path
) -> None:
    cli.ok("add", str(stacks.write(tmp_path / "gone", {"a": stacks.shell(stacks.UP), "b": stacks.shell(stacks.UP)})))
    cli.ok("start", "gone", "--wait")
    assert "gone_default" in docker.docker("network", "ls").stdout.decode()
    cli.ok("down", "gone", "--wait")
    assert docker.containers("gone") == []
    assert "gone_default" not in docker.docker("network", "ls").stdout.decode()
    assert cli.service("gone", "a")["state"] == "stopped"
    cli.ok("start", "gone", "--wait")
    assert len(docker.containers("gone", all=False)) == 2


def test_what_a_service_is_built_from_is_built(host: Host, tmp_path: Path) -> None:
    folder = stacks.write(tmp_path / "built", {"app": {"build": ".", "init": True, "stop_grace_period": "1s"}})
    (folder / "Dockerfile").write_text(
        f'FROM {BUSYBOX}\nRUN echo from a build >/made\nCMD ["sh", "-c", "cat /made; exec sleep 600"]\n'
    )
    project = started(host, folder)
    eventually(lambda: log_lines(host, project, "app") == ["from a build"])
