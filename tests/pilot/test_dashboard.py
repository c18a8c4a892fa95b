"""What the dashboard shows of a store, and how it keeps up with it."""

from __future__ import annotations

import os
import threading

from hubtui import messages
from hubtui.models import Service, ServiceState
from hubtui.screens.dashboard import DashboardScreen
from hubtui.store import services
from tests.pilot.conftest import board
from tests.pilot.stage import Stage


async def test_empty_says_what_to_press_first(stage: Stage) -> None:
    async with board(stage.home) as it:
        await it.shows("No projects yet.", "a  add", "hubtui demo", "leave")
        await it.press("s")
        await it.until(lambda: "Press a to add one" in it.toasts)


async def test_a_job_of_somebody_else_is_seen_as_it_moves(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        job = stage.building("alpha")
        await it.shows("start #1", "63 %", "pip install 7/12", "waits for backend")
        stage.progress(job, 80, "starting backend")
        await it.shows("80 %", "starting backend")


async def test_reopened_it_shows_the_job_that_goes_on(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home):
        pass
    stage.building("alpha")
    async with board(stage.home) as it:
        await it.shows("start #1", "BUILDING", "63 %")


async def test_the_first_paint_already_has_the_projects(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        listed = next(i for i, m in enumerate(it.posted) if isinstance(m, messages.ProjectsListed))
        assert it.app.desk.listing[0].name == "alpha"
        assert listed > 0


async def test_rows_keep_up_after_a_first_start_has_made_the_table_grow(stage: Stage) -> None:
    stage.add("alpha", ())
    async with board(stage.home) as it:
        rows = [Service(name, ServiceState.STOPPED) for name in ("postgres", "redis", "backend")]
        stage.write(lambda con: services.declare(con, "alpha", rows, [row.name for row in rows]))
        _, run = stage.begin("alpha")
        await it.shows("○ postgres stopped", "○ backend  stopped")
        stage.service("alpha", "postgres", run, state="running", health="healthy")
        await it.shows("● postgres running  ✓ ")


async def test_the_service_under_the_cursor_tells_its_ports_and_what_to_know_of_it(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    stage.on_dagger("alpha")
    async with board(stage.home) as it:
        await it.shows("dagger v0.21.8", "! postgres: the volume pgdata", "tab reads it")
        await it.press("tab")
        await it.shows("127.0.0.1:5432  3 open  1 M/80 M", "! the volume pgdata is a cache of the engine")
        await it.press("j")
        await it.shows("127.0.0.1:6379  0 open  0 B/0 B")
        await it.until(lambda: "pgdata" not in it.text)
        await it.press("escape")
        await it.shows("tab reads it")


async def test_what_stands_still_is_not_painted(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    stage.on_dagger("alpha")
    async with board(stage.home, (140, 40)) as it:
        await it.press("tab")
        await it.shows("3  1 M/80 M", "3 open")
        seen = it.app.desk.views["alpha"]
        stage.beat("alpha", bytes_out=(80 << 20) + 4096)  # less than anybody would notice
        await it.pilot.pause(1.5)  # the feed has looked at the heartbeat at least once
        assert it.app.desk.views["alpha"] is seen
        stage.beat("alpha", bytes_out=96 << 20)
        await it.shows("1 M/96 M")


async def test_a_failure_is_one_card_with_the_last_lines_and_the_keys(stage: Stage) -> None:
    stage.add("alpha")
    stage.failed("alpha")
    async with board(stage.home) as it:
        await it.shows(
            "✗ start #1 failed",
            "core › backend",
            "exited with code 2",
            "→ See its last lines",
            "t try again  s start  r restart",
            "LOG backend",
            "KeyError: 'DATABASE_URL'",
        )


async def test_a_lost_run_says_who_was_killed_and_s_starts_it_again(stage: Stage) -> None:
    stage.add("alpha")
    stage.lost("alpha")
    async with board(stage.home) as it:
        await it.shows("✗ lost", "the runner was killed by SIGKILL", "s start again")
        await it.press("s")
        await it.shows("start #2")


async def test_a_silent_runner_is_unresponsive_and_said_so(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    os.close(stage._leases.pop())
    stage.hold("alpha", age=60)
    async with board(stage.home) as it:
        await it.shows("? alpha", "unresponsive", f"pid {os.getpid()}")


async def test_usage_comes_from_the_heartbeat(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    async with board(stage.home) as it:
        await it.shows("● up", "✓ 1 ms", "49 M", "7 %")


async def test_two_dashboards_on_one_store_see_each_other(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home) as one, board(stage.home) as two:
        await one.press("s")
        await two.shows("start #1", "PENDING")
        await two.press("c")
        await one.shows("REVOKED")


async def test_a_job_elsewhere_is_told_in_a_corner(stage: Stage) -> None:
    stage.add("alpha")
    stage.add("beta")
    async with board(stage.home) as it:
        stage.failed("beta")
        await it.until(lambda: "beta: start #1 FAILURE: backend exited" in it.toasts)


async def test_it_survives_a_store_that_goes_away_and_comes_back(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        away = stage.home.database.with_suffix(".away")
        stage.home.database.rename(away)
        await it.shows("✗ The store", "missing")
        away.rename(stage.home.database)
        await it.until(lambda: it.app.desk.trouble is None)
        stage.add("beta")
        await it.shows("beta")
        assert "missing" not in it.text


async def test_it_opens_on_a_damaged_store_and_says_so(stage: Stage) -> None:
    for path in (stage.home.database, stage.home.database.with_name("hubtui.db-wal")):
        path.write_bytes(b"this is not a database, and was never one" * 100)
    async with board(stage.home) as it:
        await it.shows("damaged", "Running stacks are untouched")
        assert "no projects" not in it.text.lower(), "that is not known"


async def test_nothing_is_posted_while_nothing_happens(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    async with board(stage.home) as it:
        await it.shows("4/4 healthy")
        await it.pilot.pause(0.5)
        before = [m for m in it.posted if m.__module__ == "hubtui.messages"]
        await it.pilot.pause(2.5)
        assert [m for m in it.posted if m.__module__ == "hubtui.messages"] == before


async def test_hostile_text_is_shown_and_does_nothing(stage: Stage) -> None:
    nasty = "[@click=app.exit]x[/] [/b] \x1b]0;title\x07\x1b[2J \x9b31m \u202eevil"
    stage.add("alpha")
    stage.failed("alpha", nasty)
    stage.say("alpha", "backend", [nasty, "hello\rworld"])
    async with board(stage.home) as it:
        await it.shows("[@click=app.exit]x[/] [/b]", "world")
        assert not set("\x1b\x9b\x07\u202e") & set(it.text)
        await it.press("h", "enter")
        await it.shows("[@click=app.exit]x[/] [/b]")
        it.app.screen.tell(nasty, nasty)  # type: ignore[attr-defined]
        await it.pilot.pause(0.1)


async def test_narrow_shows_one_column_at_a_time(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home, (60, 20)) as it:
        await it.shows("alpha")
        assert "SERVICE" not in it.text
        await it.press("enter")
        await it.shows("SERVICE", "postgres")
        assert "PROJECTS" not in it.text
        await it.press("escape")
        await it.shows("PROJECTS")


async def test_too_small_says_so_and_growing_brings_it_back(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home, (20, 5)) as it:
        await it.shows("too small: hubtui", "needs 40x10")
        await it.pilot.resize_terminal(80, 24)
        await it.shows("PROJECTS", "SERVICE")
        for size in ((1, 1), (200, 60), (39, 9), (80, 24)):
            await it.pilot.resize_terminal(*size)
        await it.shows("PROJECTS", "SERVICE")


async def test_leaving_ends_every_thread(stage: Stage) -> None:
    stage.add("alpha")
    stage.up("alpha")
    before = set(threading.enumerate())
    async with board(stage.home) as it:
        await it.press("h")
        await it.shows("SUCCESS")
        await it.press("enter")
        await it.shows("ann on pts/3")
    left = {t for t in set(threading.enumerate()) - before if not t.name.startswith(("hubtui_", "asyncio_"))}
    for thread in left:
        thread.join(5)  # one that was told to end may still be at it
    assert not [thread for thread in left if thread.is_alive()], (
        "aiosqlite's threads are not daemons: a screen that forgets one keeps the program from ending"
    )


async def test_tab_walks_the_parts_and_the_log_follows_the_cursor(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "redis", ["from redis"])
    stage.say("alpha", "backend", ["from backend"])
    async with board(stage.home) as it:
        await it.shows("LOG all services", "from redis", "from backend")
        await it.press("tab", "j")
        await it.shows("LOG redis", "from redis")
        await it.until(lambda: "from backend" not in it.text)
        assert isinstance(it.app.screen, DashboardScreen)
        await it.press("shift+tab")
        await it.shows("LOG all services")
