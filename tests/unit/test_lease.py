"""Lease, doorbell and heartbeat: what the kernel says, and what only wakes."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hubtui.paths import Home
from hubtui.workers import doorbell, heartbeat, lease
from tests.doubles.waiting import eventually

HOLDER = """
import sys, time
from pathlib import Path
from hubtui.workers import lease
fd = lease.open_lease(Path(sys.argv[1]))
print(lease.try_take(fd), flush=True)
time.sleep(600)
"""


def hold(path: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.first_word = process.stdout.readline()  # type: ignore[attr-defined]
    return process


def test_a_killed_holder_frees_the_lease_at_once(tmp_path: Path) -> None:
    path = tmp_path / "run" / "lease"
    assert not lease.held(path)
    holder = hold(path)
    assert lease.held(path)
    holder.kill()
    holder.wait()
    assert not lease.held(path)


def test_asking_never_costs_a_start(tmp_path: Path) -> None:
    """While it is asked without a break, the lease can be taken at the first try."""
    path = tmp_path / "lease"
    os.close(lease.open_lease(path))
    asking = "from pathlib import Path; from hubtui.workers import lease\nimport sys\nprint(1, flush=True)\n"
    asking += "while True: lease.held(Path(sys.argv[1]))"
    hub = subprocess.Popen([sys.executable, "-c", asking, str(path)], stdout=subprocess.PIPE)
    assert hub.stdout is not None
    hub.stdout.readline()
    taken = 0
    for _ in range(200):
        fd = lease.open_lease(path)
        taken += lease.try_take(fd)
        os.close(fd)
    hub.kill()
    hub.wait()
    assert taken == 200


def test_a_fork_shares_it_and_the_last_to_close_frees_it(tmp_path: Path) -> None:
    """As guard and runner do: either one's death alone does not free it."""
    path = tmp_path / "lease"
    fd = lease.open_lease(path)
    assert lease.try_take(fd)
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go)
        os.read(ready, 1)
        os._exit(0)
    os.close(fd)
    assert lease.held(path)
    os.close(go)
    os.waitpid(child, 0)
    assert not lease.held(path)
    os.close(ready)


def test_a_symlink_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lease").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        lease.open_lease(tmp_path / "lease")


def test_the_doorbell_wakes_hubs_and_the_runner(tmp_path: Path) -> None:
    home = Home(tmp_path / ("a long folder name " * 10).strip())  # longer than a socket's address may be
    home.prepare()
    hub, runner = doorbell.Bell.of_hub(home), doorbell.Bell.of_runner(home, "p")
    doorbell.ring_hubs(home)
    assert select.select([hub, runner], [], [], 1)[0] == [hub]
    hub.drain()
    doorbell.ring_runner(home, "p")
    doorbell.ring_runner(home, "nobody")
    assert select.select([hub, runner], [], [], 1)[0] == [runner]
    hub.close()
    runner.close()


def test_a_dead_hubs_bell_is_swept_away(tmp_path: Path) -> None:
    home = Home(tmp_path / "state")
    home.prepare()
    bell = doorbell.Bell.of_hub(home)
    bell._socket.close()
    doorbell.ring_hubs(home)
    assert not bell.path.exists()


def test_who_rings_at_a_dead_runner_takes_no_bell_from_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "state")
    home.prepare()
    doorbell.Bell.of_runner(home, "p")._socket.close()
    come: list[doorbell.Bell] = []
    make = doorbell._socket

    class Late(socket.socket):
        """It hears that nobody listens, and somebody comes."""

        def sendto(self, *words: Any) -> int:
            try:
                return super().sendto(*words)
            except ConnectionRefusedError:
                monkeypatch.setattr(doorbell, "_socket", make)
                come.append(doorbell.Bell.of_runner(home, "p"))
                raise

    monkeypatch.setattr(doorbell, "_socket", lambda: Late(socket.AF_UNIX, socket.SOCK_DGRAM))
    assert not doorbell.ring_runner(home, "p")
    assert doorbell.ring_runner(home, "p")
    assert select.select(come, [], [], 1)[0] == come
    come[0].close()


def test_a_heartbeat_counts_and_ages(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat.json"
    assert heartbeat.read(path) is None
    heartbeat.beat(path, 7, {"web": {"cpu_percent": 1.5}})
    found = heartbeat.read(path)
    assert found is not None
    assert (found.count, found.pid, found.usage["web"]["cpu_percent"]) == (7, os.getpid(), 1.5)
    assert found.responsive
    eventually(lambda: heartbeat.read(path).age > found.age, 1)  # type: ignore[union-attr]
    path.write_text("{ torn")
    assert heartbeat.read(path) is None
