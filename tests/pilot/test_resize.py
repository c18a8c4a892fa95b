"""A terminal that was made tiny, and large again: every screen looks as it did."""

from __future__ import annotations

import re

import pytest

from tests.pilot.conftest import board
from tests.pilot.stage import Stage

SIZE, TINY = (80, 24), (20, 5)
_TIMES = re.compile(r"<1m|\d+:\d\d:\d\d|\d+ s")  # what goes on meanwhile


def still(text: str) -> str:
    return _TIMES.sub("~", text)


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ("", "SERVICE"),
        ("question_mark", "COMMANDS"),
        ("h", "SAID"),
        ("h enter", "asked"),
        ("h enter w", "critical chain"),
        ("h s", "MEDIAN"),
        ("d", "Forget"),
        ("a", "TEMPLATE"),
    ],
)
async def test_a_tiny_terminal_that_grows_again_shows_all_it_did(stage: Stage, keys: str, word: str) -> None:
    stage.add("alpha-with-a-name-that-is-rather-long")
    stage.failed("alpha-with-a-name-that-is-rather-long")
    async with board(stage.home, SIZE) as it:
        await it.press(*keys.split())
        await it.shows(word)
        before = still(it.text)
        await it.pilot.resize_terminal(*TINY)
        await it.until(lambda: word not in it.text or "too small" in it.text)
        await it.pilot.resize_terminal(*SIZE)
        await it.until(lambda: still(it.text) == before)


async def test_a_filter_that_finds_none_leaves_the_panel_as_wide_as_it_was(stage: Stage) -> None:
    stage.add("alpha-with-a-name-that-is-rather-long")
    async with board(stage.home, SIZE) as it:
        await it.shows("never started")
        before = it.text
        await it.press("slash", "z", "z")
        await it.shows("0 of 1", "No project's name holds this.", "esc shows all again")
        assert "No projects yet" not in it.text
        await it.press("escape")
        await it.until(lambda: it.text == before)
