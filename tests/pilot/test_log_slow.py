"""A log view answers keys at once, whatever its files do: a disk that stands still, a search that takes for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from hubtui.log_app import LogApp
from hubtui.logs.lines import Lines
from tests.doubles.gatedlines import GatedLines
from tests.pilot.test_log_view import Reader, write

AT_ONCE = 1.0  # seconds; a key takes a few milliseconds, a loaded machine that tests takes longer


class GatedApp(LogApp):
    """A view whose files wait for a gate."""

    def __init__(self, file: Path, gate: threading.Event) -> None:
        super().__init__([file])
        self._gate = gate
        self.gated: GatedLines | None = None

    def _open(self) -> Lines:
        self.gated = GatedLines(super()._open(), self._gate)
        return cast(Lines, self.gated)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    made = threading.Event()
    yield made
    made.set()  # a thread that still waits would keep the test from ending


@pytest.fixture
def app(tmp_path: Path, gate: threading.Event) -> GatedApp:
    return GatedApp(write(tmp_path / "slow.log", [f"line {i}" for i in range(1000)]), gate)


async def quickly(it: Reader, *words: str) -> None:
    begun = time.monotonic()
    await it.shows(*words)
    assert time.monotonic() - begun < AT_ONCE


async def test_keys_are_answered_while_the_disk_stands_still(app: GatedApp, gate: threading.Event) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        it = Reader(app, pilot)
        await quickly(it, "reading ...")
        await it.press("question_mark")
        await quickly(it, "Keys of a log")
        await it.press("escape", "f")
        await quickly(it, "Filters of this log")
        await it.press("escape", "slash", *"line 5")
        await quickly(it, "/ line 5")
        await it.press("escape")
        gate.set()
        await it.shows("line 999", "follow")
        gate.clear()
        await it.press("pageup", "w", "k")
        await quickly(it, "wrap", "paused")
        gate.set()


async def test_the_newest_wish_is_heard_while_an_older_one_is_looked_for(app: GatedApp, gate: threading.Event) -> None:
    gate.set()
    async with app.run_test(size=(80, 24)) as pilot:
        it = Reader(app, pilot)
        await it.shows("line 999", "follow")
        assert app.gated is not None
        app.gated.slow = True
        await it.press("slash", *"line 5")
        await it.shows("looking ...")
        looks = app.gated.looks
        await it.until(lambda: app.gated is not None and app.gated.looks > looks + 2)
        await it.press("escape", "g")
        await quickly(it, "line 0", "paused")
        await it.press("slash", *"line 5", "enter")
        await it.shows("looking ...")
        await it.press("colon", *"500", "enter")
        await quickly(it, "line 499")
        app.gated.slow = False
        await it.press("n")
        await it.shows("line 500", "of 111")


async def test_leaving_while_a_file_is_written_is_asked_for_twice(
    app: GatedApp, gate: threading.Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "out.log"
    gate.set()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        it = Reader(app, pilot)
        await it.shows("line 999", "follow")
        gate.clear()
        await it.press("e", "ctrl+t", "ctrl+t", "ctrl+u")
        await it.type("out.log")
        await it.press("enter")
        await it.press("q")
        await quickly(it, "out.log is still being written.")
        assert app.is_running and not target.exists()
        gate.set()
        await it.until(target.exists)
        await it.shows("Wrote 1,000 lines")
        assert len(target.read_text().splitlines()) == 1000

        gate.clear()
        await it.press("e", "ctrl+t", "ctrl+t", "ctrl+u")
        await it.type("other.log")
        await it.press("enter", "q")
        await quickly(it, "other.log is still being written")
        await it.press("q")
        await it.until(lambda: app._exit)
        gate.set()
    assert [file.name for file in tmp_path.iterdir() if "other" in file.name] == []
