"""The log on the whole screen: of one service, of several or of all, followed, scrolled, searched and filtered."""

from __future__ import annotations

from hubtui.screens.log.screen import LogsScreen
from hubtui.stacks.engines.base import LogLimits
from hubtui.stacks.logfiles import LogWriter, service_folder
from hubtui.widgets.log.view import LogView
from tests.pilot.conftest import Board, board
from tests.pilot.stage import Stage


def view(it: Board) -> LogView:
    found = it.app.screen
    assert isinstance(found, LogsScreen)
    return found.panel.view


async def test_it_follows_until_the_user_scrolls_and_then_counts(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "backend", [f"line {i}" for i in range(100)])
    async with board(stage.home) as it:
        await it.press("l", "3")
        await it.shows("line 99", "follow")
        stage.say("alpha", "backend", ["line 100"])
        await it.shows("line 100")
        await it.press("k", "k", "k")
        await it.shows("paused, End to follow")
        stage.say("alpha", "backend", ["line 101", "line 102"])
        await it.shows("+2 new lines, End to follow")
        assert "line 102" not in it.text
        await it.press("G")
        await it.shows("line 102", "follow")
        await it.press("g")
        await it.shows("line 0")


async def test_what_came_is_followed_again_once_one_has_scrolled_down_to_it(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "backend", [f"line {i}" for i in range(100)])
    async with board(stage.home) as it:
        await it.press("l", "3")
        await it.shows("line 99", "follow")
        await it.press("pageup")
        await it.shows("paused")
        stage.say("alpha", "backend", ["line 100", "line 101"])
        await it.shows("+2 new lines")
        for _ in range(4):
            await it.press("pagedown")
        await it.shows("line 101", "follow")


async def test_services_are_picked_by_number_in_turn_and_from_a_list(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "postgres", ["from postgres"])
    stage.say("alpha", "redis", ["from redis"])
    stage.say("alpha", "backend", ["from backend"])
    async with board(stage.home) as it:
        await it.press("l")
        await it.shows("from redis", "from backend", "all services", "● ", "■ ")
        await it.press("2")
        await it.until(lambda: "from backend" not in it.text and "from redis" in it.text)
        await it.press("right_square_bracket")
        await it.until(lambda: "from backend" in it.text and "from redis" not in it.text)
        await it.press("left_square_bracket")
        await it.until(lambda: "from redis" in it.text)
        await it.press("0")
        await it.shows("from redis", "from backend", "from postgres")
        await it.press("s")
        await it.shows("4 of 4 chosen")
        await it.press("j", "space")
        await it.shows("3 of 4 chosen")
        await it.press("enter")
        await it.until(lambda: "from backend" in it.text and "from postgres" in it.text and "from redis" not in it.text)
        await it.shows("postgres + backend + frontend")


async def test_wrapped_every_character_can_be_read(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "backend", ["x" * 200 + "END", "last"])
    async with board(stage.home) as it:
        await it.press("l", "3")
        await it.shows("last")
        assert "END" not in it.text
        await it.press("w")
        await it.shows("END", "last")
        await it.pilot.resize_terminal(50, 24)
        await it.shows("END", "last")
        await it.press("w")
        await it.until(lambda: "END" not in it.text)
        for _ in range(12):
            await it.press("right")
        await it.shows("END", "from column")
        stage.say("alpha", "backend", ["more"])
        await it.until(lambda: view(it).page.lines[-1].raw == b"more")
        await it.shows("END", "from column")  # following leaves it where it is


async def test_a_reader_stays_where_he_was_and_memory_is_bounded(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "backend", [f"line {i}" for i in range(5000)])
    async with board(stage.home) as it:
        await it.press("l", "3")
        await it.shows("line 4999")
        for _ in range(3):
            await it.press("pageup")
        await it.shows("paused")
        seen = it.text.splitlines()[5:12]
        stage.say("alpha", "backend", [f"more {i}" for i in range(700)])
        await it.shows("+700 new lines")
        assert it.text.splitlines()[5:12] == seen
        for _ in range(100):
            await it.press("pageup")
        await it.until(lambda: not it.app.screen.query_one(LogView).page.owed)
        assert len(view(it).page.lines) < 1000


async def test_a_flood_shows_its_end_and_nothing_of_it_is_lost(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        await it.press("l", "3")
        await it.shows("nothing was printed yet")
        stage.say("alpha", "backend", [f"{i:06} " + "flood " * 20 for i in range(30_000)])
        await it.shows("029999", "follow")
        for number in ("1", "15000", "29999"):
            await it.press("colon", *number, "enter")
            await it.shows(f"{int(number) - 2 if int(number) > 2 else 0:06}"[:5])
            await it.shows("paused")


async def test_a_run_begins_with_a_line_over_the_whole_width_and_earlier_runs_are_still_there(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "backend", ["printed by run 1"], run=1)
    writer = LogWriter(service_folder(stage.home.logs("alpha"), "backend"), 2, LogLimits())
    writer.note("run 2 begins")
    writer.write("out", b"printed by run 2\n")
    writer.close()
    async with board(stage.home) as it:
        await it.press("l", "3")
        await it.shows("printed by run 1", "── run 2 begins ─────", "printed by run 2")


async def test_every_way_to_the_end_and_to_the_top_that_people_know(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "backend", [f"line {i}" for i in range(200)])
    async with board(stage.home) as it:
        await it.press("l", "3")
        ways = (
            ("g", "G"),
            ("home", "end"),
            ("g", "F"),
            ("less_than_sign", "greater_than_sign"),
            ("ctrl+home", "ctrl+end"),
        )
        for top, end in ways:
            await it.shows("line 199", "follow")
            await it.press(top)
            await it.shows("line 0", "paused")
            await it.press("d")
            await it.until(lambda: " line 0\n" not in it.text and "line 20" in it.text)
            await it.press(end)
