"""What cannot be done is refused in a sentence that says what to do."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hubtui.models import EndReason, JobError, JobState, JobType
from tests.doubles.host import Host
from tests.doubles.stacks import free_ports
from tests.doubles.waiting import eventually
from tests.live.docker import registry, stacks
from tests.live.docker.conftest import Cli
from tests.live.docker.daemon import Daemon


def refused(host: Host, folder: Path) -> JobError:
    """Why the start of this project failed, which is not tried again."""
    job = host.finished(host.start(host.add(folder)), 60)
    assert (job.state, job.attempt) == (JobState.FAILURE, 1)
    assert job.error is not None
    assert job.error.hint, job.error
    return job.error


def test_an_image_that_its_registry_does_not_have(host: Host, tmp_path: Path) -> None:
    with registry.served() as there:
        image = f"{there.address}/nobody/has:1"
        error = refused(host, stacks.write(tmp_path / "p", {"a": {"image": image}}))
    assert image in error.message


def test_a_registry_that_does_not_answer_is_tried_again(host: Host, tmp_path: Path) -> None:
    image = "127.0.0.1:9/nobody/has:1"
    project = host.add(stacks.write(tmp_path / "p", {"a": {"image": image}}))
    job = host.ask(JobType.START, project)
    eventually(lambda: host.job(job).state is JobState.RETRY, 20)
    assert image in host.job(job).message


def test_an_image_is_pulled_layer_by_layer(host: Host, cli: Cli, tmp_path: Path) -> None:
    with registry.served() as there:
        there.go.clear()
        puller = stacks.shell(stacks.UP, image=f"{there.address}/{registry.NAME}")
        project = host.add(stacks.write(tmp_path / "p", {"a": puller}))
        job = host.ask(JobType.START, project)

        def layers() -> list[str]:
            return [s["state"] for s in cli.json("job", str(job.id))["steps"] if "layer" in s["name"]]

        eventually(lambda: len(layers()) == registry.LAYERS, 20)
        assert host.job(job).state is JobState.BUILDING
        there.go.set()
        assert host.finished(job).state is JobState.SUCCESS
    assert set(layers()) <= {"done", "cached"}
    assert host.states(project) == {"a": "running"}


def test_an_image_that_may_not_be_pulled(host: Host, docker: Daemon, tmp_path: Path) -> None:
    error = refused(host, stacks.write(tmp_path / "p", {"a": {"image": "hubtui/none:1", "pull_policy": "never"}}))
    assert "hubtui/none:1" in error.message


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens."""
    (port,) = free_ports(1)
    with closing(socket.create_server(("127.0.0.1", port))):
        yield port


def test_a_port_that_is_taken(host: Host, docker: Daemon, tmp_path: Path, taken: int) -> None:
    error = refused(host, stacks.write(tmp_path / "p", {"a": stacks.shell(stacks.UP, ports=[f"127.0.0.1:{taken}:80"])}))
    assert str(taken) in error.message
    assert docker.containers("p", all=False) == []


def test_a_port_that_another_container_has(host: Host, docker: Daemon, tmp_path: Path) -> None:
    port, web = stacks.web()
    docker.docker("compose", "up", "-d", folder=stacks.write(tmp_path / "other", {"web": web}))
    error = refused(host, stacks.write(tmp_path / "p", {"a": stacks.shell(stacks.UP, ports=[f"127.0.0.1:{port}:80"])}))
    assert str(port) in error.message


def test_a_container_name_that_is_taken(host: Host, docker: Daemon, tmp_path: Path) -> None:
    other = stacks.write(tmp_path / "other", {"a": stacks.shell(stacks.UP, container_name="the-one")})
    docker.docker("compose", "up", "-d", folder=other)
    error = refused(host, stacks.write(tmp_path / "p", {"a": stacks.shell(stacks.UP, container_name="the-one")}))
    assert "the-one" in error.message


def test_a_build_that_fails_shows_its_last_lines(host: Host, docker: Daemon, tmp_path: Path) -> None:
    folder = stacks.write(tmp_path / "p", {"a": {"build": "."}})
    (folder / "Dockerfile").write_text("FROM hubtui/busybox:1\nRUN echo about to fail && exit 5\n")
    job = host.finished(host.start(host.add(folder)), 60)
    assert job.state is JobState.FAILURE
    assert job.error is not None
    assert "5" in job.error.message or "5" in job.error.hint


def test_no_daemon_answers(host: Host, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    cli.ok("add", str(stacks.write(tmp_path / "p", {"a": stacks.shell(stacks.UP)})))
    done = cli("start", "p", "--wait")
    assert done.returncode == 1
    assert "Docker" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    let_go(host)
    done = cli("stop", "p", "--wait")
    assert (done.returncode, "Docker" in done.stderr) == (1, True)
    let_go(host)


def let_go(host: Host) -> None:
    """The run that could not begin is over, and nobody waits for anything."""
    eventually(lambda: not host.held("p"))
    run = host.view("p").project.run
    assert run is not None
    assert (run.state.value, run.end_reason) == ("ended", EndReason.FAILED)


def test_there_is_no_docker_program(host: Host, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.ok("add", str(stacks.write(tmp_path / "p", {"a": stacks.shell(stacks.UP)})))
    with monkeypatch.context() as changed:
        changed.setenv("PATH", str(tmp_path))
        done = cli("start", "p", "--wait")
    assert done.returncode == 1
    assert "docker" in (done.stdout + done.stderr).lower()
    let_go(host)


def test_no_permission_on_the_socket(host: Host, docker: Daemon, cli: Cli, tmp_path: Path) -> None:
    """Root without the right to pass over permissions is as anybody else."""
    if shutil.which("setpriv") is None:
        pytest.skip("there is no setpriv: apt-get install util-linux")
    cli.ok("add", str(stacks.write(tmp_path / "p", {"a": stacks.shell(stacks.UP)})))
    kept = docker.socket.stat()
    os.chown(docker.socket, 65534, 65534)
    docker.socket.chmod(0o600)
    try:
        done = subprocess.run(
            ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *cli.argv("start", "p", "--wait")],
            env=cli.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        os.chown(docker.socket, kept.st_uid, kept.st_gid)
        docker.socket.chmod(kept.st_mode & 0o777)
    assert done.returncode == 1
    let_go(host)
    said = done.stdout + done.stderr
    assert "permission" in said or "may not" in said, said
    assert "group" in said, "what to do about it"
