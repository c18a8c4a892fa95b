"""The screen of the three truths, on real runners: what it says, and what its keys do after they have asked."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.models import EndReason
from hubtui.screens.confirm import ConfirmScreen
from hubtui.screens.dashboard import DashboardScreen
from hubtui.screens.truths import TruthsScreen
from hubtui.stacks import proctree
from hubtui.store import runs
from tests.doubles import stacks
from tests.doubles.host import Host
from tests.doubles.waiting import eventually
from tests.pilot.conftest import board
from tests.pilot.stage import Stage


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    found = Host(tmp_path / "state")
    yield found
    found.close()


@pytest.fixture
def stopped(host: Host, tmp_path: Path) -> Iterator[str]:
    """A project that is up, and whose runner somebody has stopped."""
    folder = stacks.write(tmp_path / "shop", {"web": {"process": stacks.SLEEPER, "stop_grace_period": "1s"}})
    project = host.add(folder)
    host.start(project)
    runner = host.runner(project)
    who = proctree.identity(runner)
    os.kill(runner, signal.SIGSTOP)
    eventually(lambda: proctree.state(runner) == "T")
    yield project
    if (fd := proctree.open_verified(who)) is not None:
        os.close(fd)
        os.kill(runner, signal.SIGCONT)


async def test_what_the_three_say_and_a_runner_that_goes_on(host: Host, stopped: str) -> None:
    runner, pid = host.runner(stopped), host.pids(stopped)["web"]
    async with board(host.home) as it:
        await it.press("equals_sign")
        await it.shows("RECORD", "PROCESS TABLE", "ENGINE", f"runner {runner} stopped", f"PID {pid}", "T take over")
        await it.shows(f"(kill -CONT {runner})")
        await it.press("T")
        await it.until(lambda: isinstance(it.app.screen, ConfirmScreen))
        await it.press("enter")  # no is the default
        assert proctree.state(runner) == "T"
        await it.press("T")
        await it.until(lambda: isinstance(it.app.screen, ConfirmScreen))
        await it.press("y")
        await it.until(lambda: f"PID {runner}, goes on." in it.toasts)
        await it.shows("✓ Nothing differs.")
        await it.press("x")
        await it.until(lambda: "There is nothing to stop here." in it.toasts)
        await it.press("escape")
        assert isinstance(it.app.screen, DashboardScreen)
    assert host.pids(stopped)["web"] == pid


async def test_a_runner_that_does_nothing_is_ended_with_all_it_held(host: Host, stopped: str) -> None:
    async with board(host.home) as it:
        await it.press("equals_sign")
        await it.shows("see every process of it ended")
        await it.press("x")
        await it.until(lambda: isinstance(it.app.screen, ConfirmScreen))
        await it.shows(f"End every process of {stopped}?", "kill -9")
        await it.press("y")
        await it.until(lambda: f"Nothing of {stopped} is left: one process ended." in it.toasts)
        await it.shows("✓ Nothing differs.", "no runner")
    eventually(lambda: not host.held(stopped))
    assert host.processes(stopped) == []
    assert runs.NEWEST_OF_PROJECT.first(host.con, stopped).end_reason is EndReason.LOST  # type: ignore[union-attr]


async def test_a_refusal_is_said(host: Host, stopped: str) -> None:
    async with board(host.home) as it:
        await it.press("equals_sign")
        await it.shows("signal nobody")
        os.kill(host.runner(stopped), signal.SIGCONT)
        screen = it.app.screen
        assert isinstance(screen, TruthsScreen)
        await it.press("f")
        await it.until(lambda: isinstance(it.app.screen, ConfirmScreen))
        await it.press("y")
        await it.until(lambda: "lives and answers" in it.toasts)


async def test_where_nothing_can_be_done_nothing_is_offered(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    async with board(stage.home) as it:
        await it.press("equals_sign")
        await it.shows("held by a stranger", "Nothing can be done about it from here.")
        for key in ("T", "x", "f"):
            await it.press(key)
            assert isinstance(it.app.screen, TruthsScreen)


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (140, 40)])
async def test_it_fits(stage: Stage, size: tuple[int, int]) -> None:
    name = "a-project-with-a-name-that-goes-on-and-on-and-on-for-ever"
    stage.add(name)
    stage.up(name)
    async with board(stage.home, size) as it:
        await it.press("equals_sign")
        await it.shows("PROCESS TABLE", "ENGINE", "postgres", "!")
        assert all(len(line) <= size[0] for line in it.text.splitlines())


async def test_without_a_project_it_says_what_to_do(stage: Stage) -> None:
    async with board(stage.home) as it:
        await it.press("equals_sign")
        await it.until(lambda: "There is no project yet." in it.toasts)


async def test_the_verdict_of_a_stack_with_more_services_than_rows_is_on_the_first_page(
    host: Host, tmp_path: Path
) -> None:
    names = {f"s{i:02}": {"process": stacks.SLEEPER} for i in range(25)}
    project = host.add(stacks.write(tmp_path / "big", names))
    async with board(host.home) as it:
        await it.press("equals_sign")
        await it.shows("Nothing differs.", "RECORD", "s00")
        assert "s24" not in it.text
    assert host.states(project)["s24"] == "stopped"
