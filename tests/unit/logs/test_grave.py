"""The quick look for grave lines misses none that asking each line finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.logs.grave import grave_offsets
from hubtui.logs.levels import Level, level_of
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
    for least in GRAVE:
        for before in (b"", STORED):
            block = b"".join(before + line + b"\n" for line in lines)
            offsets = grave_offsets(block, least)
            if offsets is None:
                continue
            asked = {block.count(b"\n", 0, offset) for offset in offsets}
            named = {n for n, line in enumerate(lines) if (level_of(line) or 0) >= least}
            assert named <= asked, [lines[n] for n in named - asked]


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
    found = grave_offsets(block, Level.ERROR)
    assert found is not None
    assert len(list(found)) < len(lines) / 4
    assert grave_offsets(block, Level.INFO) is None
