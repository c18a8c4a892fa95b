"""A store that was truncated, overwritten, taken away or replaced: a clear sentence, nothing new and empty, and the
stacks go on and are found again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hubtui.models import JobState, JobType
from hubtui.store import jobs, runs
from tests.doubles import stacks
from tests.doubles.host import Host, python
from tests.doubles.waiting import eventually
from tests.faults import invariants
from tests.faults.conftest import Tried

SUFFIXES = ("", "-wal", "-shm")


def everything(host: Host) -> list[Path]:
    return [Path(f"{host.home.database}{suffix}") for suffix in SUFFIXES]


def settle_wal(host: Host) -> None:
    """All that was written stands in the store's own file, so that a fault in that file is one."""
    sql(host.home.database, "PRAGMA wal_checkpoint(TRUNCATE)")


def sql(path: Path, statement: str) -> None:
    """In a process of its own: here it would drop the locks of hubtui's connections."""
    code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], isolation_level=None).execute(sys.argv[2]).fetchall()"
    subprocess.run([sys.executable, "-c", code, str(path), statement], check=True)


def truncated(path: Path) -> None:
    os.truncate(path, 0)


def halved(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def zeroed_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(100))


def overwritten_pages(path: Path) -> None:
    with path.open("r+b") as file:
        for page in range(1, path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xa5" * 512)


def newer(path: Path) -> None:
    sql(path, "PRAGMA user_version = 99")


def a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def deleted(path: Path) -> None:
    path.unlink()


def somebody_elses(path: Path) -> None:
    path.unlink()
    sql(path, "CREATE TABLE notes (text)")


FAULTS: list[tuple[Callable[[Path], None], str]] = [
    (truncated, "missing or empty"),
    (halved, "damaged"),
    (zeroed_header, "damaged"),
    (overwritten_pages, "damaged"),
    (newer, "newer hubtui"),
    (a_directory, "is not a file"),
    (a_fifo, "is not a file"),
    (deleted, "missing or empty"),
    (somebody_elses, "is not a hubtui store"),
]


SHORT = (halved, newer, a_fifo)  # the others take long together


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [pytest.param(*each, id=each[0].__name__, marks=() if each[0] in SHORT else pytest.mark.long) for each in FAULTS],
)
def test_a_damaged_store_is_said_and_the_stack_goes_on(
    host: Host, up: str, tmp_path: Path, tried: Tried, fault: Callable[[Path], None], sentence: str
) -> None:
    """Then a copy is put back, as the sentence says, and everything is as it was."""
    before = sorted(invariants.processes(host, up))
    settle_wal(host)
    copy = tmp_path / "copy"
    shutil.copy(host.home.database, copy)
    host.con.close()
    fault(host.home.database)
    kind = os.lstat(host.home.database).st_mode if os.path.lexists(host.home.database) else None
    try:
        for verb in (["ls"], ["start", up], ["stop", up], ["jobs"], ["doctor"]):
            said = python(*verb, home=host.home.root)
            told = f"`hubtui {verb[0]}` said:\n{said.stdout}{said.stderr}"
            assert said.returncode == 1, told
            assert re.search(sentence, said.stderr + said.stdout), told
            assert not re.search("Traceback|unexpected", said.stderr + said.stdout), told
        now = os.lstat(host.home.database).st_mode if os.path.lexists(host.home.database) else None
        assert now == kind, "something silently new"
        assert sorted(invariants.processes(host, up)) == before
        tried(f"store {fault.__name__.replace('_', ' ')}")
    finally:
        put_back(host, copy)
        host.con = host.hub.reader()
    eventually(lambda: "running" in python("status", up, home=host.home.root).stdout, 10)
    assert sorted(invariants.processes(host, up)) == before
    invariants.hold(host, up)


def put_back(host: Host, copy: Path) -> None:
    for file in everything(host):
        if file.is_dir():
            file.rmdir()
        else:
            file.unlink(missing_ok=True)
    shutil.copy(copy, host.home.database)


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_what_was_taken_away_beside_a_store_that_nobody_uses(host: Host, pair: str, tried: Tried, suffix: str) -> None:
    host.start(pair)
    invariants.gone(host, pair)
    host.con.close()
    host.hub.close()
    Path(f"{host.home.database}{suffix}").unlink(missing_ok=True)
    with_new_hub(host)
    invariants.hold(host, pair)
    tried(f"store without its {suffix}")


def test_a_wal_taken_away_under_a_stack_that_is_up(host: Host, up: str, tried: Tried) -> None:
    """From then on there are two stores of one name. The stack goes on until somebody asks for something, and then its
    runner makes room for one that can see it."""
    settle_wal(host)
    before = sorted(invariants.processes(host, up))
    host.con.close()
    host.hub.close()
    for file in everything(host)[1:]:
        file.unlink()
    said = python("status", up, home=host.home.root)
    assert said.returncode == 0, said.stderr
    assert sorted(invariants.processes(host, up)) == before
    with_new_hub(host)
    assert host.finished(host.ask(JobType.STOP, up)).finished
    eventually(lambda: invariants.processes(host, up) == [], 10)
    tried("store without its WAL")
    invariants.hold(host, up)


def with_new_hub(host: Host) -> None:
    from hubtui.workers.hub import Hub

    host.hub = Hub(host.home)
    host.con = host.hub.reader()


def copy_of(host: Host, folder: Path) -> Path:
    """A backup, as a person makes one: of a store whose WAL is empty, in a process of its own."""
    settle_wal(host)
    copy = folder / "copy"
    subprocess.run(["cp", host.home.database, copy], check=True)
    return copy


@pytest.mark.parametrize("when", ["before the run", "while it starts", "while it is up"])
def test_an_older_copy_is_put_back_under_a_stack_that_is_up(
    host: Host, pair: str, tmp_path: Path, tried: Tried, when: str
) -> None:
    """What the runner holds wins: the stack goes on, the copy learns of it, and whoever looks is told."""
    invariants.usable(host, pair)
    copy = copy_of(host, tmp_path)
    start = host.ask(JobType.START, pair)
    if when == "while it starts":
        eventually(lambda: host.job(start).state is not JobState.PENDING)
        copy = copy_of(host, tmp_path)
    assert host.finished(start).state is JobState.SUCCESS
    if when == "while it is up":
        copy = copy_of(host, tmp_path)
        host.finished(host.ask(JobType.RESTART, pair, ["a"]))
    run = host.view(pair).project.run
    assert run is not None
    before, runner = sorted(invariants.processes(host, pair)), host.runner(pair)
    host.con.close()
    put_back(host, copy)
    host.con = host.hub.reader()
    eventually(lambda: "older copy" in python("events", pair, home=host.home.root).stdout)  # within a slow poll
    assert jobs.CLAIMED_OF_PROJECT.all(host.con, pair) == [], "a job that nobody does"
    again = host.finished(host.ask(JobType.START, pair))
    assert again.state is JobState.SUCCESS
    assert sorted(invariants.processes(host, pair)) == before, "the stack did not go on"
    assert host.runner(pair) == runner
    found = host.view(pair).project.run
    assert found is not None
    assert (found.id, found.active, found.runner.alive) == (run.id, True, True)
    assert set(host.states(pair).values()) == {"running"}
    assert len(host.pids(pair)) == 2
    assert "older copy" in python("status", pair, home=host.home.root).stdout
    tried(f"store replaced by an older copy {when}")
    invariants.gone(host, pair)
    invariants.hold(host, pair, [again.id])


def test_an_older_copy_is_put_back_in_the_middle_of_a_start(host: Host, tmp_path: Path, tried: Tried) -> None:
    """The job under way goes on and ends under its own number."""
    services = {"a": {"process": stacks.SLEEPER, "health": "tcp://127.0.0.1:1"}}
    project = host.add(stacks.write(tmp_path / "never", services))
    copy = copy_of(host, tmp_path)
    start = host.ask(JobType.START, project)
    eventually(lambda: host.states(project)["a"] == "running")
    before = sorted(invariants.processes(host, project))
    host.con.close()
    put_back(host, copy)
    host.con = host.hub.reader()
    eventually(lambda: jobs.ONE.first(host.con, start.id) is not None)
    assert host.states(project) == {"a": "running"}
    assert sorted(invariants.processes(host, project)) == before
    assert host.finished(host.ask(JobType.STOP, project)).state is JobState.SUCCESS
    assert host.job(start).state is JobState.REVOKED
    assert invariants.processes(host, project) == []
    tried("store replaced by an older copy in the middle of a start")
    invariants.whole(host, [start.id])


def test_a_copy_that_does_not_know_the_project_at_all(host: Host, tmp_path: Path, tried: Tried) -> None:
    """The stack goes on; added again, it is steered again."""
    copy = copy_of(host, tmp_path)
    folder = stacks.write(tmp_path / "new", {"a": {"process": stacks.SLEEPER}})
    project = host.add(folder)
    host.start(project)
    before = invariants.processes(host, project)
    host.con.close()
    put_back(host, copy)
    host.con = host.hub.reader()
    assert host.add(folder) == project
    eventually(lambda: (r := runs.ACTIVE_OF_PROJECT.first(host.con, project)) is not None and r.active, 10)
    assert invariants.processes(host, project) == before
    tried("store replaced by one that does not know the project")
    invariants.gone(host, project)
    invariants.hold(host, project)
