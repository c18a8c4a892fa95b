"""What a whole block of lines is judged to hold is what the plain question about each line says: hostile bytes, any
ends of lines, colours within words, huge lines, UTF-16; both directions; blocks of any size."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.logs.files.anybodys import AnybodysFiles
from hubtui.logs.files.chain import ChainLines
from hubtui.logs.files.feeds import Utf16Feed
from hubtui.logs.files.forms import Anybodys, Stored
from hubtui.logs.files.spool import SpoolFiles
from hubtui.logs.filtered import Filtered
from hubtui.logs.filters import Filters, TextFilter
from hubtui.logs.inherited import SPREAD
from hubtui.logs.levels import level_of
from hubtui.logs.lines import PIECE, Line
from hubtui.logs.patterns import Pattern
from hubtui.logs.search import Search
from tests.doubles.memorylines import naive
from tests.unit.logs.naive import read_on

STORED = b"2026-11-22T13:40:02.123Z 7 "
LINES = (
    b"",
    b"\r",
    b" ",
    b"plain words with error in them",
    b"ERROR alpha broke",
    b"WARN beta is slow",
    b"INFO alpha beta",
    b"[debug] gamma",
    b"    at com.alpha.Step(Step.java:7)",
    b'10.0.0.7 - - [26/Nov/2026:03:12:15 +0000] "GET /alpha HTTP/1.1" 500 12',
    b'{"level":"error","msg":"alpha"}',
    b'{"level":30,"msg":"beta"}',
    b'{"msg":"gamma","nested":{"level":"fatal"}}',
    b"ts=2026-11-26T03:12:15Z level=warning msg=alpha",
    b"level=e\x1b[0mx msg=alpha key=beta",
    b"E1126 03:12:15.123456 7 x.go:1] beta",
    b"<11>Nov 26 03:12:15 host alpha",
    b"7:M 26 Nov 2026 03:12:15.123 # gamma",
    b"\x1b[2m03:12:15\x1b[0m \x1b[31;1mERR\x1b[0mOR al\x1b[36mpha\x1b[0m",
    b"\x1b[31mWARN\x1b[0m be\x1b[1mta",
    b"\x1b]0;ERROR alpha\x07INFO gamma",
    b"\xc2\x90 ERROR alpha \xc2\x9c beta",
    b"\xc2\x9bERROR beta",
    b"\x1b[\x1b[0mERROR alpha",
    b"10 %\r50 % alpha\r90 % beta",
    b"ERROR alpha\r",
    b"alpha\rINFO beta\r",
    b"\xff\xfe\x00ERROR\x00alpha",
    b"panic: beta",
    b"Traceback (most recent call last):",
    b"2026-11-26T03:12:15Z ERROR alpha",
    b"x" * 250 + b" \x1b[1m level=e\x1b[0mx alpha=1 beta=2",  # level_of does not see this colour as one
    b"a=1 " + b"y" * 2036 + b" level=exyz alpha",  # nor all of this word
    b"INFO " + b"z" * 9000 + b" beta",
)
TYPED = ("alpha", "beta", "gamma", "Error", " ", "o", "7", "13:40", "zz")
REGEXES = ("^alpha", "beta$", r"al?pha|^$", r"\d+ %", r"\bERR", "[^a-z ]{4}", "^[A-Z]+ ")

patterns = st.one_of(
    st.builds(Pattern, st.sampled_from(TYPED), case=st.sampled_from([None, True, False])),
    st.builds(Pattern, st.sampled_from(REGEXES), regex=st.just(True)),
)
some_filters = st.builds(
    Filters,
    st.lists(st.builds(TextFilter, patterns, st.booleans()), max_size=3).map(tuple),
    st.sampled_from([None, 0, 2, 3, 4, 5]),
    run=st.sampled_from([None, None, None, 7]),
)
some_lines = st.lists(
    st.sampled_from(LINES)
    | st.lists(st.sampled_from(LINES), min_size=2, max_size=2).map(b" ".join)
    | st.binary(max_size=12).map(lambda raw: raw.replace(b"\n", b" ")),
    max_size=40,
)


def expected(every: list[Line], filters: Filters, context: int) -> list[Line]:
    """Each line asked on its own."""
    levels: list[int | None] = []
    last, named = None, -SPREAD
    for n, line in enumerate(every):
        own = None if line.stream == "hub" else level_of(line.raw)
        if own is not None:
            last, named = own, n
        levels.append(own if own is not None else last if line.stream != "hub" and n - named <= SPREAD else None)
    shows = [one.pattern for one in filters.texts if not one.hides]
    hides = [one.pattern for one in filters.texts if one.hides]

    def hit(n: int) -> bool:
        line, level = every[n], levels[n]
        return (
            (filters.level is None or (level is not None and level >= filters.level))
            and (filters.run is None or line.run == filters.run)
            and (not shows or any(pattern(line) for pattern in shows))
            and not any(pattern(line) for pattern in hides)
        )

    return naive(every, hit, context)


def assert_same(lines: ChainLines, filters: Filters, context: int, n: int, slice_: float) -> None:
    every = [*lines.read(lines.start, 10**6, until=math.inf).lines]
    wanted = expected(every, filters, context)
    for back in (False, True):
        left = Filtered(lines, filters, level_of, context)
        found = read_on(left, left.end if back else left.start, n=n, back=back, slice_=slice_)
        assert found == wanted
    left = Filtered(lines, filters, level_of, context)
    for place in {line.place for line in every[::13]}:
        at = next(n for n, line in enumerate(every) if line.place == place)
        behind = {line.place for line in every[at:]}
        found = read_on(left, place, n=n, slice_=slice_)
        assert found == [line for line in wanted if line.place in behind]
        found = read_on(left, place, n=n, back=True, slice_=slice_)
        assert found == [line for line in wanted if line.place not in behind]
    search = Search(left, Pattern("a"))
    while not search.count(0.0).exact:
        pass
    assert search.tally.hits == sum(Pattern("a")(line) for line in wanted)


def in_file(data: bytes, look: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.log"
        path.write_bytes(data)
        look(path)


@settings(max_examples=200, deadline=None)
@given(
    some_lines,
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
    st.sampled_from([None, b"o ", b"h "]),
    some_filters,
    st.sampled_from([0, 0, 1, 3]),
    st.sampled_from([1, 3, 50]),
    st.sampled_from([16, 300, 65536]),
    st.sampled_from([64, PIECE]),
    st.booleans(),
)
def test_what_is_left_is_what_each_line_says(
    rows: list[bytes],
    newline: bytes,
    ends: bool,
    stored: bytes | None,
    filters: Filters,
    context: int,
    n: int,
    block: int,
    piece: int,
    hurried: bool,
) -> None:
    """`stored`: as lines of hubtui's own, every third of that stream."""
    heads = [STORED + (stored if k % 3 == 0 else b"o ") if stored else b"" for k in range(len(rows))]
    data = newline.join(head + row for head, row in zip(heads, rows, strict=True)) + newline * ends

    def look(path: Path) -> None:
        os.utime(path, (1, 1))  # nobody has written to it for long: a line without a newline counts
        form = Stored() if stored else Anybodys()
        lines = ChainLines("a", AnybodysFiles(path, piece=piece), form, block=block)
        try:
            assert_same(lines, filters, context, n, 0.0 if hurried else 30.0)
        finally:
            lines.close()

    in_file(data, look)


@pytest.mark.parametrize("level", [None, 0, 3, 4, 5])
@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_each_text_shows_and_hides_what_it_is_in(level: int | None, stored: bool, newline: bytes) -> None:
    rows = [*LINES, *reversed(LINES), *LINES[::2], *LINES[1::2]]
    head = STORED + b"o " if stored else b""

    def look(path: Path) -> None:
        lines = ChainLines("a", AnybodysFiles(path), Stored() if stored else Anybodys(), block=2048)
        try:
            every = [*lines.read(lines.start, 10**6, until=math.inf).lines]
            for filters in (Filters(level=level), *grid(level)):
                for back in (False, True):
                    left = Filtered(lines, filters, level_of)
                    found = read_on(left, left.end if back else left.start, n=50, back=back)
                    assert found == expected(every, filters, 0), filters
        finally:
            lines.close()

    in_file(b"".join(head + row + newline for row in rows), look)


def grid(level: int | None) -> Iterator[Filters]:
    """Each text and each regular expression, shown or hidden, alone and with another one."""
    asked = [Pattern(typed) for typed in TYPED] + [Pattern(typed, regex=True) for typed in REGEXES]
    for pattern in asked:
        for hides in (False, True):
            one = Filters(level=level).add(pattern, hides=hides)
            yield from (one, one.add(asked[2], hides=hides), one.add(asked[1], hides=not hides))


@settings(max_examples=40, deadline=None)
@given(some_lines, some_filters, st.integers(0, 2))
def test_the_same_is_left_of_a_file_in_utf_16(rows: list[bytes], filters: Filters, context: int) -> None:
    text = "".join(row.decode("utf-8", "replace") + "\n" for row in rows)

    def look(path: Path) -> None:
        feed = Utf16Feed(os.open(path, os.O_RDONLY))
        lines = ChainLines("a", SpoolFiles(feed, "a"), Anybodys())
        try:
            while not lines.read(lines.start, 10**6, until=math.inf).done:
                pass
            assert_same(lines, filters, context, 5, 30.0)
        finally:
            lines.close()

    in_file(text.encode("utf-16"), look)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(LINES[3:30]), min_size=1, max_size=6), some_filters, st.integers(0, 600), st.data())
def test_a_level_is_inherited_from_block_to_block_and_no_further_than_it_reaches(
    rows: list[bytes], filters: Filters, silent: int, data: st.DataObject
) -> None:
    """Many lines without a level between those that name one."""
    many = [row for row in rows for row in (row, *[b"    at x"] * silent)]
    block = data.draw(st.sampled_from([512, 65536]))

    def look(path: Path) -> None:
        lines = ChainLines("a", AnybodysFiles(path), Anybodys(), block=block)
        try:
            every = [*lines.read(lines.start, 10**6, until=math.inf).lines]
            for back in (False, True):
                left = Filtered(lines, filters, level_of)
                found = read_on(left, left.end if back else left.start, n=200, back=back)
                assert found == expected(every, filters, 0)
        finally:
            lines.close()

    in_file(b"\n".join(many) + b"\n", look)
