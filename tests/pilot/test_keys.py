"""Every key of the table does what the table says."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from hubtui import messages
from hubtui.commands import COMMANDS
from hubtui.models import JobState, JobType, ServiceState
from hubtui.screens.add_project import AddProjectScreen
from hubtui.screens.confirm import ConfirmScreen
from hubtui.screens.dashboard import DashboardScreen
from hubtui.screens.help import HelpScreen
from hubtui.screens.jobs.history import HistoryScreen
from hubtui.screens.jobs.job import JobScreen
from hubtui.screens.log.screen import LogsScreen
from tests.pilot.conftest import board
from tests.pilot.stage import Stage


def test_every_command_of_the_table_has_its_key_and_its_action() -> None:
    bound = {b.id: b.key for b in DashboardScreen.BINDINGS if not isinstance(b, tuple) and b.id}
    for command in COMMANDS:
        if command.id != "quit":
            assert bound[command.id] == command.key
            assert callable(getattr(DashboardScreen, f"action_{command.id}"))


@pytest.mark.parametrize(("key", "kind"), [("s", JobType.START), ("r", JobType.RESTART)])
async def test_a_key_makes_a_job_and_its_runner_is_started(
    stage: Stage, guards: list[str], key: str, kind: JobType
) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        await it.press(key)
        await it.shows(f"{kind} #1", "PENDING")
        done = [m for m in it.posted if isinstance(m, messages.OperationDone)]
        assert [(m.project, m.operation) for m in done] == [("alpha", str(kind))]
    assert [(j.type, j.state) for j in stage.jobs("alpha")] == [(kind, JobState.PENDING)]
    assert "alpha" in guards


async def test_asking_twice_makes_one_job_and_says_so(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        await it.press("s", "s", "s")
        await it.until(lambda: it.toasts.count("asked for already") == 2)
    assert len(stage.jobs("alpha")) == 1


async def test_what_has_to_wait_for_another_job_of_the_project_says_so(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    async with board(stage.home) as it:
        await it.shows("4/4 healthy")
        await it.press("x")
        await it.shows("stop #2")
        await it.press("s")
        await it.until(lambda: "alpha: start #3 waits for stop #2 to end." in it.toasts)


async def test_x_stops_what_is_up(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    async with board(stage.home) as it:
        await it.shows("4/4 healthy")
        await it.press("x")
        await it.shows("stop #2")
    assert stage.jobs("alpha")[0].type is JobType.STOP


async def test_x_where_nothing_runs_says_so(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        await it.press("x")
        await it.until(lambda: "nothing was running" in it.toasts)


async def test_X_stops_the_service_under_the_cursor_only(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    async with board(stage.home) as it:
        await it.shows("postgres")
        await it.press("X")
        await it.until(lambda: "No service is under the cursor" in it.toasts)
        assert len(stage.jobs("alpha")) == 1
        await it.press("tab", "j", "X")
        await it.until(lambda: len(stage.jobs("alpha")) == 2)
    asked = stage.jobs("alpha")[0]
    assert (asked.type, asked.services) == (JobType.STOP, ("redis",))


async def test_the_last_line_names_the_keys_for_the_service_under_the_cursor(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    async with board(stage.home, (130, 30)) as it:
        await it.shows("x stop  r restart", "q leave (jobs go on)")
        await it.press("tab")
        await it.shows("R restart service  X stop service", "x stop all  r restart all", "esc list")
        await it.press("escape")
        await it.shows("x stop  r restart  t", "q leave (jobs go on)")


async def test_the_last_line_offers_a_start_where_a_part_is_down(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    async with board(stage.home) as it:
        await it.shows("x stop  r restart", "4/4 healthy")
        assert "s start" not in it.text
        stage.service("alpha", "redis", stage.run("alpha"), state=ServiceState.FAILED, exit_code=1)
        await it.shows("s start  x stop  r restart")


async def test_R_restarts_the_service_under_the_cursor_only(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    async with board(stage.home) as it:
        await it.shows("postgres")
        await it.press("R")
        await it.until(lambda: "No service is under the cursor" in it.toasts)
        await it.press("tab", "j", "R")
        await it.until(lambda: len(stage.jobs("alpha")) == 2)
    assert stage.jobs("alpha")[0].services == ("redis",)


async def test_c_ends_the_open_job(stage: Stage) -> None:
    stage.add("alpha")
    stage.ask("alpha")
    async with board(stage.home) as it:
        await it.shows("queued")
        await it.press("c")
        await it.shows("REVOKED")
        await it.press("c")
        await it.until(lambda: "no job under way" in it.toasts)
    assert stage.jobs("alpha")[0].state is JobState.REVOKED


async def test_l_opens_the_log_of_all_or_of_the_service_under_the_cursor(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "redis", ["ready to accept connections"])
    async with board(stage.home) as it:
        await it.press("l")
        await it.until(lambda: isinstance(it.app.screen, LogsScreen))
        await it.shows("all services", "ready to accept connections")
        await it.press("escape", "tab", "j", "l")
        await it.until(lambda: isinstance(it.app.screen, LogsScreen))
        assert isinstance(it.app.screen, LogsScreen)
        assert it.app.screen.chosen == ("redis",)


async def test_h_lists_the_jobs_and_enter_opens_one(stage: Stage) -> None:
    stage.add("alpha")
    stage.failed("alpha")
    async with board(stage.home) as it:
        await it.press("h")
        await it.until(lambda: isinstance(it.app.screen, HistoryScreen))
        await it.shows("#1", "FAILURE", "backend exited with code 2")
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, JobScreen))
        await it.shows("service exited", "ann on pts/3", "LAST LINES OF backend", "KeyError: 'DATABASE_URL'")
        await it.press("q", "q")
        await it.until(lambda: isinstance(it.app.screen, DashboardScreen))


async def test_a_opens_the_form(stage: Stage) -> None:
    async with board(stage.home) as it:
        await it.press("a")
        await it.until(lambda: isinstance(it.app.screen, AddProjectScreen))
        await it.press("enter")
        await it.shows("Which folder?")
        await it.press("escape")
        await it.until(lambda: isinstance(it.app.screen, DashboardScreen))


@pytest.mark.parametrize("path", ["~zz", "/root/secret", "x" * 300], ids=["no home", "secret", "too long"])
async def test_the_form_takes_any_path_that_is_typed(stage: Stage, path: str) -> None:
    """On its way to a good one there is a home of nobody, a folder that may not be looked into, a name too long."""
    async with board(stage.home) as it:
        await it.press("a")
        await it.until(lambda: isinstance(it.app.screen, AddProjectScreen))
        it.app.screen.query_one("#path", Input).value = path
        await it.shows("there is no such folder")
        await it.press("tab", "tab", "down")
        await it.shows("a new folder")
        await it.press("escape")


async def test_d_asks_first_and_no_is_the_default(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        await it.press("d")
        await it.until(lambda: isinstance(it.app.screen, ConfirmScreen))
        await it.shows("Forget alpha?")
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, DashboardScreen))
        assert stage.names() == ["alpha"]
        await it.press("d", "y")
        await it.until(lambda: stage.names() == [])
        await it.shows("No projects yet.")


async def test_d_refuses_what_is_up(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    async with board(stage.home) as it:
        await it.shows("4/4 healthy")
        await it.press("d")
        await it.until(lambda: "alpha is up" in it.toasts)
        assert isinstance(it.app.screen, DashboardScreen)


async def test_u_copies_the_address_and_says_which(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        await it.shows("frontend")
        await it.press("u")
        assert it.app.clipboard == "http://127.0.0.1:3000"
        await it.press("tab", "u")
        assert it.app.clipboard == "127.0.0.1:5432"
        assert "Copied http://127.0.0.1:3000 (frontend)." in it.toasts


async def test_filter_narrows_enter_keeps_escape_drops(stage: Stage) -> None:
    for name in ("alpha", "beta", "gamma"):
        stage.add(name)
    async with board(stage.home) as it:
        await it.press("slash", "m", "m")
        await it.until(lambda: "alpha" not in it.text)
        assert "gamma" in it.text and "1 of 3" in it.text
        await it.press("enter")
        await it.press("s")
        await it.until(lambda: stage.jobs("gamma"))
        await it.press("escape")
        await it.shows("alpha", "beta", "gamma")


async def test_keys_in_one_burst_are_the_filter_and_not_commands(stage: Stage) -> None:
    for name in ("alpha", "dashsx", "gamma"):
        stage.add(name)
    async with board(stage.home) as it:
        await it.press("tab")
        for key, character in (("slash", "/"), *((c, c) for c in "dashsx"), ("enter", "\r"), ("s", "s")):
            it.app.post_message(events.Key(key, character))
        await it.until(lambda: stage.jobs("dashsx"))
        await it.shows("/dashsx", "1 of 3", "start #1")
        assert isinstance(it.app.screen, DashboardScreen)
        await it.press("slash", "backspace", "backspace", "ctrl+u", "escape")
        await it.shows("alpha", "gamma", "PROJECTS")


async def test_help_names_every_command(stage: Stage) -> None:
    async with board(stage.home, (100, 50)) as it:
        await it.press("question_mark")
        await it.until(lambda: isinstance(it.app.screen, HelpScreen))
        await it.shows(*(c.label for c in COMMANDS), *(c.help for c in COMMANDS))


async def test_q_leaves_at_once_and_touches_nothing(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    async with board(stage.home) as it:
        await it.press("q")
        assert it.app._exit
    run = stage.view("alpha").project.run
    assert run is not None and run.active


async def test_palette_offers_the_table(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        offered = {c.title: c.help for c in it.app.get_system_commands(it.app.screen)}
        assert all(offered[c.label] == c.help for c in COMMANDS)
        await it.press("ctrl+p")
        await it.pilot.pause(0.3)
        await it.press(*"history", "enter")
        await it.until(lambda: isinstance(it.app.screen, HistoryScreen))


async def test_a_key_right_after_a_move_hits_the_project_under_the_cursor(stage: Stage) -> None:
    for name in ("alpha", "beta"):
        stage.add(name)
    async with board(stage.home) as it:
        it.app.screen.call_next(it.app.screen.run_action, "start")  # even ahead of every queued message
        it.app.screen.query_one("#projects").action_move(1)  # type: ignore[attr-defined]
        await it.until(lambda: stage.jobs("beta") or stage.jobs("alpha"))
    assert not stage.jobs("alpha")


async def test_j_k_g_G_move_and_the_panel_follows(stage: Stage) -> None:
    for name in ("alpha", "beta", "gamma"):
        stage.add(name)
    async with board(stage.home) as it:
        for keys, expected in (("j", "beta"), ("G", "gamma"), ("k", "beta"), ("g", "alpha"), ("down", "beta")):
            await it.press(keys)
            await it.shows(f"/srv/stacks/{expected}")


async def test_a_click_selects_and_the_footer_can_be_clicked(stage: Stage) -> None:
    for name in ("alpha", "beta"):
        stage.add(name)
    async with board(stage.home) as it:
        await it.pilot.click("#projects", offset=(4, 1))
        await it.shows("/srv/stacks/beta")
        await it.pilot.click(".key-bar", offset=(2, 0))
        await it.until(lambda: stage.jobs("beta"))


async def test_the_key_of_the_help_closes_it_too(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        await it.press("question_mark")
        await it.until(lambda: isinstance(it.app.screen, HelpScreen))
        await it.press("question_mark")
        await it.until(lambda: isinstance(it.app.screen, DashboardScreen))
