"""The jobs of all projects, and their statistics, as pictures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hubtui.app import HubtuiApp
from hubtui.models import JobState, JobType
from tests.conftest import Clock
from tests.doubles.past import Past, write
from tests.pilot.stage import Stage
from tests.snapshots.conftest import Ready
from tests.snapshots.test_snapshots import SMALL, WIDE, Compare, keys


def fill_history(stage: Stage, clock: Clock) -> None:
    """Two projects with a past, one of them at work."""
    stage.add("performia")
    stage.add("veria")
    minutes = [timedelta(minutes=n) for n in (4000, 900, 300, 120, 70, 45, 30, 12)]
    kinds = [JobType.START, JobType.STOP, JobType.START, JobType.RESTART] * 2
    ends = [JobState.SUCCESS] * 3 + [JobState.FAILURE, JobState.SUCCESS, JobState.REVOKED, JobState.FAILURE]
    told = {
        JobState.SUCCESS: "4 services are up",
        JobState.FAILURE: "port 5432 is taken by PID 812 postgres",
        JobState.REVOKED: "cancelled by ann on pts/3 before it began",
    }
    past = [
        Past(name, kind, end, age, took=7.3 * (n + 1), message=told[end])
        for n, (kind, end, age) in enumerate(zip(kinds, ends, minutes, strict=False))
        for name in ("performia", "veria")
    ]
    stage.write(lambda con: write(con, past, clock()))
    stage.building("veria")


@pytest.mark.parametrize(
    ("pressed", "size"),
    [
        pytest.param(("h", "p"), SMALL, id="jobs-all"),
        pytest.param(("h", "p", "f", "f", "j"), WIDE, id="jobs-failed-wide"),
        pytest.param(("h", "slash", *"start since:2d"), SMALL, id="jobs-typing"),
        pytest.param(("h", "s"), SMALL, id="statistics"),
    ],
)
def test_history(
    stage: Stage,
    clock: Clock,
    app: HubtuiApp,
    settled: Ready,
    snap_compare: Compare,
    pressed: tuple[str, ...],
    size: tuple[int, int],
) -> None:
    fill_history(stage, clock)
    assert snap_compare(app, terminal_size=size, run_before=keys(*pressed, ready=settled))
