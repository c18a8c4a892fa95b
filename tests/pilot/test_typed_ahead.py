"""Keys that come faster than screens: each does what it would do if the one before had been waited for."""

from __future__ import annotations

import random
from pathlib import Path

from textual import events
from textual.app import App

from hubtui.log_app import LogApp
from hubtui.screens.log.panel import LogPanel
from hubtui.widgets.log.view import LogView
from tests.pilot.conftest import board
from tests.pilot.stage import Stage
from tests.pilot.test_log_view import Reader, write

NAMES = {
    ":": "colon",
    "\r": "enter",
    "/": "slash",
    "&": "ampersand",
    "\x1b": "escape",
    " ": "space",
    ".": "full_stop",
    "'": "apostrophe",
}


def burst(app: App[None], text: str) -> None:
    """All of these keys at once, as a line that stood still for a while brings them."""
    for character in text:
        app.post_message(events.Key(NAMES.get(character, character), character))


async def test_a_prompt_that_is_closed_gets_no_more_keys(tmp_path: Path) -> None:
    app = LogApp([write(tmp_path / "a.log", [f"line {i}." for i in range(3000)])])
    async with app.run_test(size=(80, 24)) as pilot:
        it = Reader(app, pilot)
        await it.shows("line 2999.", "follow")
        view, panel = app.query_one(LogView), app.query_one(LogPanel)
        rnd = random.Random(1)
        for _ in range(10):
            numbers = rnd.sample(range(1, 3000), 3)
            burst(app, "".join(f":{number + 1}\rm" for number in numbers))
            await it.until(lambda: len(panel.marks.all) == 3)
            burst(app, "g")
            for number in sorted(numbers):
                burst(app, "'")
                await it.until(lambda there=f"line {number}.": at_cursor(view) == there)  # type: ignore[misc]
            burst(app, "C")
            await it.until(lambda: not panel.marks.all)
        burst(app, "/line 77.\rn&78\rw")
        await it.shows("line 78", "wrap", "FILTER")


async def test_what_is_typed_for_a_dialog_is_in_it(tmp_path: Path) -> None:
    app = LogApp([write(tmp_path / "a.log", [f"line {i}." for i in range(100)])])
    async with app.run_test(size=(80, 24)) as pilot:
        it = Reader(app, pilot)
        await it.shows("line 99.", "follow")
        burst(app, "e")
        burst(app, "typed-ahead")
        await it.shows("Write to a file", "typed-ahead")
        burst(app, "\x1b?\x1b:5\r")
        await it.shows("line 4.")
        await it.until(lambda: at_cursor(app.query_one(LogView)) == "line 4.")


def at_cursor(view: LogView) -> str:
    return view.page.current.raw.decode() if view.page.current is not None else ""


async def test_keys_go_through_the_screens_of_the_dashboard(stage: Stage) -> None:
    for name in ("alpha", "beta", "gamma"):
        stage.add(name)
    async with board(stage.home) as it:
        await it.shows("alpha", "beta", "gamma")
        await it.until(lambda: "│ alpha " in it.text)
        burst(it.app, "?\x1bh\x1bjj/bet\r")
        await it.until(lambda: "│ beta " in it.text and "gamma" not in it.text)
        burst(it.app, "\x1bG")
        await it.until(lambda: "│ gamma " in it.text)
