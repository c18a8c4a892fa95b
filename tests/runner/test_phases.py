"""The phases that a job says it is in, with real runners."""

from __future__ import annotations

from pathlib import Path

from hubtui.models import JobState, JobType
from tests.doubles import stacks
from tests.doubles.host import Host
from tests.doubles.waiting import eventually


def test_a_stop_never_says_that_it_builds(host: Host, tmp_path: Path) -> None:
    slow = {"process": stacks.STUBBORN, "stop_grace_period": "3s"}
    project = host.add(stacks.write(tmp_path / "p", {"slow": slow}))
    host.start(project)
    stop = host.ask(JobType.STOP, project)
    eventually(lambda: host.job(stop).message == "stop slow")
    assert host.job(stop).state is JobState.RUNNING
    assert host.finished(stop).state is JobState.SUCCESS


def test_a_process_stack_that_is_up_is_not_said_to_be_down_by_who_wants_to_take_it_over(
    host: Host, tmp_path: Path
) -> None:
    project = host.add(stacks.write(tmp_path / "p", {"a": {"process": stacks.SLEEPER}}))
    host.start(project)
    asked = host.finished(host.ask(JobType.ADOPT, project))
    assert asked.message == "nothing to take over: a process stack ends with its runner"
    assert host.states(project) == {"a": "running"}
