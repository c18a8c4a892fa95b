"""A few pictures, for eyes: what each says is tested in tests/pilot. Accept a change with --snapshot-update."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from hubtui.app import HubtuiApp
from hubtui.models import Priority
from tests.conftest import Clock
from tests.pilot import job_stages
from tests.pilot.stage import Stage
from tests.snapshots.conftest import Ready

Compare = Callable[..., bool]
SMALL, WIDE, NARROW = (80, 24), (140, 40), (60, 20)


def fill(stage: Stage, clock: Clock) -> None:
    """Four projects, one in each state that matters."""
    stage.add("performia")
    stage.up("performia")
    clock.pass_(7800)
    stage.say("performia", "backend", [f'127.0.0.1 "GET /api/{n}" 200' for n in range(30)])
    stage.add("hyper")
    stage.failed("hyper")
    stage.add("rollizo", (("web", 8080),))
    stage.add("veria")
    stage.building("veria")


def keys(*pressed: str, ready: Ready) -> Callable[[Pilot[None]], object]:
    """Wait, press, wait."""

    async def run(pilot: Pilot[None]) -> None:
        await ready(pilot)
        for key in pressed:
            await pilot.press(key)
            await pilot.pause(0.15)
        await ready(pilot)

    return run


@pytest.mark.parametrize(
    ("pressed", "size"),
    [
        pytest.param(("j",), SMALL, id="up"),
        pytest.param(("G",), SMALL, id="building"),
        pytest.param((), SMALL, id="failure"),
        pytest.param(("j", "tab", "j"), WIDE, id="wide"),
        pytest.param(("enter",), NARROW, id="narrow"),
        pytest.param(("h",), SMALL, id="history"),
        pytest.param(("j", "l"), SMALL, id="logs"),
        pytest.param(("h", "enter"), SMALL, id="job"),
        pytest.param(("question_mark",), SMALL, id="help"),
    ],
)
def test_filled(
    stage: Stage,
    clock: Clock,
    app: HubtuiApp,
    settled: Ready,
    snap_compare: Compare,
    pressed: tuple[str, ...],
    size: tuple[int, int],
) -> None:
    fill(stage, clock)
    assert snap_compare(app, terminal_size=size, run_before=keys(*pressed, ready=settled))


def fill_dagger(stage: Stage, clock: Clock) -> None:
    """Two projects on Dagger: one in the middle of its builds, one up."""
    stage.add("performia")
    stage.building_on_dagger("performia")
    stage.add("veria")
    stage.up("veria")
    stage.on_dagger("veria")
    clock.pass_(20)


@pytest.mark.parametrize(
    ("pressed", "size"),
    [
        pytest.param((), SMALL, id="dagger-building"),
        pytest.param(("h", "enter"), SMALL, id="dagger-job"),
        pytest.param(("j", "tab"), SMALL, id="dagger-up"),
        pytest.param(("j", "tab"), WIDE, id="dagger-wide"),
    ],
)
def test_dagger(
    stage: Stage,
    clock: Clock,
    app: HubtuiApp,
    settled: Ready,
    snap_compare: Compare,
    pressed: tuple[str, ...],
    size: tuple[int, int],
) -> None:
    fill_dagger(stage, clock)
    assert snap_compare(app, terminal_size=size, run_before=keys(*pressed, ready=settled))


def queued(stage: Stage, clock: Clock) -> None:
    stage.add("alpha")
    job_stages.queued(stage, "alpha", 2, ("performia", "veria"), Priority.HIGH)
    clock.pass_(40)


def between_tries(stage: Stage, clock: Clock) -> None:
    stage.add("alpha")
    job_stages.retrying(stage, "alpha", 48)


def expected(stage: Stage, clock: Clock) -> None:
    stage.add("alpha")
    job_stages.expect(stage, stage.building("alpha"), 65, 200)


def stuck(stage: Stage, clock: Clock) -> None:
    stage.add("alpha")
    job_stages.stuck(stage, "alpha")


def failed_since(stage: Stage, clock: Clock) -> None:
    stage.add("alpha")
    job_stages.failed_since(stage, "alpha")


def started_twice(stage: Stage, clock: Clock) -> None:
    stage.add("alpha")
    job_stages.whole_start(stage, "alpha", job_stages.Took())
    job_stages.stopped(stage, "alpha")
    clock.pass_(900)
    job_stages.whole_start(stage, "alpha", job_stages.Took(build=41, backend=7.5))


def tried_twice(stage: Stage, clock: Clock) -> None:
    between_tries(stage, clock)
    clock.pass_(48)
    job_stages.next_try(stage, "alpha", stage.jobs("alpha")[0])
    clock.pass_(3)


@pytest.mark.parametrize(
    ("scene", "pressed", "size"),
    [
        pytest.param(queued, (), SMALL, id="job-queued"),
        pytest.param(between_tries, (), SMALL, id="job-retry"),
        pytest.param(tried_twice, ("h", "enter"), SMALL, id="job-tries"),
        pytest.param(expected, (), SMALL, id="job-estimate"),
        pytest.param(stuck, (), SMALL, id="job-stuck"),
        pytest.param(failed_since, (), SMALL, id="job-changes"),
        pytest.param(started_twice, ("h", "enter", "w"), SMALL, id="waterfall"),
        pytest.param(started_twice, ("h", "enter", "w"), WIDE, id="waterfall-wide"),
    ],
)
def test_jobs(
    stage: Stage,
    clock: Clock,
    app: HubtuiApp,
    settled: Ready,
    snap_compare: Compare,
    scene: Callable[[Stage, Clock], None],
    pressed: tuple[str, ...],
    size: tuple[int, int],
) -> None:
    scene(stage, clock)
    assert snap_compare(app, terminal_size=size, run_before=keys(*pressed, ready=settled))


def test_empty(app: HubtuiApp, settled: Ready, snap_compare: Compare) -> None:
    assert snap_compare(app, terminal_size=SMALL, run_before=keys(ready=settled))


def test_no_color(
    stage: Stage, clock: Clock, settled: Ready, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    fill(stage, clock)
    app = HubtuiApp(stage.home)
    try:
        assert snap_compare(app, terminal_size=SMALL, run_before=keys(ready=settled))
    finally:
        app.hub.close()
