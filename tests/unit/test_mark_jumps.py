"""Going from mark to mark: which is next, and what is said of it and of those that a filter hides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from hubtui.logs.filtered import Filtered
from hubtui.logs.filters import Filters
from hubtui.logs.levels import level_of
from hubtui.logs.lines import Lines
from hubtui.logs.marks import Mark
from hubtui.logs.opening import open_lines
from hubtui.logs.patterns import Pattern
from hubtui.messages import LogMarksGone, LogNothing, LogWindow
from hubtui.workers.log.marks import ToMark, tell_gone
from hubtui.workers.log.tasks import open_window
from hubtui.workers.log.wishes import Wish


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.log"
    path.write_text("".join(f"line {n}\n" for n in range(1000)))
    return path


@pytest.fixture
def lines(path: Path) -> Lines:
    return open_lines([path])


def mark(lines: Lines, number: int) -> Mark:
    """The line with so many before it."""
    line = lines.read(lines.start, number + 1, until=float("inf")).lines[number]
    assert line.raw == b"line %d" % number
    return Mark(lines.origin(line), line.place)


def go(lines: Lines, base: Lines, marked: Sequence[int], here: int, back: bool = False) -> tuple[int | None, str]:
    """(the line that a jump leads to, what is said)"""
    marks = [mark(base, number) for number in marked]
    *_, last = open_window(lines, None, Wish(1, ToMark(marks, mark(base, here), back), 5, 5))
    if isinstance(last, LogNothing):
        return None, last.sentence
    assert isinstance(last, LogWindow) and last.hit
    return int(last.lines[last.at].raw.split()[1]), last.note


@pytest.mark.parametrize(
    ("here", "back", "expected"),
    [
        (0, False, (100, "mark 1 of 3")),
        (100, False, (500, "mark 2 of 3")),
        (499, False, (500, "mark 2 of 3")),
        (501, False, (900, "mark 3 of 3")),
        (900, False, (100, "mark 1 of 3  Went on from the top.")),
        (999, False, (100, "mark 1 of 3  Went on from the top.")),
        (999, True, (900, "mark 3 of 3")),
        (900, True, (500, "mark 2 of 3")),
        (101, True, (100, "mark 1 of 3")),
        (100, True, (900, "mark 3 of 3  Went on from the end.")),
        (0, True, (900, "mark 3 of 3  Went on from the end.")),
    ],
)
def test_the_next_and_the_one_before_whatever_was_marked_first(
    lines: Lines, here: int, back: bool, expected: tuple[int, str]
) -> None:
    assert go(lines, lines, [500, 900, 100], here, back) == expected


def test_the_only_mark_is_next_to_itself(lines: Lines) -> None:
    assert go(lines, lines, [7], 7) == (7, "mark 1 of 1  Went on from the top.")
    assert go(lines, lines, [7], 7, back=True) == (7, "mark 1 of 1  Went on from the end.")


@pytest.mark.parametrize(
    ("marked", "here", "back", "expected"),
    [
        ([100, 777, 900], 0, False, (777, "mark 2 of 3, 2 hidden by the filters")),
        ([100, 777, 900], 999, True, (777, "mark 2 of 3, 2 hidden by the filters")),
        ([100, 777, 900], 777, False, (777, "mark 2 of 3, 2 hidden by the filters  Went on from the top.")),
        ([77, 777], 77, False, (777, "mark 2 of 2")),
        ([100, 101], 0, False, (None, "2 marks, all hidden by the filters.")),
        ([100], 0, True, (None, "1 mark, hidden by the filters.")),
    ],
)
def test_marks_that_a_filter_hides_are_passed_over_and_counted(
    lines: Lines, marked: list[int], here: int, back: bool, expected: tuple[int | None, str]
) -> None:
    filtered = Filtered(lines, Filters().add(Pattern("77")), level_of)
    assert go(filtered, lines, marked, here, back) == expected


def test_a_mark_on_a_line_of_context_is_not_hidden(lines: Lines) -> None:
    filtered = Filtered(lines, Filters().add(Pattern("777")), level_of, 2)
    assert go(filtered, lines, [775, 780], 0) == (775, "mark 1 of 2, 1 hidden by the filters")


def test_marks_of_lines_that_are_gone_are_told_and_no_jump_leads_to_them(path: Path, lines: Lines) -> None:
    marks = [mark(lines, 3), mark(lines, 2)]
    assert list(tell_gone(5, marks)(lines)) == []
    path.write_text("another\n" * 1000)
    lines.refresh()
    [told] = tell_gone(5, marks)(lines)
    assert isinstance(told, LogMarksGone)
    assert (told.opening, told.gone) == (5, frozenset(m.origin for m in marks))
    *_, last = open_window(lines, None, Wish(1, ToMark(marks, marks[0]), 5, 5))
    assert isinstance(last, LogNothing) and last.sentence == "No marked line is there any more."
