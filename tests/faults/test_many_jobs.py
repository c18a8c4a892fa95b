"""Many jobs from many processes at once, while runners are at work: none lost, none doubled, each in its turn."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from hubtui.models import JobState
from tests.doubles import stacks
from tests.doubles.host import Host
from tests.doubles.waiting import eventually

SERVICES = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
PROJECTS = 4

# Asks for every start of its list, and says each id as it was acknowledged: what is said must be there, once.
ASKER = """
import json, sys
from pathlib import Path
from hubtui.models import JobType
from hubtui.paths import Home
from hubtui.workers import operations
from hubtui.workers.hub import Hub
with Hub(Home(Path(sys.argv[1]))) as hub:
    for project, services in json.load(sys.stdin):
        asked = operations.ask(hub, JobType.START, project, services, by=sys.argv[2])
        print(json.dumps([asked.job.id, project, services, asked.created]), flush=True)
"""


@pytest.fixture
def projects(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Projects that are up: a start of any of their services is a job with nothing to do."""
    monkeypatch.setenv("HUBTUI_JOBS__CONCURRENCY", str(PROJECTS))
    services = {name: {"process": ["sleep", "600"]} for name in SERVICES}
    names = [host.add(stacks.write(tmp_path / f"many-{number}", services)) for number in range(PROJECTS)]
    for name in names:
        assert host.start(name).state is JobState.SUCCESS
    return names


def ask_from_processes(host: Host, wanted: list[tuple[str, tuple[str, ...]]], processes: int) -> list[list[int]]:
    """The ids that each process was given, in the order in which it was."""
    askers = [
        subprocess.Popen(
            [sys.executable, "-c", ASKER, str(host.home.root), f"asker {number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    for number, asker in enumerate(askers):
        assert asker.stdin is not None
        asker.stdin.write(json.dumps(wanted[number::processes]))
        asker.stdin.close()
    said = []
    for number, asker in enumerate(askers):
        assert asker.stdout is not None
        lines = [json.loads(line) for line in asker.stdout]
        assert asker.wait() == 0
        assert [(p, tuple(s)) for _, p, s, _ in lines] == wanted[number::processes]
        assert all(created for *_, created in lines), "each start was of its own kind: none may be taken for another"
        said.append([job for job, *_ in lines])
    return said


def check(host: Host, projects: list[str], count: int, processes: int, seconds: float) -> None:
    """Ask for `count` starts that differ from each other; then every promise about them holds."""
    sets = (c for size in range(1, len(SERVICES) + 1) for c in itertools.combinations(SERVICES, size))
    wanted = [(project, services) for services in itertools.islice(sets, -(-count // PROJECTS)) for project in projects]
    wanted = wanted[:count]
    before = max(host.con.execute("SELECT max(id) FROM jobs").fetchone())
    said = ask_from_processes(host, wanted, processes)
    acknowledged = sorted(itertools.chain(*said))
    assert all(ids == sorted(ids) for ids in said), "one who asks twice is served in that order"

    def rest() -> bool:
        return host.con.execute("SELECT 1 FROM jobs WHERE finished_at IS NULL").fetchone() is None

    eventually(rest, seconds, 0.2)
    rows = host.con.execute("SELECT * FROM jobs WHERE id > ? ORDER BY id", (before,)).fetchall()
    assert [row["id"] for row in rows] == acknowledged, "none lost, none doubled, none that nobody asked for"
    assert len(rows) == count
    assert sorted((r["project"], tuple(json.loads(r["services"]))) for r in rows) == sorted(wanted)
    assert Counter(row["state"] for row in rows) == {JobState.SUCCESS: count}
    attempts = host.con.execute("SELECT job, count(*) FROM attempts WHERE job > ? GROUP BY job", (before,)).fetchall()
    assert [tuple(a) for a in attempts] == [(job, 1) for job in acknowledged], "each was done, and once"
    ended = host.con.execute(
        "SELECT job, count(*) FROM events WHERE job > ? AND kind = 'job.finished' GROUP BY job", (before,)
    ).fetchall()
    assert [tuple(e) for e in ended] == [(job, 1) for job in acknowledged], "and its end was told once"
    for project in projects:
        own = [row for row in rows if row["project"] == project]
        turns = sorted(own, key=lambda row: str(row["started_at"]))
        assert [r["id"] for r in turns] == [r["id"] for r in own], "first asked, first begun"
        for one, next_ in itertools.pairwise(own):
            assert one["finished_at"] <= next_["started_at"], "a project does one job at a time"


def test_a_hundred_jobs_from_four_processes(host: Host, projects: list[str]) -> None:
    check(host, projects, 100, 4, 60)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_thousand_jobs_from_eight_processes(host: Host, projects: list[str]) -> None:
    check(host, projects, 1000, 8, 300)
