"""The engine of the tests itself: it runs containers, and leaves nothing on the host whatever becomes of the tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from hubtui.stacks import proctree
from tests.doubles.waiting import eventually
from tests.live.docker import daemon, stacks
from tests.live.docker.conftest import fetched
from tests.live.docker.daemon import Daemon

_TESTS = """
import sys
from pathlib import Path
from tests.live.docker import daemon, stacks
engine = daemon.Daemon()
folder = stacks.write(Path(sys.argv[1]) / "left", {"a": stacks.shell(stacks.UP)})
engine.docker("compose", "up", "-d", folder=folder)
print(engine.folder, engine.keeper, flush=True)
sys.stdin.read()
"""


def test_a_compose_project_runs_and_answers_on_its_port(docker: Daemon, tmp_path: Path) -> None:
    port, service = stacks.web(healthcheck=stacks.healthy_when("wget -q -O- http://127.0.0.1/"))
    folder = stacks.write(tmp_path / "first", {"web": service})
    docker.docker("compose", "up", "-d", "--wait", folder=folder)
    assert fetched(port) == "hello\n"
    (container,) = docker.containers("first", "web")
    assert container["State"]["Health"]["Status"] == "healthy"


def test_an_engine_whose_tests_are_killed_goes_with_all_that_it_held(docker: Daemon, tmp_path: Path) -> None:
    tests, folder, keeper = abandoned(tmp_path)
    mine = proctree.descendants(keeper)
    assert {"dockerd", "containerd"} <= {proctree.name_of(pid) for pid in mine}
    tests.kill()
    tests.wait()
    eventually(lambda: proctree.stat(keeper) is None, 20)
    assert nothing_left(folder, mine)


def test_an_engine_whose_keeper_is_killed_too_is_found_by_the_next(docker: Daemon, tmp_path: Path) -> None:
    tests, folder, keeper = abandoned(tmp_path)
    mine = proctree.descendants(keeper)
    for pid in (keeper, tests.pid):
        os.kill(pid, signal.SIGKILL)
    tests.wait()
    eventually(lambda: proctree.stat(keeper) is None, 20)
    daemon.sweep()
    assert nothing_left(folder, mine)


def abandoned(path: Path) -> tuple[subprocess.Popen[str], Path, int]:
    """(tests that started an engine with a container, its folder, its keeper's PID)."""
    tests = subprocess.Popen(
        [sys.executable, "-c", _TESTS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert tests.stdout is not None
    folder, pid = tests.stdout.readline().split()
    return tests, Path(folder), int(pid)


def nothing_left(folder: Path, processes: list[int]) -> bool:
    assert not folder.exists()
    assert str(folder) not in Path("/proc/self/mountinfo").read_text()
    return not [pid for pid in processes if (found := proctree.stat(pid)) is not None and not found.dead]
