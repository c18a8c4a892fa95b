"""Moving about in the lines that a log view has at hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hubtui.logs.lines import Line
from hubtui.messages import LogMore, LogWindow
from hubtui.widgets.log.page import Page


def lines(first: int, last: int) -> tuple[Line, ...]:
    """Lines whose place is their number; the view has numbers from `first` up to `last` (not included)."""
    return tuple(Line(n, n + 1, str(n).encode(), 1) for n in range(first, last))


def window(first: int, last: int, at: int, *, ends: tuple[bool, bool] = (False, False), hit: bool = False) -> LogWindow:
    return LogWindow(1, lines(first, last), at - first, first, last, *ends, hit)


def page(rows: int = 10, tall: Callable[[Line], int] = lambda line: 1) -> Page:
    made = Page(tall)
    made.rows = rows
    return made


def shown(it: Page) -> list[int]:
    return [int(it.lines[index].raw) for index, _ in it.shown()]


def test_the_end_is_a_full_screen_with_the_cursor_on_its_last_line() -> None:
    it = page()
    it.take(window(80, 100, 100, ends=(False, True)), end=True)
    assert shown(it) == list(range(90, 100))
    assert it.current == it.lines[-1] and it.shows_end


def test_a_place_near_the_end_leaves_no_room_below_the_last_line() -> None:
    it = page()
    it.take(window(80, 100, 97, ends=(False, True)))
    assert shown(it) == list(range(90, 100))
    assert it.current is not None and it.current.raw == b"97"


def test_few_lines_stand_at_the_top() -> None:
    it = page()
    it.take(window(0, 3, 3, ends=(True, True)), end=True)
    assert shown(it) == [0, 1, 2]


def test_the_cursor_moves_the_screen_only_at_its_edges() -> None:
    it = page()
    it.take(window(0, 50, 20))
    it.move(5)
    assert (shown(it)[0], it.current and it.current.raw) == (20, b"25")
    it.move(6)
    assert (shown(it)[0], shown(it)[-1]) == (22, 31)
    it.move(-12)
    assert shown(it)[0] == 19


def test_pages_scrolled_beyond_what_is_at_hand_are_owed_and_paid() -> None:
    it = page()
    it.take(window(100, 120, 110))
    for _ in range(3):
        it.page(-9)
    assert shown(it)[0] == 100 and it.owed == -17
    assert it.wants()[0]
    it.add(LogMore(1, True, 100, lines(70, 100), 70, False))
    assert shown(it)[0] == 83 and it.owed == 0


def test_nothing_is_owed_beyond_the_ends() -> None:
    it = page()
    it.take(window(0, 30, 0, ends=(True, True)))
    it.page(-9)
    assert (shown(it)[0], it.owed, it.cursor) == (0, 0, 0)
    for _ in range(5):
        it.page(9)
    assert (shown(it)[-1], it.owed, it.cursor) == (29, 0, 29)


def test_a_hit_on_the_screen_moves_only_the_cursor_and_another_one_stands_in_its_upper_third() -> None:
    it = page(9)
    it.take(window(0, 50, 10))
    it.take(window(5, 60, 14, hit=True))
    assert (shown(it)[0], it.current and it.current.raw) == (10, b"14")
    it.take(window(200, 260, 230, hit=True))
    assert (shown(it)[0], it.current and it.current.raw) == (227, b"230")


def test_lines_far_off_are_dropped_and_read_again_from_where_they_were() -> None:
    it = page()
    it.take(window(0, 100, 0, ends=(True, False)))
    for first in range(100, 2000, 100):
        it.page(90)
        it.add(LogMore(1, False, first, lines(first, first + 100), first + 100, False))
    assert len(it.lines) < 700
    assert it.above == int(it.lines[0].raw) and not it.at_start
    for _ in range(40):
        it.page(-40)
    assert it.wants()[0]
    below = it.lines[0].place
    it.add(LogMore(1, True, below, lines(0, int(it.lines[0].raw)), 0, True))
    assert [int(line.raw) for line in it.lines] == list(range(len(it.lines)))


@pytest.mark.parametrize("high", [4, 25])
def test_wrapped_lines_scroll_by_rows_and_a_line_higher_than_the_screen_is_read_whole(high: int) -> None:
    it = page(10, lambda line: high if line.raw == b"5" else 1)
    it.take(window(0, 50, 4))
    seen = set()
    for _ in range(high + 6):
        seen |= {(int(it.lines[index].raw), part) for index, part in it.shown()}
        it.move(1)
    assert {(5, part) for part in range(high)} <= seen
    for _ in range(high + 6):
        it.move(-1)
    assert it.current is not None and int(it.current.raw) <= 5


def test_the_end_of_a_wrapped_line_is_shown_at_the_end() -> None:
    it = page(10, lambda line: 25)
    it.take(window(0, 5, 5, ends=(True, True)), end=True)
    assert list(it.shown()) == [(4, part) for part in range(15, 25)]


def test_what_comes_while_following_stays_at_the_end_and_is_added_below_a_reader() -> None:
    it = page()
    it.take(window(0, 20, 20, ends=(True, True)), end=True)
    it.add(LogMore(1, False, 20, lines(20, 23), 23, True), end=True)
    assert shown(it)[-1] == 22
    it.page(-9)
    top = shown(it)[0]
    it.add(LogMore(1, False, 23, lines(23, 30), 30, True))
    assert shown(it)[0] == top


def test_another_size_keeps_the_cursor_in_sight() -> None:
    it = page(20)
    it.take(window(0, 50, 10))
    it.move(15)
    it.resize(5, end=False)
    assert 25 in shown(it)
