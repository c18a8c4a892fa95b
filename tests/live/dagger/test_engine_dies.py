"""A real engine is killed under its stacks. It takes an engine that may be: $LIVE_ENGINE_START is a command that starts
it in the background and leaves its PID in the file $LIVE_ENGINE_PID; it is run again after every kill."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from hubtui.models import EndReason, JobState, JobType
from hubtui.stacks.engines.dagger import host as hosts
from hubtui.stacks.engines.dagger import probe
from hubtui.stacks.engines.dagger.volumes import VolumeMemory
from hubtui.store import events
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import REAL, Projects, answer, cli_of, ended_as, get, gone, started
from tests.live.dagger.engines import Place

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.parametrize("place", [REAL], indirect=True),
    pytest.mark.skipif("LIVE_ENGINE_START" not in os.environ, reason="no engine that may be killed: LIVE_ENGINE_START"),
]


@pytest.fixture
def kill(place: Place) -> Iterator[Callable[[], None]]:
    """Kills the engine; afterwards there is one again."""
    yield lambda: os.kill(int(Path(os.environ["LIVE_ENGINE_PID"]).read_text()), signal.SIGKILL)
    _start(place)


def _start(place: Place) -> None:
    address = hosts.RunnerHost(place.environment["HUBTUI_DAGGER__RUNNER_HOST"], "")
    if probe.look(address).presence is not probe.Presence.RUNNING:
        subprocess.run(os.environ["LIVE_ENGINE_START"], shell=True, check=True, timeout=60)
        eventually(lambda: probe.look(address).presence is probe.Presence.RUNNING, 60)


def _end(left: Iterable[int]) -> None:
    """What a dead engine left, as the person who was told of it would."""
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def orphans(host: Host, project: str) -> list[str]:
    """What was said of processes that the engine left on this host."""
    return [e.data["message"] for e in events.AFTER_OF_PROJECT.all(host.con, 0, project) if e.kind == "run.orphans"]


def test_the_run_is_lost_its_cli_ended_what_it_left_is_named_and_its_volume_missed(
    host: Host, projects: Projects, place: Place, kill: Callable[[], None]
) -> None:
    db = projects.server("db", environment={"DATA": "/keep/count"}, volumes=["keep:/keep"])
    project = started(host, projects.write(f"dies{os.getpid()}", {"db": db}, volumes={"keep": {}}))
    get(projects.ports["db"], "/count")
    eventually(lambda: "keep" in VolumeMemory.of(host.home.run(project)).known, 10)
    cli = cli_of(host, project)
    kill()
    eventually(lambda: ended_as(host, project)[0] is EndReason.LOST, 30)
    assert "engine is gone" in ended_as(host, project)[1]
    eventually(lambda: gone(cli), 10)
    eventually(lambda: not host.held(project), 20)
    left = [pid for pid in host.processes(project) if not gone(pid)]
    assert left, "a bare engine leaves its containers"
    named = " ".join(orphans(host, project))
    assert all(f"({pid})" in named for pid in left)
    _end(left)
    _start(place)
    job = host.finished(host.ask(JobType.START, project), 60)
    if job.error is None:  # 0.19 keeps its volumes
        assert get(projects.ports["db"], "/count") == "2"
    else:
        assert job.error.kind == "volume_lost"


def test_services_with_a_policy_come_back_when_there_is_an_engine_again(
    host: Host, projects: Projects, place: Place, kill: Callable[[], None]
) -> None:
    services = {"web": projects.server("web", restart="always"), "store": projects.server("store", restart="always")}
    project = started(host, projects.write("again", services))
    containers = set(host.processes(project)) - {cli_of(host, project)}
    kill()
    eventually(lambda: "restarting" in host.states(project).values(), 30)
    _end(containers)
    _start(place)
    eventually(lambda: set(host.states(project).values()) == {"running"}, 90)
    eventually(lambda: answer(projects.ports["web"]) == "hello from web", 10)


def test_a_start_fails_with_the_reason_where_no_engine_answers(
    host: Host, projects: Projects, place: Place, kill: Callable[[], None]
) -> None:
    project = host.add(projects.write("none", {"web": projects.server("web")}))
    kill()
    job = host.finished(host.ask(JobType.START, project), 60)  # the CLI alone would wait for ten minutes
    assert job.state is JobState.FAILURE
    assert job.error is not None
    assert job.error.kind == "dagger_no_engine"
    assert "Connection refused" in job.error.message
    eventually(lambda: not host.held(project), 20)
