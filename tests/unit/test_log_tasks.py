"""What the reader of a log view does in slices: nothing between two of its answers is ever missing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from hubtui.logs.lines import Chunk, Line, Lines, Match, Place
from hubtui.logs.opening import open_lines
from hubtui.logs.patterns import Pattern
from hubtui.logs.search import Search
from hubtui.messages import LogLooking, LogMore, LogNothing, LogWindow
from hubtui.workers.log import goals
from hubtui.workers.log.export import _Heads
from hubtui.workers.log.goals import Goal, ToEdge, ToHit, ToNearest, ToNumber
from hubtui.workers.log.tasks import follow_on, open_window, read_more
from hubtui.workers.log.wishes import Extension, Wish
from tests.doubles.memorylines import MemoryLines


class Hasty:
    """Lines of which one look sees ten at most, as where a filter leaves little of much."""

    def __init__(self, lines: Lines, keeps: str) -> None:
        self._lines, self._keeps = lines, Pattern(keeps)

    def read(self, place: Place, n: int, *, back: bool = False, match: Match | None = None, until: float) -> Chunk:
        chunk = self._lines.read(place, min(n, 10), back=back, until=until)
        return Chunk(tuple(filter(self._keeps, chunk.lines)), chunk.reached, chunk.done)

    def fraction(self, place: Place) -> float:
        return self._lines.fraction(place)


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    path = tmp_path / "a.log"
    path.write_text("".join(f"line {n}\n" for n in range(1000)))
    return open_lines([path])


@pytest.mark.parametrize("back", [False, True])
def test_answers_in_pieces_join_without_a_hole_however_little_is_found(lines: Lines, back: bool) -> None:
    hasty = Hasty(lines, "00")
    edge = lines.end if back else lines.start
    told = list(read_more(hasty, Extension(1, edge, 100, back)))  # type: ignore[arg-type]
    looked = [message.fraction for message in told if isinstance(message, LogLooking)]
    assert looked and looked == sorted(looked) and 0 < looked[0] < looked[-1] <= 1
    found: list[Line] = []
    for message in told:
        if isinstance(message, LogMore):
            assert message.place == edge
            edge = message.reached
            found = [*message.lines, *found] if back else [*found, *message.lines]
            assert message.goes_on == (message is not told[-1])
    assert [line.raw for line in found] == [b"line %d" % n for n in range(100, 1000, 100)]


def go(lines: Lines, goal: Goal, search: Search | None = None) -> LogWindow | LogNothing:
    """The answer to a wish."""
    *_, last = open_window(lines, search, Wish(1, goal, 5, 5))
    assert isinstance(last, LogWindow | LogNothing)
    return last


def first(answer: LogWindow | LogNothing) -> bytes:
    assert isinstance(answer, LogWindow)
    return answer.lines[answer.at].raw


def test_going_to_a_hit_and_round_the_end(lines: Lines) -> None:
    search = Search(lines, Pattern("line 99"))
    places = {line.raw: line.place for line in lines.read(lines.start, 1000, until=float("inf")).lines}
    assert first(go(lines, ToHit(lines.start), search)) == b"line 99"
    assert first(go(lines, ToHit(places[b"line 500"], back=True), search)) == b"line 99"
    round_it = go(lines, ToHit(lines.end), search)
    assert first(round_it) == b"line 99" and isinstance(round_it, LogWindow) and "top" in round_it.note
    assert first(go(lines, ToNearest(lines.end), search)) == b"line 999"
    assert isinstance(go(lines, ToHit(lines.start), Search(lines, Pattern("nowhere"))), LogNothing)
    assert isinstance(go(lines, ToNearest(lines.start), None), LogNothing)


@pytest.mark.parametrize("at", [0, 300, 1000])
@pytest.mark.parametrize("goal", [ToNearest, ToHit, partial(ToHit, back=True)])
def test_how_far_a_search_is_grows_from_nothing_to_all(
    monkeypatch: pytest.MonkeyPatch, at: int, goal: Callable[[Place], Goal]
) -> None:
    monkeypatch.setattr(goals, "SLICE", 0.0)
    lines = MemoryLines([b"a line"] * 1000)
    lines.slice_ = 10
    *told, last = open_window(lines, Search(lines, Pattern("nowhere")), Wish(1, goal(at), 5, 5))
    looked = [message.fraction for message in told if isinstance(message, LogLooking)]
    assert looked == sorted(looked) and looked[0] < 0.1 and 0.9 < looked[-1] <= 1
    assert isinstance(last, LogNothing)


def test_a_window_is_what_was_asked_for_around_its_place(lines: Lines) -> None:
    answer = go(lines, ToNumber(501))
    assert isinstance(answer, LogWindow)
    assert [line.raw for line in answer.lines] == [b"line %d" % n for n in range(495, 505)] and answer.at == 5
    top = go(lines, ToEdge(end=False))
    assert isinstance(top, LogWindow) and top.at == 0 and top.at_start and not top.at_end


def test_of_what_came_all_is_told_or_only_the_end_where_it_is_more_than_a_screen(lines: Lines) -> None:
    seen = lines.read(lines.start, 990, until=float("inf"))
    few = follow_on(lines, 1, seen.reached, 50)
    assert isinstance(few, LogMore) and len(few.lines) == 10 and few.done
    flood = follow_on(lines, 1, lines.start, 50)
    assert isinstance(flood, LogWindow) and [line.raw for line in flood.lines][-1] == b"line 999"
    assert len(flood.lines) == 50 and flood.at_end and not flood.at_start


def test_a_line_of_hubtuis_own_is_exported_with_the_milliseconds_it_has(lines: Lines) -> None:
    line = lines.read(lines.start, 1, until=time.monotonic() + 10).lines[0]
    line = replace(line, stream="out", time=1_795_662_245.123)
    assert _Heads(lines)(line) == "2026-11-26T03:04:05.123Z "
