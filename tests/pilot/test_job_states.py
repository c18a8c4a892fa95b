"""What the screens say of a job that waits, is tried again, takes long or fails; and the keys that go on from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hubtui.models import JobState, JobType, Priority
from hubtui.screens.jobs.job import JobScreen
from tests.conftest import Clock
from tests.pilot import job_stages
from tests.pilot.conftest import Board, board
from tests.pilot.stage import Stage


def requests(stage: Stage) -> list[tuple[str, int]]:
    """What runners were asked for, in order."""
    return stage.write(lambda con: [tuple(row) for row in con.execute("SELECT kind, job FROM requests ORDER BY id")])


async def open_job(it: Board) -> None:
    """The newest job of the selected project."""
    await it.press("h")
    await it.shows("alpha  jobs", "▌")
    await it.press("enter")
    await it.until(lambda: isinstance(it.app.screen, JobScreen) and it.app.screen.whole is not None)


async def test_a_queued_job_says_its_place_and_for_whom_it_waits(timed_stage: Stage) -> None:
    timed_stage.add("alpha")
    job_stages.queued(timed_stage, "alpha", 2, ("performia", "veria"), Priority.HIGH)
    async with board(timed_stage.home) as it:
        await it.shows("queued 2nd", "PENDING  high priority", "2nd in line, waits for a slot: performia, veria")


async def test_the_next_try_is_counted_down_and_n_has_it_at_once(timed_stage: Stage, clock: Clock) -> None:
    timed_stage.add("alpha")
    job = job_stages.retrying(timed_stage, "alpha", 48)
    async with board(timed_stage.home) as it:
        await it.shows("retry in 48 s", "try 2 of 3 in 48 s: network:", "n retry now  c give up")
        clock.pass_(5)
        await it.shows("retry in 43 s", "try 2 of 3 in 43 s")  # by itself: nobody wrote anything
        clock.pass_(100)
        await it.shows("retry now", "try 2 of 3 now")
        await it.press("n")
        await it.until(lambda: requests(timed_stage) == [("retry_now", job.id)])


async def test_c_gives_up_a_job_between_two_tries(timed_stage: Stage) -> None:
    timed_stage.add("alpha")
    job = job_stages.retrying(timed_stage, "alpha", 48)
    async with board(timed_stage.home) as it:
        await it.shows("c give up")
        await it.press("c")
        await it.until(lambda: requests(timed_stage) == [("cancel", job.id)])


async def test_n_and_w_say_so_where_there_is_nothing_to_hurry_or_to_wait_for(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        await it.press("n", "w")
        await it.until(lambda: "no job that waits for another try" in it.toasts)
        await it.until(lambda: "no job that seems stuck" in it.toasts)
        assert "n retry now" not in it.text and "w wait on" not in it.text
    assert requests(stage) == [] and stage.jobs("alpha") == []


@pytest.mark.parametrize(
    ("key", "asked", "kinds"),
    [
        ("w", [("wait", 1)], [JobType.START]),
        ("c", [("cancel", 1)], [JobType.START]),
        ("r", [("cancel", 1)], [JobType.RESTART, JobType.START]),
    ],
)
async def test_what_seems_stuck_has_three_keys_that_work(
    timed_stage: Stage, key: str, asked: Sequence[Any], kinds: Sequence[JobType]
) -> None:
    timed_stage.add("alpha")
    job_stages.stuck(timed_stage, "alpha")
    async with board(timed_stage.home) as it:
        await it.shows("! alpha", "stuck?", "! possibly stuck in pip install 14 min", "c cancel  r restart  w wait on")
        await it.press(key)
        await it.until(lambda: requests(timed_stage) == asked)
        await it.until(lambda: [job.type for job in timed_stage.jobs("alpha")] == kinds)


async def test_an_estimate_moves_with_the_clock_and_admits_that_it_was_wrong(timed_stage: Stage, clock: Clock) -> None:
    timed_stage.add("alpha")
    job = timed_stage.building("alpha")
    job_stages.expect(timed_stage, job, 240, 300)
    async with board(timed_stage.home) as it:
        await it.shows("about 4 min left  from 12 earlier starts")
        clock.pass_(200)
        await it.shows("about 40 s left")
        clock.pass_(50)
        await it.shows("should end any moment")
        clock.pass_(100)
        await it.shows("longer than usual (9 of 10 took at most 6 min)")


async def test_a_failure_names_what_changed_and_t_tries_it_again(timed_stage: Stage) -> None:
    timed_stage.add("alpha")
    job = job_stages.failed_since(timed_stage, "alpha")
    async with board(timed_stage.home) as it:
        await it.shows(
            "✗ start #2 failed  at core › backend",
            "± changed since #1 (good, 2h10m ago): compose file",
            "+2 more",
            "t try again  s start  r restart  l log  h steps",
            "KeyError: 'DATABASE_URL'",
        )
        await it.press("t")
        await it.shows("start #3")
    again = timed_stage.jobs("alpha")[0]
    assert (again.type, again.parent, again.state) == (JobType.START, job.id, JobState.PENDING)


async def test_a_failure_with_nothing_changed_says_that(timed_stage: Stage) -> None:
    timed_stage.add("alpha")
    job_stages.failed_since(timed_stage, "alpha", ())
    async with board(timed_stage.home) as it:
        await it.shows("± nothing that hubtui sees changed since #1")


@pytest.mark.parametrize("size", [(80, 24), (100, 30)])
async def test_the_longest_card_leaves_the_services_and_the_last_lines_in_sight(
    timed_stage: Stage, size: tuple[int, int]
) -> None:
    timed_stage.add("alpha")
    words = "backend exited with code 137 after 12 s, before it was healthy. " * 6
    job_stages.failed_since(timed_stage, "alpha", [f"variable NUMBER_{n} new" for n in range(30)], words)
    async with board(timed_stage.home, size) as it:
        await it.shows("137 = SIGKILL", "t try again  s start", "○ frontend", "KeyError: 'DATABASE_URL'")


async def test_w_shows_the_waterfall_beside_the_last_good_run(timed_stage: Stage, clock: Clock) -> None:
    timed_stage.add("alpha")
    job_stages.whole_start(timed_stage, "alpha", job_stages.Took())
    job_stages.stopped(timed_stage, "alpha")
    clock.pass_(900)
    job_stages.whole_start(timed_stage, "alpha", job_stages.Took(build=41))
    async with board(timed_stage.home, (100, 30)) as it:
        await open_job(it)
        await it.shows("STEPS", "w waterfall", "t do again")
        await it.press("w")
        await it.shows(
            "54 s, 12 s longer than the last good one (#1)",
            "waited 2.1 s for postgres to be healthy",
            "41 s +12 s",
            "◆ critical chain: compose file 0.2 s > pull python:3.12-slim 3.0 s",
            "w steps",
        )
        await it.press("w")
        await it.shows("STEPS", "asked")


async def test_each_try_has_its_own_steps_and_brackets_choose_it(timed_stage: Stage, clock: Clock) -> None:
    timed_stage.add("alpha")
    job = job_stages.retrying(timed_stage, "alpha", 48)
    clock.pass_(50)
    job_stages.next_try(timed_stage, "alpha", job)
    async with board(timed_stage.home, (100, 30)) as it:
        await open_job(it)
        await it.shows("▸ 2  BUILDING", "STEPS of try 2 of 2", "◐ redis")
        assert "postgres" not in it.text
        await it.press("left_square_bracket")
        await it.shows("▸ 1  FAILURE", "STEPS of try 1 of 2", "✓ postgres", "✗ backend", "] later try")
        assert "[ earlier try" not in it.text
        await it.press("w")
        await it.shows("WATERFALL of try 1 of 2", "postgres 1.3 s > redis 1.3 s")
        await it.press("right_square_bracket", "right")
        await it.shows("WATERFALL of try 2 of 2")


async def test_the_page_of_a_job_has_the_keys_that_work_and_only_those(timed_stage: Stage) -> None:
    timed_stage.add("alpha")
    job = job_stages.retrying(timed_stage, "alpha", 48)
    async with board(timed_stage.home, (100, 30)) as it:
        await open_job(it)
        await it.shows("try 2 of 3 in 48 s: network", "n retry now  c give up  l logs  w waterfall")
        assert "try again" not in it.text and "wait on" not in it.text
        await it.press("n")
        await it.until(lambda: requests(timed_stage) == [("retry_now", job.id)])
        await it.press("t", "W", "r")
        await it.until(lambda: "has not ended yet" in it.toasts and it.toasts.count("does not seem stuck") == 2)


async def test_the_page_of_a_stuck_job_waits_on_with_W(timed_stage: Stage) -> None:
    timed_stage.add("alpha")
    job = job_stages.stuck(timed_stage, "alpha")
    async with board(timed_stage.home, (100, 30)) as it:
        await open_job(it)
        await it.shows("c cancel  r restart  W wait on")
        await it.press("W")
        await it.until(lambda: requests(timed_stage) == [("wait", job.id)])


async def test_the_page_of_a_failed_job_tries_it_again(timed_stage: Stage) -> None:
    timed_stage.add("alpha")
    job = job_stages.failed_since(timed_stage, "alpha")
    async with board(timed_stage.home, (100, 40)) as it:
        await open_job(it)
        await it.shows("± changed since #1", "t try again  l log  w waterfall")
        await it.press("t")
        await it.until(lambda: timed_stage.jobs("alpha")[0].parent == job.id)


async def test_the_project_says_what_its_first_and_its_later_starts_took(timed_stage: Stage, clock: Clock) -> None:
    timed_stage.add("alpha")
    job_stages.whole_start(timed_stage, "alpha", job_stages.Took(build=130))
    async with board(timed_stage.home) as it:
        await it.shows("4/4 healthy", "start #1", "in 2:23")
        assert "first start" not in it.text
        job_stages.stopped(timed_stage, "alpha")
        for build in (10, 20, 60):
            clock.pass_(900)
            job_stages.whole_start(timed_stage, "alpha", job_stages.Took(build=build))
            job_stages.stopped(timed_stage, "alpha")
        await it.shows("first start 2:23, later 33 s (median of 3)")
