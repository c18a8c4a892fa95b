"""The wall clock jumps while a stack starts, runs and stops: nothing is called lost, stuck or late because of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from glob import glob
from pathlib import Path

import pytest

from hubtui.models import Job, JobState, JobType
from hubtui.store import events, jobs
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.faults import invariants
from tests.faults.conftest import Tried

FAKETIME = next(iter(glob("/usr/lib/*/faketime/libfaketime.so.1")), "")
pytestmark = pytest.mark.skipif(not FAKETIME, reason="needs libfaketime (Debian: faketime)")


# With the monotonic clock left alone libfaketime 0.9.10 gives clock_nanosleep, by which Python sleeps, a wrong
# deadline: each time.sleep fails with EINVAL.
SLEEPS = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds)\n"


class Clock:
    """The wall clock of all programs that are started with `environment`; it moves while they run."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "now"
        self._python = folder / "python"
        self._python.mkdir()
        (self._python / "sitecustomize.py").write_text(SLEEPS)
        self.set("+0")

    def set(self, offset: str) -> None:
        """How far off it is: +10y, -10y, +3h."""
        draft = self._file.with_suffix(".new")
        draft.write_text(offset + "\n")
        draft.replace(self._file)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": FAKETIME,
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1",
            "PYTHONPATH": str(self._python),
        }


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Guards, runners and hubs that are started from here on have this clock."""
    made = Clock(tmp_path)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    subprocess.run([sys.executable, "-c", "import time; time.sleep(0.001)"], check=True)
    yield made
    made.set("+0")


def hubtui(host: Host, *arguments: str, zone: str = "UTC") -> str:
    """What `hubtui ...` says on this clock; it must not fail."""
    said = subprocess.run(
        [sys.executable, "-m", "hubtui", *arguments],
        env={**os.environ, "HUBTUI_HOME": str(host.home.root), "TZ": zone},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == 0, said.stderr
    assert "Traceback" not in said.stdout + said.stderr
    return said.stdout


def ask(host: Host, type: JobType, project: str, *more: str) -> Job:  # noqa: A002
    said = hubtui(host, str(type), project, *more)
    found = re.search(r"#(\d+)", said)
    assert found is not None
    return jobs.get(host.con, int(found[1]))


def quiet(host: Host, project: str) -> None:
    """Nobody is called dead, silent, stuck or late, and no age is below nothing."""
    run = host.view(project).project.run
    assert run is not None
    assert run.active
    assert run.runner.responsive
    said = hubtui(host, "status", project) + hubtui(host, "ls") + hubtui(host, "jobs", project)
    assert not re.search(r"lost|silent|stuck|timed_out|still building|limit", said), said
    assert not re.search(r"-\d+(:| s\b)", said), f"an age below nothing: {said}"


@pytest.mark.parametrize("jump", ["-10y", pytest.param("+10y", marks=pytest.mark.long)])
def test_the_clock_jumps_while_a_stack_starts_runs_and_stops(
    host: Host, pair: str, clock: Clock, tried: Tried, jump: str
) -> None:
    start = ask(host, JobType.START, pair)
    clock.set(jump)  # while it starts
    assert host.finished(start).state is JobState.SUCCESS
    quiet(host, pair)
    before = sorted(invariants.processes(host, pair))
    clock.set("+0")  # while it runs, and back
    quiet(host, pair)
    clock.set(jump)
    again = ask(host, JobType.RESTART, pair, "--wait")
    assert again.state is JobState.SUCCESS
    quiet(host, pair)
    stop = ask(host, JobType.STOP, pair)
    clock.set("+0")  # while it stops
    assert host.finished(stop).state is JobState.SUCCESS
    assert not set(before) & set(invariants.processes(host, pair))
    shown = [job.id for job in jobs.NEWEST_OF_PROJECT.all(host.con, pair, 10)]
    assert shown == sorted(shown, reverse=True) == [stop.id, again.id, start.id], "by number, not by time"
    told = [event.seq for event in events.AFTER.all(host.con, 0)]
    assert told == sorted(told)
    assert not [j for j in jobs.NEWEST_OF_PROJECT.all(host.con, pair, 10) if j.notices]
    tried(f"clock {jump}")
    tried(f"clock back from {jump}")
    invariants.gone(host, pair)
    eventually(lambda: not host.held(pair))
    invariants.whole(host, shown)


@pytest.mark.parametrize(
    "zone",
    ["XYZ+99:99", *(pytest.param(z, marks=pytest.mark.long) for z in ("Pacific/Kiritimati", "Nonsense/Nowhere", ":"))],
)
def test_no_time_zone_makes_nonsense(host: Host, up: str, tried: Tried, zone: str) -> None:
    for verb in (["status", up], ["ls"], ["jobs"], ["events"], ["job", "1"]):
        said = hubtui(host, *verb, zone=zone)
        assert said
    tried("time zone")


@pytest.mark.long
def test_the_hour_that_comes_twice(host: Host, pair: str, clock: Clock, tried: Tried) -> None:
    """Between two jobs the clock goes back by an hour, as a badly set one does in autumn."""
    first = ask(host, JobType.START, pair, "--wait")
    clock.set("-1h")
    second = ask(host, JobType.RESTART, pair, "--wait")
    quiet(host, pair)
    assert [j.id for j in jobs.NEWEST_OF_PROJECT.all(host.con, pair, 2)] == [second.id, first.id]
    tried("clock -1h")
    invariants.gone(host, pair)
