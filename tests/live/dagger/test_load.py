"""Much at once: floods of output, many connections, several projects."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from hubtui.models import JobType
from hubtui.stacks import proctree
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.live.dagger.conftest import REAL, Projects, answer, get, log_lines, started

LINES, CONNECTIONS = 200_000, 5_000
MIB = 1024 * 1024


def memory(pid: int) -> int:
    """Resident bytes."""
    found = proctree.stat(pid)
    assert found is not None
    return found.rss


@pytest.mark.timeout(180)
def test_a_flood_of_lines_lands_complete_and_in_order(host: Host, projects: Projects) -> None:
    script = f"seq -f 'line %08.0f of a service that has a lot to say' 1 {LINES}; echo done; exec sleep 600"
    project = started(host, projects.write("flood", {"web": projects.shell(script)}))
    eventually(lambda: "out done" in log_lines(host, project, "web")[-3:], 60, pause=0.5)
    said = [line for line in log_lines(host, project, "web") if line.startswith("out line ")]
    assert len(said) == LINES
    assert [int(line[9:17]) for line in said] == list(range(1, LINES + 1))
    assert memory(host.runner(project)) < 200 * MIB


@pytest.mark.timeout(240)
def test_thousands_of_connections_and_the_port_still_answers(host: Host, projects: Projects) -> None:
    project = started(host, projects.write("many", {"web": projects.server("web")}))
    port, runner = projects.ports["web"], host.runner(project)
    for number in range(CONNECTIONS):
        with socket.create_connection(("127.0.0.1", port), 10) as client:  # the client closes first: Dagger leaks these
            if number % 50 == 0:
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert client.recv(100)
    assert get(port) == "hello from web"
    eventually(lambda: len(os.listdir(f"/proc/{runner}/fd")) < 200, 20)
    cli = next(pid for pid in proctree.children(runner) if b"session" in Path(f"/proc/{pid}/cmdline").read_bytes())
    eventually(lambda: len(os.listdir(f"/proc/{cli}/fd")) < 1200, 20)


@pytest.mark.timeout(300)
def test_five_projects_at_once_lose_nothing(host: Host, projects: Projects) -> None:
    chatter = "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo line $i; sleep 0.01; done; exec sleep 600"
    names = [f"five{n}" for n in range(5)]
    for name in names:
        host.add(projects.write(name, {f"s{n}": projects.shell(chatter) for n in range(5)}))
    jobs = [host.ask(JobType.START, name) for name in names]
    for job in jobs:
        assert host.finished(job, 120).state.value == "SUCCESS", host.job(job).error
    for name in names:
        for service in (f"s{n}" for n in range(5)):
            eventually(lambda n=name, s=service: "out line 1000" in log_lines(host, n, s)[-3:], 120, pause=0.5)  # type: ignore[misc]
            said = [line for line in log_lines(host, name, service) if line.startswith("out line")]
            assert said == [f"out line {n}" for n in range(1, 1001)]
        assert memory(host.runner(name)) < 200 * MIB


@pytest.mark.parametrize("place", [REAL], indirect=True)
@pytest.mark.timeout(900)
@pytest.mark.skipif(not os.environ.get("LIVE_MINUTES"), reason="takes as many minutes as LIVE_MINUTES says")
def test_idling_costs_next_to_nothing(host: Host, projects: Projects) -> None:
    project = started(host, projects.write("idle", {f"s{n}": projects.server(f"s{n}") for n in range(4)}))
    import time

    runner, seconds = host.runner(project), float(os.environ["LIVE_MINUTES"]) * 60
    before = _ticks(runner)
    time.sleep(seconds)  # idling is what is measured
    used = (_ticks(runner) - before) / os.sysconf("SC_CLK_TCK") / seconds
    print(f"idle runner: {used:.2%} of a core, {memory(runner) / MIB:.0f} MiB")
    assert used < 0.005
    assert memory(runner) < 130 * MIB
    assert answer(projects.ports["s0"]) == "hello from s0"


def _ticks(pid: int) -> int:
    found = proctree.stat(pid)
    assert found is not None
    return found.cpu_ticks
