"""Twenty starts and some stops from three hubs at once: one run, one job at work, each end written once."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing

import pytest

from hubtui.models import JobState, JobType
from hubtui.store import connect, jobs, runs
from hubtui.workers import operations
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.faults import invariants
from tests.faults.conftest import Tried

# A hub: asks at the word "go", for what its arguments say, and says which job it was given.
HUB = """
import sys
import time
from pathlib import Path
from hubtui.errors import HubtuiError
from hubtui.models import JobType
from hubtui.paths import Home
from hubtui.workers import operations
from hubtui.workers.hub import Hub
with Hub(Home(Path(sys.argv[1]))) as hub:
    hub.writer.run(lambda con: None)
    print("ready", flush=True)
    sys.stdin.readline()
    for word in sys.argv[3:]:
        asked = operations.ask(hub, JobType(word), sys.argv[2], by="a hub")
        print(asked.job.id, word, int(asked.created), flush=True)
"""


def three_hubs(host: Host, project: str, words: list[list[str]]) -> list[tuple[int, str, bool]]:
    """What each was told, once they all asked at once; nobody else may have two of anything meanwhile."""
    hubs = [
        subprocess.Popen(
            [sys.executable, "-c", HUB, str(host.home.root), project, *mine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for mine in words
    ]
    for hub in hubs:
        assert hub.stdout is not None
        assert hub.stdout.readline() == "ready\n"
    for hub in hubs:
        assert hub.stdin is not None
        hub.stdin.write("go\n")
        hub.stdin.flush()
    with closing(connect.open_reader(host.home)) as con:
        while any(hub.poll() is None for hub in hubs):
            assert len(runs.ACTIVE_OF_PROJECT.all(con, project)) <= 1
            assert len(invariants.at_work(con, project)) <= 1
            assert len(invariants.processes(host, project)) <= 2
    told = []
    for hub in hubs:
        assert hub.returncode == 0
        assert hub.stdout is not None and hub.stdin is not None
        for line in hub.stdout:
            number, word, created = line.split()
            told.append((int(number), word, created == "1"))
        hub.stdin.close()
    return told


def test_twenty_starts_make_one_job(host: Host, pair: str, tried: Tried) -> None:
    told = three_hubs(host, pair, [["start"] * 7, ["start"] * 7, ["start"] * 6])
    assert len(told) == 20
    made = {number for number, _, created in told if created}
    for job in made:
        host.finished(jobs.get(host.con, job))
    assert {number for number, _, _ in told} == made, "each was given a job that somebody made"
    assert {jobs.get(host.con, job).state for job in made} == {JobState.SUCCESS}
    assert len(host.con.execute("SELECT id FROM runs").fetchall()) == 1
    assert len(invariants.processes(host, pair)) == 2
    for _ in told:
        tried("start among twenty")
    invariants.gone(host, pair)
    invariants.whole(host, made)


@pytest.mark.parametrize("seed", range(3))
def test_twenty_starts_mixed_with_stops_end_as_the_last_one_said(
    host: Host, pair: str, tried: Tried, seed: int
) -> None:
    stops = [["stop", "restart"][:seed], ["stop"], ["restart", "stop"]]
    words = [[*["start"] * 4, *more, *["start"] * 3] for more in stops]
    told = three_hubs(host, pair, words)
    numbers = {number for number, _, _ in told}
    eventually(lambda: all(jobs.get(host.con, job).finished for job in numbers), 60)
    for job in numbers:
        found = jobs.get(host.con, job)
        assert found.state in (JobState.SUCCESS, JobState.REVOKED), (job, found.message)
        assert found.type in JobType
    last = jobs.get(host.con, max(numbers))
    expected = 0 if last.type is JobType.STOP else 2
    eventually(lambda: len(invariants.processes(host, pair)) == expected)
    for _ in told:
        tried("start or stop among twenty")
    invariants.whole(host, numbers)
    invariants.hold(host, pair, numbers)


@pytest.mark.parametrize("parts", [8, pytest.param(60, marks=pytest.mark.long)])
def test_a_start_cancelled_at_any_moment_leaves_nothing_half_begun(
    host: Host, pair: str, tried: Tried, parts: int
) -> None:
    """Cancelled after a part of the time that a start takes, then started at once by the same runner."""
    begun = time.monotonic()
    host.start(pair)
    whole = time.monotonic() - begun
    invariants.gone(host, pair)
    for part in range(parts):
        start = host.ask(JobType.START, pair)
        time.sleep(whole * part / parts)  # the fault itself: no moment is to be waited for, each is to be tried
        operations.cancel(host.hub, start.id)
        again = host.start(pair)
        assert again.state is JobState.SUCCESS, (part, again.message)
        assert host.finished(start).state in (JobState.REVOKED, JobState.SUCCESS)
        assert len(invariants.processes(host, pair)) == 2
        invariants.gone(host, pair)
        tried("start cancelled")
    invariants.whole(host)
