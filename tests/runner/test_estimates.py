"""What a real runner says of when its job will have ended, the first time and later."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from hubtui.models import Job, JobState, JobType
from hubtui.store import durations
from tests.doubles import stacks
from tests.doubles.host import Host
from tests.doubles.waiting import eventually

BUILD = ["/bin/sh", "-c", "for n in 1 2 3 4 5 6 7 8; do echo step $$n; sleep 0.15; done"]


def told(host: Host, job: Job) -> Job:
    """The job in the middle of its build."""
    found = [host.job(job)]

    def is_there() -> bool:
        found[0] = host.job(job)
        return found[0].message.endswith(("step 3", "step 4", "step 5"))

    eventually(is_there)
    return found[0]


def percents(host: Host, job: Job) -> list[int]:
    rows = host.con.execute("SELECT data FROM events WHERE job = ? AND kind = 'job.changed' ORDER BY seq", (job.id,))
    return [data["progress"] for row in rows if "progress" in (data := json.loads(row["data"]))]


def test_the_first_run_gives_no_estimate_and_later_ones_do(host: Host, tmp_path: Path) -> None:
    project = host.add(stacks.write(tmp_path / "p", {"a": {"process": stacks.SLEEPER, "build_process": BUILD}}))
    first = host.ask(JobType.START, project)
    seen = told(host, first)
    assert (seen.basis, seen.eta_at, seen.eta_seconds) == ("first run, no estimate", None, None)
    for _ in range(3):
        assert host.finished(first).state is JobState.SUCCESS
        assert host.stop(project).state is JobState.SUCCESS
        first = host.ask(JobType.START, project)
    seen = told(host, first)
    assert seen.basis == "3 earlier starts"
    assert seen.eta_at is not None and seen.eta_seconds is not None
    ended = host.finished(first)
    assert ended.finished_at is not None and ended.started_at is not None
    assert abs(ended.finished_at - seen.eta_at) < timedelta(seconds=0.6), "it takes some 1.3 s"
    assert 20 <= seen.progress <= 70
    moved = percents(host, first)
    assert moved == sorted(moved) and moved[-1] < 100 == ended.progress
    known = durations.split_first(durations.WHOLE_STARTS.all(host.con, project))
    assert known.first is not None and known.later is not None
    assert known.count == 3
