"""The jobs screen: which jobs are shown, that the cursor stays on its own, and what the keys do to it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from hubtui.models import JobError, JobState, JobType, now
from hubtui.screens.dashboard import DashboardScreen
from hubtui.screens.jobs.history import HistoryScreen
from hubtui.screens.jobs.job import JobScreen
from hubtui.screens.jobs.pages import HELD
from hubtui.screens.jobs.statistics import StatisticsScreen
from hubtui.store import attempts, jobs
from tests.doubles.past import Past, write
from tests.pilot.conftest import Board, board
from tests.pilot.stage import Stage

FAILED, DONE = JobState.FAILURE, JobState.SUCCESS


@asynccontextmanager
async def history(stage: Stage, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[Board, HistoryScreen]]:
    """The jobs screen of the first project."""
    async with board(stage.home, size) as it:
        await it.press("h")
        await it.until(lambda: isinstance(it.app.screen, HistoryScreen))
        screen = it.app.screen
        assert isinstance(screen, HistoryScreen)
        await it.until(lambda: screen.rows.items or "No " in it.text)
        yield it, screen


def numbers(screen: HistoryScreen) -> list[int]:
    return [job.id for job in screen.rows.items]


def at(screen: HistoryScreen) -> int:
    job = screen.rows.current
    assert job is not None
    return job.id


def fill(stage: Stage, *past: Past) -> list[int]:
    return stage.write(lambda con: write(con, past))


async def test_all_projects_and_kinds_of_jobs(stage: Stage) -> None:
    stage.add("alpha")
    stage.add("beta")
    fill(stage, Past("alpha"), Past("beta", state=FAILED, message="port 5432 is taken"), Past("alpha", JobType.STOP))
    async with history(stage) as (it, screen):
        await it.shows("alpha  jobs", "2 jobs", "#1 start", "✓ SUCCESS", "[all]")
        assert "#2" not in it.text
        await it.press("p")
        await it.shows("all projects", "3 jobs", "#2 beta", "✗ FAILURE", "port 5432")
        await it.press("f", "f")
        await it.shows("failed", "1 of 3", "[failed]")
        assert numbers(screen) == [2]
        await it.press("f", "t", "t")
        await it.shows("done  stop", "1 of 3", "[stop]")
        assert numbers(screen) == [3]
        await it.press("escape")
        await it.shows("3 jobs")
        await it.press("escape")
        await it.until(lambda: isinstance(it.app.screen, DashboardScreen))


async def test_words_find_jobs_while_they_are_typed(stage: Stage) -> None:
    stage.add("alpha")
    stage.add("beta")
    fill(stage, Past("alpha", age=timedelta(days=2)), Past("beta", state=FAILED, message="port 5432 is taken"))
    fill(stage, Past("beta", JobType.STOP), Past("alpha"))
    async with history(stage) as (it, screen):
        await it.press("p", "slash", *"beta")
        await it.until(lambda: numbers(screen) == [3, 2])
        await it.press("space", *"since:2")
        await it.shows("'2' is no time. Say 10m, 2h")
        await it.press("h", "space", *"5432", "enter")
        await it.until(lambda: numbers(screen) == [2])
        await it.shows("beta since:2h 5432", "1 of 4")
        await it.press("s", "escape", "slash", *"nothing like it", "enter")
        await it.shows("No such jobs.", "esc shows all again", "0 of 4")
        await it.press("escape")
        await it.until(lambda: numbers(screen) == [4, 3, 2, 1])


async def test_a_project_that_is_typed_is_looked_into_from_any_other(stage: Stage) -> None:
    stage.add("alpha")
    stage.add("beta")
    fill(stage, Past("alpha"), Past("beta"), Past("beta", JobType.STOP), Past("beta", JobType.STOP, FAILED))
    async with history(stage) as (it, screen):
        await it.press("slash", *"beta failed", "enter")
        await it.shows("beta  jobs", "1 of 3")
        assert numbers(screen) == [4]


async def test_pages_come_as_the_cursor_moves_and_only_some_are_held(stage: Stage) -> None:
    stage.add("alpha")
    fill(stage, *[Past("alpha")] * 1500)
    async with history(stage) as (it, screen):
        await it.shows("1,500 jobs")
        assert len(screen.rows.items) == 200
        for _ in range(120):
            await it.press("pagedown")
            if at(screen) == 1:
                break
            assert len(screen.rows.items) <= HELD
        assert at(screen) == 1
        for _ in range(20):
            await it.press("pageup")
        assert numbers(screen) == list(range(numbers(screen)[0], numbers(screen)[-1] - 1, -1))
        await it.press("g")
        await it.until(lambda: at(screen) == 1500)
        await it.press("G")
        await it.until(lambda: at(screen) == 1)
        await it.shows("#1 start")
        for _ in range(15):
            await it.press("pageup")
        assert at(screen) > 250


async def test_the_cursor_stays_on_its_job_and_where_it_is_when_news_come(stage: Stage) -> None:
    stage.add("alpha")
    fill(stage, *[Past("alpha")] * 300)
    async with history(stage) as (it, screen):
        await it.press(*["pagedown"] * 4)
        mine = at(screen)
        line = next(i for i, text in enumerate(it.text.splitlines()) if f"#{mine} " in text)
        stage.ask("alpha")
        await it.shows("301 jobs")
        assert at(screen) == mine
        assert f"#{mine} " in it.text.splitlines()[line]
        await it.press("g")
        await it.shows("#301", "◌ PENDING")


async def test_where_all_that_was_held_is_gone_the_rest_comes_into_view(stage: Stage) -> None:
    stage.add("alpha")
    fill(stage, *[Past("alpha", state=JobState.PENDING)] * 250)
    async with history(stage) as (it, screen):
        await it.press("f")
        await it.shows("250 jobs", "[active]")
        assert numbers(screen)[-1] == 51

        def end(con: sqlite3.Connection) -> None:
            con.execute("UPDATE jobs SET state = 'REVOKED' WHERE id > 51")
            jobs.finish(con, 51, JobState.REVOKED, "no")

        stage.write(end)
        await it.shows("50 of 250")
        assert numbers(screen) == list(range(50, 0, -1))


async def test_a_job_that_ends_is_seen_to(stage: Stage) -> None:
    stage.add("alpha")
    job = stage.building("alpha")
    async with history(stage) as (it, _):
        await it.shows("◐ BUILDING", "63 %  building backend")
        await it.press("f")
        await it.shows("[active]", "#1 start")
        stage.write(lambda con: jobs.finish(con, job.id, FAILED, "no", error=JobError("x", "it broke")))
        await it.shows("0 of 1", "No such jobs.")


async def test_r_does_the_job_under_the_cursor_again(stage: Stage, guards: list[str]) -> None:
    stage.add("alpha")
    stage.failed("alpha")
    fill(stage, Past("alpha", JobType.STOP))
    async with history(stage) as (it, screen):
        await it.press("j", "r")
        await it.until(lambda: "alpha: start #3 tries #1 again." in it.toasts)
        await it.shows("#3 start")
        assert at(screen) == 1
        await it.press("g", "r")
        await it.until(lambda: "start #3 is still PENDING" in it.toasts)
        await it.press("c")
        await it.shows("– REVOKED")
    assert stage.jobs("alpha")[0].parent == 1
    assert "alpha" in guards


async def test_r_has_the_next_attempt_at_once_where_one_is_due_later(stage: Stage) -> None:
    stage.add("alpha")
    job, _ = stage.begin("alpha")
    later = now() + timedelta(minutes=1)
    stage.write(lambda con: attempts.retry_later(con, job.id, "no answer", JobError("network", "no answer"), later))
    async with history(stage) as (it, _screen):
        await it.shows("◐ RETRY", "again in")
        await it.press("r")
        await it.until(lambda: "#1 is tried again at once." in it.toasts)


async def test_enter_opens_it_and_back_is_where_one_was(stage: Stage) -> None:
    stage.add("alpha")
    fill(stage, *[Past("alpha")] * 30)
    stage.write(lambda con: con.execute("UPDATE jobs SET events_dropped = 1234 WHERE id = 28"))
    async with history(stage) as (it, screen):
        await it.press("j", "j", "enter")
        await it.until(lambda: isinstance(it.app.screen, JobScreen))
        await it.shows("job #28", "1,234 events dropped")
        await it.press("escape")
        await it.until(lambda: it.app.screen is screen)
        assert at(screen) == 28


async def test_statistics_and_the_jobs_behind_a_row(stage: Stage) -> None:
    stage.add("alpha")
    stage.add("beta")
    fill(stage, *[Past("alpha", took=seconds) for seconds in (10, 20, 60)])
    fill(stage, Past("beta", JobType.STOP, FAILED, timedelta(minutes=5)), Past("beta", JobType.STOP, took=3))
    stage.ask("beta")
    async with history(stage) as (it, screen):
        for key in ("s", "tab"):
            await it.press(key)
            await it.until(lambda: isinstance(it.app.screen, StatisticsScreen))
            await it.shows("1 active now", "1 failed in the last hour", "6 jobs kept")
            rows = [line.split() for line in it.text.splitlines()]
            assert ["▌alpha", "start", "3", "0", "%", "30", "s", "20", "s", "1:00"] in rows
            assert ["beta", "stop", "2", "1", "50", "%", *["3.0", "s"] * 3] in rows
            await it.press(key)
            await it.until(lambda: it.app.screen is screen)
        await it.press("s")
        await it.until(lambda: isinstance(it.app.screen, StatisticsScreen))
        await it.press("G", "enter")
        await it.shows("beta  jobs  stop", "2 of 3")
        assert numbers(screen) == [5, 4]


async def test_no_jobs_says_what_to_press(stage: Stage) -> None:
    stage.add("alpha")
    async with history(stage) as (it, _):
        await it.shows("No jobs yet.", "no jobs yet", "starts a project")
        await it.press("r", "c", "G", "enter")
        await it.press("s")
        await it.shows("0 active now", "No jobs yet.")


async def test_it_can_be_read_where_the_terminal_is_narrow(stage: Stage) -> None:
    stage.add("alpha")
    fill(stage, Past("alpha", state=FAILED, message="port 5432 is taken"))
    async with history(stage, (60, 16)) as (it, _):
        await it.shows("[all] active failed done cancelled", "/ find", "✗ FAILURE", "? help", "esc back")


class TestTryAgain:
    async def test_t_tries_the_last_job_again_where_it_failed(self, stage: Stage) -> None:
        stage.add("alpha")
        stage.failed("alpha")
        async with board(stage.home) as it:
            await it.shows("t try again")
            await it.press("t")
            await it.shows("start #2")
        assert stage.jobs("alpha")[0].parent == 1

    async def test_t_says_why_not(self, stage: Stage) -> None:
        for name in ("alpha", "beta", "gamma"):
            stage.add(name)
        stage.up("beta")
        stage.ask("gamma")
        async with board(stage.home) as it:
            await it.press("t")
            await it.until(lambda: "alpha has had no job yet." in it.toasts)
            await it.press("j", "t")
            await it.until(lambda: "The last job of beta, start #1, went well." in it.toasts)
            await it.press("j", "t")
            await it.until(lambda: "start #2 is still under way." in it.toasts)
        assert len(stage.jobs("alpha") + stage.jobs("beta") + stage.jobs("gamma")) == 2

    async def test_t_has_the_next_attempt_at_once(self, stage: Stage) -> None:
        stage.add("alpha")
        job, _ = stage.begin("alpha")
        error = JobError("network", "no answer")

        def wait(con: sqlite3.Connection) -> None:
            attempts.retry_later(con, job.id, "no answer", error, now() + timedelta(minutes=1))

        stage.write(wait)
        async with board(stage.home) as it:
            await it.shows("RETRY")
            await it.press("t")
            await it.until(lambda: "#1 is tried again at once." in it.toasts)


async def test_an_open_dashboard_keeps_the_history_within_its_bounds(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubtui.workers.watch.TIDY_EVERY", 0.0)
    stage.add("alpha")
    fill(stage, *[Past("alpha", age=timedelta(days=400))] * 5, Past("alpha"))
    async with board(stage.home) as it:
        await it.until(lambda: [job.id for job in stage.jobs("alpha")] == [6])


async def test_r_on_a_jobs_page_does_it_again_as_in_the_list(stage: Stage) -> None:
    stage.add("alpha")
    failed = stage.failed("alpha")
    async with board(stage.home) as it:
        await it.press("h", "enter")
        await it.shows("asked", "t try again")
        await it.press("r")
        await it.until(lambda: len(stage.jobs("alpha")) == 2)
    assert stage.jobs("alpha")[0].parent == failed.id
