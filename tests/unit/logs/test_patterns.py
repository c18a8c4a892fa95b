"""What is typed finds what is seen; a quick look at a block misses nothing that asking each line would find."""

from __future__ import annotations

import math
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.logs.lines import PIECE, Line
from hubtui.logs.opening import open_lines
from hubtui.logs.patterns import Pattern, PatternError
from hubtui.logs.seen import seen, unescaped
from hubtui.safetext import safe_text
from tests.unit.logs.naive import block_of

PIECES = [
    "ERR",
    "OR",
    "err",
    "or",
    "a",
    "ü",
    "Ü",
    " ",
    "12",
    "x",
    "\r",
    "\x1b[31m",
    "\x1b[0m",
    "\x1b]0;OR\x07",
    "\x9b1m",
]
PIECES += ["\x1b", "[", "\x9d", "ab\x9c", "\x1bP", "\x1b\\", "é"]
STORED = b"2026-11-22T13:40:02.123Z 7 o "

some_lines = st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), max_size=8)
plain = st.sampled_from(["error", "ERROR", "or", "OR", "a", "ü", "xü", "12", "or a"])
regexes = st.sampled_from(
    [
        "^err",
        "or$",
        r"\ba",
        r"err\w*$",
        "[ab]+x?",
        "^$",
        "^^err",
        "or$$",
        r"\Aa",
        r"a\z",
        "(^a|12)",
        ".",
        r"\^|a",
        "[^a]x",
    ]
) | st.just(r"\Qa\E$")


def line(raw: bytes) -> Line:
    return Line(0, 1, raw, len(raw))


@settings(max_examples=600, deadline=None)
@given(some_lines, plain, st.sampled_from([None, True, False]))
def test_plain_text_is_found_where_it_is_seen(rows: list[str], typed: str, case: bool | None) -> None:
    pattern = Pattern(typed, case=case)
    ignored = case is False or (case is None and typed == typed.lower())
    for row in rows:
        shown = safe_text(row)
        found = typed.lower() in shown.lower() if ignored else typed in shown
        assert pattern(line(row.encode())) == found, (row, shown)
        assert bool(pattern.spans(shown)) == found
    assert_none_missing(pattern, [row.encode() for row in rows])


@settings(max_examples=600, deadline=None)
@given(some_lines, regexes)
def test_a_regex_means_the_same_as_in_python_and_anchors_are_the_ends_of_what_is_seen(
    rows: list[str], typed: str
) -> None:
    pattern = Pattern(typed, regex=True)
    theirs = re.compile("a$" if "Q" in typed else typed.replace(r"\z", r"\Z"), re.IGNORECASE | re.ASCII)
    for row in rows:
        text = seen(row.encode()).decode()
        assert pattern(line(row.encode())) == (theirs.search(text) is not None), (row, text)
    assert_none_missing(pattern, [row.encode() for row in rows])


def assert_none_missing(pattern: Pattern, rows: list[bytes]) -> None:
    """In a foreign file and in one of hubtui's own; and what is said to be sure is."""
    for before in (b"", STORED):
        block = block_of(b"".join(before + row + b"\n" for row in rows), stored=bool(before))
        judged = pattern.judged(block)
        assert list(judged) == sorted(judged)
        meant = {start for start, row in zip(block.starts, rows, strict=True) if pattern(line(row))}
        assert {start for start, ask in judged.items() if ask is None} <= meant <= judged.keys()


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_is_seen_is_what_is_shown(text: str) -> None:
    assert safe_text(seen(text.encode()).decode()) == safe_text(text)


@given(st.binary(max_size=60))
def test_no_bytes_lose_a_line(block: bytes) -> None:
    assert unescaped(block).count(b"\n") == block.count(b"\n")


def test_a_word_that_a_colour_splits_is_found_and_a_title_that_nobody_sees_is_not() -> None:
    block = b"start\n\x1b[31mERR\x1b[0mOR broke\n\x1b]0;ERROR\x07fine\nERROR again\n"
    lines = block.split(b"\n")
    found = Pattern("error").judged(block_of(block))
    assert [lines[block.count(b"\n", 0, at)] for at in found] == [b"\x1b[31mERR\x1b[0mOR broke", b"ERROR again"]


def test_what_is_in_a_far_piece_of_an_endless_coloured_line_is_found(tmp_path: Path) -> None:
    path = tmp_path / "endless"
    path.write_bytes(b"\x1b[1m" + b"x" * 3 * PIECE + b"nee\x1b[0mdle" + b"x" * PIECE + b"\n")
    lines = open_lines([path])
    try:
        found = lines.read(lines.start, 9, match=Pattern("needle"), until=math.inf).lines
        assert len(found) == 1 and found[0].place != lines.start
    finally:
        lines.close()


@pytest.mark.parametrize(
    ("typed", "regex", "case", "ignores"),
    [
        ("error", False, None, True),
        ("Error", False, None, False),
        ("Error", False, False, True),
        ("error", False, True, False),
        (r"\S+error\W", True, None, True),
        (r"\p{Greek}x", True, None, True),
        (r"(?P<Name>x)", True, None, True),
        (r"\S+Error", True, None, False),
        ("ÄRGER", False, None, False),
    ],
)
def test_case_counts_once_a_capital_is_typed(typed: str, regex: bool, case: bool | None, ignores: bool) -> None:
    assert Pattern(typed, regex=regex, case=case).ignores_case is ignores


def test_hits_are_marked_where_they_are_shown() -> None:
    assert Pattern("error").spans("ü Error ü errors") == [(2, 7), (10, 15)]
    assert Pattern("x*", regex=True).spans("axxbx") == [(1, 3), (4, 5)]
    assert Pattern("$", regex=True).spans("abc") == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "it is empty"),
        ("(foo", "at character 1: a ) is missing"),
        ("x[a", "at character 2: a ] is missing"),
        ("a)b", "at character 2: this ) has no ("),
        ("*x", "at character 1: nothing stands before it"),
        ("ab(?=x)", "at character 3: this has no meaning here (no looking ahead"),
        (r"(a)\1", "at character 4: this has no meaning here (no references back"),
        (r"a{2000}", "at character 2: more than 1000 repeats"),
        ("[z-a]", "this range is the wrong way round"),
        ("\udcff", "it is not UTF-8"),
    ],
)
def test_a_pattern_that_means_nothing_is_said_with_its_place(typed: str, told: str) -> None:
    with pytest.raises(PatternError) as error:
        Pattern(typed, regex=True)
    assert told in error.value.message
    assert error.value.hint


def test_no_pattern_can_stand_still() -> None:
    evil = line(b"a" * 32_000 + b"b")
    began = time.monotonic()
    for typed in ("(a+)+$", "(a|aa)+c", "(.*a.*){20}c", r"(\w+\s?)+:", ".*.*.*.*c"):
        Pattern(typed, regex=True)(evil)
    assert time.monotonic() - began < 5
