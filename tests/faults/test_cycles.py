"""Start and stop, again and again: nothing grows, neither in a hub that stays open nor in a runner that does."""

from __future__ import annotations

import os
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

from hubtui.models import JobState, JobType
from hubtui.store import events, projects
from tests.doubles import stacks
from tests.doubles.host import Host
from tests.faults import invariants
from tests.faults.conftest import Tried


@dataclass(frozen=True)
class Size:
    """Of one process: open files, threads, children, resident KiB."""

    files: int
    threads: int
    children: int
    memory: int

    @staticmethod
    def of(pid: int) -> Size:
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
        )
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return Size(
            len(os.listdir(f"/proc/{pid}/fd")), int(status["Threads"]), len(below), int(status["VmRSS"].split()[0])
        )


def grew(sizes: list[Size], slack: int) -> list[str]:
    """What is larger at the end than in the middle: medians of ten, so that one that is just at work says nothing."""
    count = max(3, len(sizes) // 5)
    middle, end = sizes[len(sizes) // 2 - count // 2 :][:count], sizes[-count:]
    found = []
    for name in ("files", "threads", "children", "memory"):
        before, after = (median(getattr(size, name) for size in some) for some in (middle, end))
        if after > before + (slack if name == "memory" else 0):
            found.append(f"{name}: {before:g} -> {after:g}")
    return found


def cycle(host: Host, project: str, services: list[str]) -> None:
    """One start and one stop, with a hub that reads along as a screen does."""
    for type_ in (JobType.START, JobType.STOP):
        job = host.finished(host.ask(type_, project, services))
        assert job.state is JobState.SUCCESS, job.message
        with closing(host.hub.reader()) as con:
            assert projects.view(con, project).seq >= events.LAST_SEQ.first(host.con) - 1000  # type: ignore[operator]
            host.view(project)


@pytest.mark.parametrize("cycles", [20, pytest.param(200, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_a_hub_and_the_machine_after_many_whole_cycles(host: Host, pair: str, tried: Tried, cycles: int) -> None:
    """Each with a runner of its own."""
    sizes = []
    host.hub.writer.submit(lambda con: None).result()  # the one thread that a hub's writer may have
    threads = threading.active_count()
    for _ in range(cycles):
        cycle(host, pair, [])
        sizes.append(Size.of(os.getpid()))
        tried("start and stop of a stack")
    assert grew(sizes, 1024) == []
    assert threading.active_count() <= threads
    assert invariants.processes(host, pair) == []
    invariants.whole(host)
    assert len(os.listdir(host.home.hub_bells)) <= 1, "doorbells of hubs that are gone"
    assert len(list(host.home.run(pair).iterdir())) < 12, "files beside the lease"


@pytest.mark.parametrize("cycles", [20, pytest.param(200, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_a_runner_that_stays(host: Host, tmp_path: Path, tried: Tried, cycles: int) -> None:
    """One of two services goes up and down under it."""
    services = {"a": {"process": stacks.SLEEPER}, "b": {"process": stacks.SLEEPER}}
    project = host.add(stacks.write(tmp_path / "two", services))
    host.start(project)
    runner, guard = host.runner(project), host.guard(project)
    sizes, guards = [], []
    for _ in range(cycles):
        cycle(host, project, ["a"])
        sizes.append(Size.of(runner))
        guards.append(Size.of(guard))
        tried("start and stop of a service")
    assert host.runner(project) == runner
    assert grew(sizes, 1024) == []
    assert grew(guards, 128) == []
    assert len(invariants.processes(host, project)) == 1
    invariants.gone(host, project)
    invariants.whole(host)
