"""The log on the whole screen, and the view of it that both screens share."""

from __future__ import annotations

from hubtui.screens.logs import LogsScreen
from hubtui.widgets.log_tail import LIMIT, LogTail
from tests.pilot.conftest import Board, board
from tests.pilot.stage import Stage


def screen(it: Board) -> LogsScreen:
    found = it.app.screen
    assert isinstance(found, LogsScreen)
    return found


def view(it: Board) -> LogTail:
    return screen(it).log_tail


async def test_it_follows_until_the_user_scrolls_and_then_counts(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "backend", [f"line {i}" for i in range(100)])
    async with board(stage.home) as it:
        await it.press("l", "3")
        await it.shows("line 99", "follow")
        stage.say("alpha", "backend", ["line 100"])
        await it.shows("line 100")
        await it.press("k", "k", "k")
        await it.shows("paused, G to follow")
        stage.say("alpha", "backend", ["line 101", "line 102"])
        await it.shows("+2 new lines, G to follow")
        assert "line 102" not in it.text
        await it.press("G")
        await it.shows("line 102", "follow")
        await it.press("g")
        await it.shows("line 0")


async def test_services_are_picked_by_number_and_in_turn(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "redis", ["from redis"])
    stage.say("alpha", "backend", ["from backend"])
    async with board(stage.home) as it:
        await it.press("l")
        await it.shows("from redis", "from backend", "all services")
        await it.press("2")
        await it.until(lambda: "from backend" not in it.text)
        await it.press("n")
        await it.shows("from backend")
        await it.press("0")
        await it.shows("from redis", "from backend")


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


async def test_memory_is_bounded_and_a_reader_stays_where_he_was(stage: Stage) -> None:
    stage.add("alpha")
    stage.say("alpha", "backend", [f"line {i}" for i in range(LIMIT)])
    async with board(stage.home) as it:
        await it.press("l", "3")
        await it.shows(f"line {LIMIT - 1}")
        await it.press("pageup")
        top = view(it).lines[view(it).scroll_offset.y].line
        stage.say("alpha", "backend", [f"more {i}" for i in range(700)])
        await it.until(lambda: view(it).unseen == 700)
        assert len(view(it).lines) <= LIMIT
        assert view(it).lines[view(it).scroll_offset.y].line == top


async def test_a_flood_is_cut_for_the_view_and_counted(stage: Stage) -> None:
    stage.add("alpha")
    async with board(stage.home) as it:
        await it.press("l", "3")
        await it.pilot.pause(0.3)
        stage.say("alpha", "backend", [f"{i:06} " + "flood " * 20 for i in range(30_000)])
        await it.shows("029999")
        await it.shows(" M came too fast to show; the file has them")
        assert len(view(it).lines) <= LIMIT
