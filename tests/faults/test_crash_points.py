"""Killed at every durable system call of a job's life, one after the other: what was acknowledged is always there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hubtui.models import JobState
from hubtui.paths import Home
from hubtui.store import connect, jobs, runs

STRACE = shutil.which("strace")
pytestmark = [pytest.mark.strace, pytest.mark.skipif(STRACE is None, reason="needs strace")]

LIFE = """
import os, sys
from pathlib import Path
from hubtui.models import EndReason, JobState, JobType, Project
from hubtui.paths import Home
from hubtui.store import connect, jobs, projects, runners, runs
from hubtui.workers import operations

connect.WAL_LIMIT = 100_000  # bytes: so a life has checkpoints, too
home = Home(Path(sys.argv[1]))
writer = connect.Writer(home)

def said(word, value=""):
    os.write(1, f"{word} {value}\\n".encode())

writer.run(lambda con: projects.insert(con, Project("web", home.root, "process", "a test"), []))
said("added")
job = writer.run(lambda con: operations.write_job(con, JobType.START, "web", (), (), "x")).job
said("asked", job.id)
generation = writer.run(lambda con: runners.register(con, "web", 1, 1, "boot"))
writer.run(lambda con: jobs.claim(con, job.id, generation))
said("claimed", job.id)
run = writer.run(lambda con: runs.begin(con, "web", "process", generation, "boot", ()))
said("began", run)
def finish(con):
    runs.end(con, run, EndReason.STOPPED)
    jobs.finish(con, job.id, JobState.SUCCESS, "done")
writer.run(finish)
said("finished", job.id)
writer.close()
"""


def live_until(home: Path, call: str, number: int) -> tuple[int, list[str]]:
    """(exit code, words said) of a life that is killed at the `number`-th call of this kind."""
    inject = [
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        f"trace={call}",
        "-e",
        f"inject={call}:signal=SIGKILL:when={number}",
    ]
    life = subprocess.run(
        [str(STRACE), *inject, sys.executable, "-c", LIFE, str(home)], capture_output=True, text=True, timeout=60
    )
    return life.returncode, life.stdout.splitlines()


def check(root: Path, said: list[str]) -> None:
    """The store opens, is whole, and knows all that was said."""
    home = Home(root)
    if not home.birth_mark.exists():
        assert said == [], "nothing is acknowledged before the store is born"
    con = connect.open_reader(home)
    assert con.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    words = {line.split()[0]: line.split()[-1] for line in said}
    assert "added" not in words or con.execute("SELECT count(*) FROM projects").fetchone()[0] == 1
    if "asked" in words:
        job = jobs.ONE.first(con, int(words["asked"]))
        assert job is not None
        assert "claimed" not in words or job.state is not JobState.PENDING
        assert "finished" not in words or job.state is JobState.SUCCESS
        run = runs.NEWEST_OF_PROJECT.first(con, "web")
        assert (job.state is JobState.SUCCESS) == (run is not None and not run.active), "both in one transaction"
    for row in con.execute("SELECT job FROM events WHERE kind = 'job.created'").fetchall():
        assert jobs.ONE.first(con, row["job"]) is not None, "an event without its change"
    con.close()
    connect.Writer(home).run(lambda con: None)  # and it can be written again


@pytest.mark.parametrize("call", ["fdatasync", "pwrite64", "ftruncate"])
def test_killed_at_every_call_nothing_acknowledged_is_lost(tmp_path: Path, call: str) -> None:
    code, number = -1, 0
    while code != 0:
        number += 3 if call == "pwrite64" and number > 12 else 1  # of the many writes, every third after the first ones
        root = tmp_path / f"{call}{number}"
        code, said = live_until(root, call, number)
        check(root, said)
    assert said[-1].startswith("finished")
    assert number > 1, "there was something to kill at"
