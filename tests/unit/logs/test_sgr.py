"""Colours of a program are kept, for the characters it gave them to; nothing else of what it sends gets through."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.logs.sgr import Ink, Span, after, coloured
from hubtui.safetext import safe_bytes
from tests.unit.test_safetext import PIECES, assert_safe

SGR = [
    "\x1b[1m",
    "\x1b[38;5;208m",
    "\x1b[0m",
    "\x1b[m",
    "\x1b[7;41m",
    "\x9b32m",
    "\x1b[38;2;1;2;3m",
    "\x1b[48:2::9:9:9m",
]
evil = (
    st.lists(st.sampled_from([*PIECES, *SGR]), max_size=60).map(
        lambda pieces: "".join(pieces).encode("utf-8", "replace")
    )
    | st.binary(max_size=200)
    | st.lists(
        st.sampled_from([b"\x1b[31m", b"\x1b[0m", b"\t", b"\r", b"\n", b"ab", b" ", b"\xcc\x81", b"\x00"]), max_size=40
    ).map(b"".join)
)


@settings(max_examples=3000, deadline=None)
@given(evil, st.integers(0, 60))
def test_any_bytes_are_the_safe_text_with_spans_in_it(raw: bytes, limit: int) -> None:
    text, spans = coloured(raw, limit)
    assert text == safe_bytes(raw, limit)
    assert_safe(text)
    done = 0
    for start, end, ink in spans:
        assert done <= start < end <= len(text)
        assert ink != Ink() and (ink.bg is None or ink.fg != ink.bg)
        done = end


RED, BOLD = Ink(fg=1), Ink(bold=True)


@pytest.mark.parametrize(
    ("raw", "text", "spans"),
    [
        ("plain", "plain", []),
        ("\x1b[31mred\x1b[0m not", "red not", [(0, 3, RED)]),
        ("a\x1b[31mred", "ared", [(1, 4, RED)]),
        ("\x1b[31mr\x1b[1mb\x1b[mx", "rbx", [(0, 1, RED), (1, 2, Ink(fg=1, bold=True))]),
        ("\x1b[31m\x1b[32mgreen", "green", [(0, 5, Ink(fg=2))]),
        ("\x1b[31ma\x1b[31mb\x1b[0;31mc", "abc", [(0, 3, RED)]),
        ("\x1b[31m\ta\x1b[0m\tb", "        a       b", [(0, 9, RED)]),
        ("ab\x1b[31m\tc", "ab      c", [(2, 9, RED)]),
        ("\x1b[31m10 %\r\x1b[1m20 %\r", "20 %", [(0, 4, Ink(fg=1, bold=True))]),
        ("\x1b[32m50 %\x1b[0m\r", "50 %", [(0, 4, Ink(fg=2))]),
        ("x\x1b[31m\x00\x1b[0my", "x␀y", [(1, 2, RED)]),
        ("\x1b[31m\u202ea\x1b[0mb", "<U+202E>ab", [(0, 9, RED)]),
        ("e\x1b[31m\u0301\x1b[0mf", "e\u0301f", [(1, 2, RED)]),
        ("\x1b]8;;http://e\x1b\\\x1b[31mL\x1b]8;;\x1b\\", "L", [(0, 1, RED)]),
        ("\x1b[31m漢\x1b[0m🎉", "漢🎉", [(0, 1, RED)]),
        ("\x1b[>4;1mx\x1b[?4my", "xy", []),
        ("\x1b[31;", "", []),
        ("\x1b[8mhidden\x1b[5mblink", "hiddenblink", []),
        ("\x1b[30;40mdark", "dark", [(0, 4, Ink(fg=0))]),
    ],
)
def test_by_example(raw: str, text: str, spans: list[Span]) -> None:
    assert coloured(raw.encode()) == (text, spans)


@pytest.mark.parametrize(
    ("params", "ink"),
    [
        ("1;2;3;4;7;9", Ink(None, None, True, True, True, True, True, True)),
        ("91;103", Ink(fg=9, bg=11)),
        ("38;5;208", Ink(fg=208)),
        ("48;5;16;1", Ink(bg=16, bold=True)),
        ("38;2;1;2;3;4", Ink(fg=(1, 2, 3), underline=True)),
        ("38:2:1:2:3", Ink(fg=(1, 2, 3))),
        ("38:2::1:2:3", Ink(fg=(1, 2, 3))),
        ("48:5:9", Ink(bg=9)),
        ("4:3", Ink(underline=True)),
        ("58;5;9;1", BOLD),
        ("58:2::1:2:3;1", BOLD),
        ("1;;31", RED),
        ("31;38;5;999", RED),
        ("38;5", Ink()),
        ("38", Ink()),
        ("38;2;1;2", Ink()),
        ("38;2;1;2;300;1", BOLD),
        ("31;39", Ink()),
        ("41;49", Ink()),
        ("1;2;22", Ink()),
        ("3;4;7;9;23;24;27;29", Ink()),
        ("5;6;8;10;28;51;98;108;99999999", Ink()),
        ("1::::", Ink()),
    ],
)
def test_parameters(params: str, ink: Ink) -> None:
    assert after(Ink(), params) == ink


@pytest.mark.timed
@pytest.mark.parametrize(
    "piece", ["\x1b[31m", "\x1b[31m\t", "\x1b[31ma\r", "\x1b[1ma\x1b[m", "\x1b[31m\u0301", "\x1b[38;5;m\n\t"]
)
def test_no_input_takes_long(piece: str) -> None:
    raw = (piece * 20_000).encode()[:65536]
    began = time.process_time()
    coloured(raw)
    assert time.process_time() - began < 0.5
