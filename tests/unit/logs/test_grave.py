"""The quick look for grave lines misses none that asking each line finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.logs.grave import Look
from hubtui.logs.levels import Level, level_of
from tests.unit.logs.naive import block_of
from tests.unit.logs.test_levels import LINES

GRAVE = (Level.WARNING, Level.ERROR, Level.FATAL)
STORED = b"2026-11-22T13:40:02.123Z 7 o "
PARTS = [
    "E",
    "W",
    "F",
    "I",
    "C",
    "A",
    "1126",
    " 12:00:00",
    "<",
    ">",
    "3",
    "11",
    "/Tag",
    ": ",
    " (7) ",
    "[",
    "]",
    ", [2026-",
]
PARTS += [
    '{"level":',
    "50",
    "30",
    '"e"',
    "level=",
    "w",
    " # ",
    "*** ",
    "make: ",
    "ERROR",
    "Warning",
    "warn",
    "\x1b[31m",
    " ",
]
PARTS += [
    "\x1b]0;",
    "\x07",
    "2026-11-26T03:12:15Z",
    "2026-11-26T03:12:15+01:00",
    '{"t":{"$date"',
    '"s":"',
    "!",
    "\r",
    "x",
]
PARTS += ["11-26 03:12:15.123  12  12 ", "7:M 26 Nov 2026 03:12:15.123", "Killed", "panic: ", "Exception:", "npm "]


def assert_none_missing(lines: list[bytes]) -> None:
    for stored in (False, True):
        data = b"".join((STORED if stored else b"") + line + b"\n" for line in lines)
        look = Look(block_of(data, stored=stored), level_of)
        levels = [level_of(line) for line in lines]
        assert [look.level(n) for n in range(len(lines))] == levels
        for least in (Level.TRACE, *GRAVE):
            named = {n for n, level in enumerate(levels) if level is not None and level >= least}
            assert named <= {*look.every(least)}, (least, [lines[n] for n in named - {*look.every(least)}])


@pytest.mark.parametrize("line", [text for _, text in LINES])
def test_no_known_programs_line_is_missed(line: str) -> None:
    assert_none_missing([line.encode().replace(b"\n", b" "), b"plain"])


@settings(max_examples=2000, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PARTS), max_size=7).map("".join), max_size=4))
def test_no_line_is_missed(rows: list[str]) -> None:
    assert_none_missing([row.encode() for row in rows])


def test_ordinary_lines_are_not_asked() -> None:
    lines = [text.encode() for level, text in LINES if level is not None and level < Level.WARNING]
    block = b"".join(line.replace(b"\n", b" ") + b"\n" for line in lines if line.count(b"\x1b") == line.count(b"\x1b["))
    assert len(list(Look(block_of(block), level_of).every(Level.ERROR))) < len(lines) / 4


def test_lines_that_name_no_level_are_not_asked_where_they_stand_behind_one() -> None:
    lines = [
        b'10.0.0.7 - - [26/Nov/2026:03:12:15 +0000] "GET /api/orders HTTP/1.1" 200 512 "-" "Mozilla/5.0 (X11)"',
        b"Nov 26 03:12:15 shop-2 postgres[733]: slow query after 312 ms",
        b"    at com.example.orders.Step1.run(Step1.java:17)",
    ]
    assert not [*Look(block_of(b"\n".join(lines)), level_of).every(Level.TRACE)]
