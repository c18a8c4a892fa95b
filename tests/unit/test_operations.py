"""What is asked for, and the project's runner that is called to it. The runner here is a thread with a bell of its own:
it looks as one does, under the write lock, each time that it is rung, and does what it finds."""

from __future__ import annotations

import contextlib
import select
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from hubtui.models import JobState, JobType
from hubtui.paths import Home
from hubtui.store import connect, jobs, runners
from hubtui.workers import doorbell, operations, registry
from hubtui.workers.hub import Hub
from tests.doubles import stacks

SECONDS = 10


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with Hub(Home(tmp_path / "state")) as hub:
        yield hub


@pytest.fixture
def project(hub: Hub, tmp_path: Path) -> str:
    name = registry.add(hub, stacks.write(tmp_path / "p", {"web": {"process": ["sleep", "600"]}})).name
    hub.writer.run(lambda con: runners.register(con, name, 1, 1, "boot"))
    return name


@contextlib.contextmanager
def looking(home: Home, project: str) -> Iterator[Queue[int | None]]:
    """The numbers of the jobs that the called runner found and did; None where it found none."""
    found: Queue[int | None] = Queue()
    bell, end, writer = doorbell.Bell.of_runner(home, project), threading.Event(), connect.Writer(home)

    def look(con: sqlite3.Connection) -> int | None:
        job = jobs.FIRST_OPEN_OF_PROJECT.first(con, project)
        if job is not None:
            jobs.finish(con, job.id, JobState.SUCCESS, "done")
        return job.id if job else None

    def live() -> None:
        while select.select([bell], [], [], SECONDS)[0] and not end.is_set():
            bell.drain()
            found.put(writer.run(look))

    thread = threading.Thread(target=live)
    thread.start()
    try:
        yield found
    finally:
        end.set()
        bell.ring()
        thread.join()
        bell.close()
        writer.close()


def test_one_ring_is_enough_to_find_what_was_asked_for(hub: Hub, project: str) -> None:
    with looking(hub.home, project) as found:
        for _ in range(50):
            job = operations.ask(hub, JobType.START, project).job
            assert found.get(timeout=SECONDS) == job.id
        assert found.empty()
