"""Other threads of the process, the one that answers keys first of all, go on while a reader reads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

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
