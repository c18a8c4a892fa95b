"""Estimates against starts that really happened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from benchmarks import recorded_runs, replay_estimates
from hubtui.models import JobState
from hubtui.store import durations
from tests.doubles import stacks
from tests.doubles.host import Host

RUNS = recorded_runs.all_recorded()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    found = Host(tmp_path / "state")
    yield found
    found.close()


def test_on_each_recorded_stack_what_was_learned_is_nearer_than_the_fixed_scheme() -> None:
    assert len(RUNS) >= 4
    for name, runs in RUNS.items():
        assert len(runs) >= 15, name
        result = replay_estimates.replay(runs)
        assert result.without == 1
        learned, fixed = median(e.points for e in result.learned), median(e.points for e in result.fixed)
        assert learned < 0.8 * fixed, name


def test_over_all_of_them_it_is_twice_as_near_to_what_is_done_and_what_is_left() -> None:
    whole = replay_estimates.together(replay_estimates.replay(runs) for runs in RUNS.values())
    for other in (whole.fixed, whole.median):
        assert median(e.points for e in whole.learned) < 0.5 * median(e.points for e in other)
        assert median(e.left for e in whole.learned) < 0.5 * median(e.left for e in other)


def test_the_script_prints_both_sides_and_what_had_no_estimate(capsys: pytest.CaptureFixture[str]) -> None:
    replay_estimates.main([])
    told = capsys.readouterr().out
    for name in [*RUNS, "all"]:
        assert f"| {name} | 75 % |" in told
    assert f"{len(RUNS)} starts were the first of their stack and had no estimate." in told


def test_a_store_is_read_as_its_runners_wrote_it(
    host: Host, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stacks.write(tmp_path / "small", {"one": {"process": stacks.SLEEPER}, "two": {"process": stacks.SLEEPER}})
    project = host.add(folder)
    for _ in range(2):
        job = host.start(project)
        assert job.state is JobState.SUCCESS
        host.stop(project)
    (earlier,) = durations.earlier(host.con, job)
    times = {step.key: (step.began, step.ended) for step in earlier.steps}
    assert {"read", "service:one", "service:two"} <= set(times)
    assert all(0 <= began <= ended <= earlier.seconds for began, ended in times.values())
    first, second = recorded_runs.from_store(host.home.database)["small"]
    assert first.timeline == earlier
    assert second.job == job.id
    recorded_runs.save(tmp_path / "kept.json", [first, second])
    assert recorded_runs.load(tmp_path / "kept.json") == [first, second]
    replay_estimates.main([str(host.home.database)])
    told = capsys.readouterr().out
    assert "| small | 50 % | 1 |" in told
    assert "1 start was the first" in told
