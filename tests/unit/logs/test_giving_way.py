"""Other threads of the process, the one that answers keys first of all, go on while a reader reads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hubtui.logs.filtered import Filtered
from hubtui.logs.filters import Filters
from hubtui.logs.levels import Level, level_of
from hubtui.logs.lines import Lines
from hubtui.logs.opening import open_lines
from hubtui.logs.patterns import Pattern
from hubtui.logs.search import Search

NAPS, NAP = 60, 0.001
LINE = b"10.0.0.7 - - GET /api/orders 200 1.3 ms\n"


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    file = tmp_path / "a.log"
    file.write_bytes(LINE * 800_000)
    return open_lines([file])


def lateness(reads: Callable[[], object]) -> float:
    """How many seconds nine of ten naps of a thread are late at most, while another reads again and again."""
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            reads()

    reader = threading.Thread(target=run)
    reader.start()
    late = []
    try:
        for _ in range(NAPS):
            began = time.monotonic()
            time.sleep(NAP)
            late.append(time.monotonic() - began - NAP)
    finally:
        over.set()
        reader.join()
    return sorted(late)[NAPS * 9 // 10]


@pytest.mark.timed
@pytest.mark.parametrize("typed", ["in-no-line", "GET"], ids=["without hits", "a hit in each line"])
def test_a_search_keeps_no_other_thread_waiting(lines: Lines, typed: str) -> None:
    search = Search(lines, Pattern(typed))

    def reads() -> None:
        if search.count(time.monotonic() + 0.03).exact:
            search.forget()

    assert lateness(reads) < 0.03


@pytest.mark.timed
@pytest.mark.parametrize(
    "filters",
    [
        Filters().add(Pattern("GET"), hides=True),
        Filters().add(Pattern(r"\d ms$", regex=True)).add(Pattern("GET"), hides=True),
        Filters(level=Level.WARNING),
        Filters().add(Pattern("GET")),
    ],
    ids=["hiding all", "regex", "level", "showing all"],
)
def test_a_filter_keeps_no_other_thread_waiting(lines: Lines, filters: Filters) -> None:
    left = Filtered(lines, filters, level_of)
    place = left.start

    def reads() -> None:
        nonlocal place
        chunk = left.read(place, 10_000, until=time.monotonic() + 0.03)
        place = left.start if chunk.done else chunk.reached

    assert lateness(reads) < 0.03


@pytest.mark.timed
@pytest.mark.parametrize("row", [b"xerror\n", b"ERROR:\n", b"\n"], ids=["all asked", "all meant", "empty"])
@pytest.mark.parametrize("back", [False, True], ids=["forwards", "backwards"])
def test_a_look_ends_in_time_however_short_the_lines_are(tmp_path: Path, row: bytes, back: bool) -> None:
    file = tmp_path / "short.log"
    file.write_bytes(row * 400_000)
    lines = Filtered(open_lines([file]), Filters(level=Level.ERROR), level_of)
    place, over = lines.end if back else lines.start, []
    for _ in range(20):
        until = time.monotonic() + 0.01
        chunk = lines.read(place, 50, back=back, until=until)
        over.append(time.monotonic() - until)
        place = chunk.reached
        if chunk.done:
            break
    assert sorted(over)[len(over) // 2] < 0.04
