"""Time limits and signs of life, through real runners with short limits."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from hubtui.models import JobState, JobType
from hubtui.store import jobs
from hubtui.workers import operations
from tests.doubles import stacks
from tests.doubles.gates import Gate
from tests.doubles.host import Host
from tests.doubles.waiting import eventually


def notices(host: Host, job: int) -> dict[str, str]:
    found = jobs.ONE.first(host.con, job)
    assert found is not None
    return {n.kind: n.message for n in found.notices}


def building(host: Host, tmp_path: Path) -> tuple[str, Gate]:
    gate = Gate(tmp_path / "gate")
    own = {"process": stacks.SLEEPER, "build_process": gate.build()}
    return host.add(stacks.write(tmp_path / "p", {"a": own})), gate


def test_over_the_soft_limit_it_is_said_and_goes_on(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBTUI_JOBS__SOFT_LIMIT", "0.5")
    project, gate = building(host, tmp_path)
    job = host.ask(JobType.START, project)
    eventually(lambda: "soft_limit" in notices(host, job.id))
    gate.open()
    ended = host.finished(job)
    assert (ended.state, ended.notices) == (JobState.SUCCESS, ())


def test_over_the_hard_limit_it_is_stopped_like_a_cancel(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBTUI_JOBS__HARD_LIMIT", "1")
    project, _ = building(host, tmp_path)
    ended = host.finished(host.ask(JobType.START, project), 15)
    assert ended.state is JobState.FAILURE
    assert ended.error is not None
    assert ended.error.kind == "timed_out"
    assert "took longer than its hard limit of 1 s" in ended.error.message
    assert host.processes(project) == []


def test_silent_it_is_possibly_stuck_until_it_speaks_or_somebody_waits_on(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBTUI_JOBS__STUCK_AFTER", "1.5")
    speaks = Gate(tmp_path / "speaks")
    script = (
        "import pathlib, time\nprint('begun', flush=True)\n"
        f"while not pathlib.Path({str(speaks.path)!r}).exists(): time.sleep(0.01)\n"
        "for n in range(600): print(n, flush=True); time.sleep(0.1)\n"
    )
    own = {"process": stacks.SLEEPER, "build_process": [sys.executable, "-c", script]}
    project = host.add(stacks.write(tmp_path / "p", {"a": own}))
    job = host.ask(JobType.START, project)
    eventually(lambda: "stuck" in notices(host, job.id), 15)
    assert notices(host, job.id)["stuck"].startswith("possibly stuck in build a")
    operations.be_patient(host.hub, job.id, by="a test")
    eventually(lambda: "stuck" not in notices(host, job.id))
    eventually(lambda: "stuck" in notices(host, job.id), 15)
    speaks.open()
    eventually(lambda: "stuck" not in notices(host, job.id))
    assert host.job(job).state is JobState.BUILDING, "nothing is ever ended for being silent"
    operations.cancel(host.hub, job.id, by="a test")
    assert host.finished(job).state is JobState.REVOKED


def test_what_a_service_that_starts_prints_is_a_sign_of_life(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBTUI_JOBS__STUCK_AFTER", "1.5")
    chatty = "import time\nwhile True: print('still loading', flush=True); time.sleep(0.1)"
    silent = stacks.SLEEPER
    own = {
        "chatty": {"process": [sys.executable, "-c", chatty], "health": "tcp://127.0.0.1:1"},
    }
    quiet = {"quiet": {"process": silent, "health": "tcp://127.0.0.1:1"}}
    loud = host.add(stacks.write(tmp_path / "loud", own))
    still = host.add(stacks.write(tmp_path / "still", quiet))
    of_loud, of_still = host.ask(JobType.START, loud), host.ask(JobType.START, still)
    eventually(lambda: "stuck" in notices(host, of_still.id), 15)
    assert "stuck" not in notices(host, of_loud.id)
    for job in (of_loud, of_still):
        operations.cancel(host.hub, job.id, by="a test")
        assert host.finished(job).state is JobState.REVOKED


def test_a_project_may_have_limits_of_its_own(host: Host, tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate")
    own = {"process": stacks.SLEEPER, "build_process": gate.build()}
    folder = stacks.write(tmp_path / "p", {"a": own})
    file = folder / "compose.yaml"
    document = json.loads(file.read_text())
    document["x-hubtui"]["jobs"] = {"hard_limit": "1s", "max_attempts": 5}
    file.write_text(json.dumps(document))
    ended = host.finished(host.ask(JobType.START, host.add(folder)), 15)
    assert ended.error is not None and ended.error.kind == "timed_out"
    assert ended.max_attempts == 5
