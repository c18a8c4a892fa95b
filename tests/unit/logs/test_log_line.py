"""A line on the screen: always exactly as wide as asked for, nothing of it lost, its words coloured and still words."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style as RichStyle
from textual.color import Color
from textual.strip import Strip
from textual.style import Style
from textual.theme import BUILTIN_THEMES

from hubtui.logs.levels import Level
from hubtui.logs.lines import Line
from hubtui.logs.sgr import Ink
from hubtui.models import local
from hubtui.safetext import safe_bytes
from hubtui.widgets.log.cells import window, wrapped
from hubtui.widgets.log.clock import Times, clock
from hubtui.widgets.log.ink import LEAST, LEVELS, Palette, contrast
from hubtui.widgets.log.line import Manner, left_for_hit, rows, shown, tall
from hubtui.widgets.log.source import glyph, hue, label
from tests.unit.logs.test_sgr import evil


def palette_of(name: str) -> Palette:
    theme = BUILTIN_THEMES[name]
    variables = theme.to_color_system().generate()
    return Palette(Style.parse("$foreground on $background", variables), variables, dark=theme.dark)


DARK = palette_of("textual-dark")


def line(
    text: str | bytes, stream: str = "out", *, hit: bool = True, moment: float | None = None, source: int = 0
) -> Line:
    raw = text.encode() if isinstance(text, str) else text
    return Line(0, 1, raw, len(raw), source, moment, stream, None, hit)


def texts(strips: list[Strip]) -> list[str]:
    return [strip.text for strip in strips]


def style_of(strips: list[Strip], part: str) -> RichStyle:
    """The style of the segment that has this text."""
    found = [s.style for strip in strips for s in strip if s.text.strip() == part]
    assert found and found[0] is not None, (part, [s.text for strip in strips for s in strip])
    return found[0]


BARE = Manner(40, streams=False)
FREE = Manner(None, streams=False)


def test_a_line_fills_its_width_and_one_that_is_cut_says_so() -> None:
    assert texts(rows(line("short"), BARE, DARK)) == ["short" + " " * 35]
    assert texts(rows(line("x" * 50), BARE, DARK)) == ["x" * 39 + "…"]
    assert texts(rows(line("x" * 40), BARE, DARK)) == ["x" * 40]
    assert texts(rows(line("x" * 50), FREE, DARK)) == ["x" * 50]
    assert texts(rows(line(""), BARE, DARK)) == [" " * 40]


def test_scrolled_to_the_right_the_text_moves_and_what_is_before_it_stays() -> None:
    manner = Manner(20, left=3, sources=("a", "b"))
    assert texts(rows(line("0123456789"), manner, DARK)) == ["● a │ 3456789       "]
    assert texts(rows(line("0123456789" * 3), manner, DARK)) == ["● a │ 3456789012345…"]
    assert texts(rows(line("01"), manner, DARK)) == ["● a │               "]


def test_half_a_wide_character_is_a_blank() -> None:
    assert texts(rows(line("漢字漢字"), Manner(6, left=1, streams=False), DARK)) == [" 字漢…"]
    assert texts(rows(line("漢字漢字"), Manner(5, streams=False), DARK)) == ["漢字…"]
    assert texts(rows(line("漢字漢字"), Manner(6, streams=False), DARK)) == ["漢字 …"]
    assert texts(rows(line("a漢字"), Manner(4, wrap=True, streams=False), DARK)) == ["a漢 ", "字  "]


def test_wrapped_rows_put_together_are_the_line() -> None:
    text = "a long word: " + "x" * 60
    strips = rows(line(text), Manner(20, wrap=True, streams=False), DARK)
    assert "".join(texts(strips)).rstrip() == text
    assert len(strips) == tall(line(text), Manner(20, wrap=True, streams=False)) == 4


@settings(max_examples=1500, deadline=None)
@given(
    evil,
    st.integers(1, 30),
    st.booleans(),
    st.integers(0, 20),
    st.booleans(),
    st.sampled_from(["out", "err", "hub", ""]),
    st.sampled_from(["off", "clock", "date", "relative"]),
)
def test_columns_hold_whatever_is_printed(
    raw: bytes, width: int, wrap: bool, left: int, several: bool, stream: str, times: str
) -> None:
    manner = Manner(
        width,
        wrap,
        left,
        times,  # type: ignore[arg-type]
        0.0,
        ("web", "データ") if several else (),
        find=lambda text: [m.span() for m in re.finditer(r"[ab漢]+|<", text)],
    )
    one = line(raw, stream, moment=12.5)
    strips = rows(one, manner, DARK)
    assert len(strips) == tall(one, manner)
    for strip in strips:
        if width > 1 or not wrap:
            assert cell_len(strip.text) == strip.cell_length == width
        assert not [c for c in strip.text if unicodedata.category(c) in ("Cc", "Cf")]
        assert all(
            s.style is not None and not s.style.blink and not s.style.conceal and not s.style.link for s in strip
        )
    if wrap and width > 1:
        assert "".join(texts(strips)).replace(" ", "") == shown(one, manner).replace(" ", "")


@settings(max_examples=1000, deadline=None)
@given(st.text("ab漢🎉e\u0301 ", max_size=40), st.integers(2, 12), st.integers(0, 30))
def test_windows_are_within_their_width(text: str, width: int, left: int) -> None:
    done = 0
    for part in wrapped(text, width):
        assert part.start == done and cell_len(text[part.start : part.end]) == part.cells <= width
        done = part.end
    assert done == len(text)
    part, more = window(text, left, width)
    assert part.lead + part.cells <= width and cell_len(text[part.start : part.end]) == part.cells
    assert more == (cell_len(text) > left + width)


def test_a_level_is_coloured_and_its_word_stays() -> None:
    for word, level in [("ERROR", Level.ERROR), ("WARN", Level.WARNING), ("INFO", Level.INFO)]:
        strips = rows(line(f"2026-11-26 03:12:15 {word} x"), FREE, DARK)
        assert style_of(strips, word) == DARK.style(LEVELS[level])
        assert strips[0].text == f"2026-11-26 03:12:15 {word} x"


def test_a_program_s_own_colours_stay_and_are_not_painted_over() -> None:
    strips = rows(line("\x1b[35mINFO\x1b[0m up"), FREE, DARK)
    assert style_of(strips, "INFO") == DARK.style(Ink(fg=5))


def test_a_line_of_fields_is_told_and_raw_on_demand() -> None:
    one = line(
        '{"level":"warn","msg":"slow \\u001b[31mquery","path":"/a b","n":3,"logger":"core","caller":"a.py:1","ts":1}'
    )
    assert texts(rows(one, FREE, DARK)) == ['WARN  slow query path="/a b" n=3 (core a.py:1)']
    assert style_of(rows(one, FREE, DARK), "query") == DARK.style(Ink(fg=1))
    raw = rows(one, Manner(None, streams=False, readable=False), DARK)
    assert raw[0].text == one.raw.decode()
    assert texts(rows(line('api | level=info msg=""'), FREE, DARK)) == ['api | level=info msg=""']
    assert texts(rows(line('level=info msg=up a="" ok'), FREE, DARK)) == ['INFO  up a="" ok']


def test_times_sources_and_stderr_stand_before_the_text() -> None:
    moment = 1764126735.25
    there = local(datetime.fromtimestamp(moment, UTC))
    one = line("text", "err", moment=moment, source=1)
    several = ("web", "store")
    assert texts(rows(one, Manner(None, times="clock", sources=several), DARK)) == [
        f"{there:%H:%M:%S}.250 ■ store │!text"
    ]
    assert texts(rows(one, Manner(None, times="date"), DARK)) == [f"{there:%Y-%m-%d %H:%M:%S}.250!text"]
    assert texts(rows(one, Manner(None, times="relative", now=moment + 95), DARK)) == ["    1m ago!text"]
    assert texts(rows(one, Manner(None, times="relative", now=moment - 5), DARK)) == ["     in 5s!text"]
    assert texts(rows(line("text"), Manner(None, times="clock"), DARK)) == [" " * 13 + "text"]
    assert texts(rows(line("text", moment=1e300), Manner(None, times="clock"), DARK)) == [" " * 13 + "text"]
    assert texts(rows(line("text", source=7), Manner(None, sources=several), DARK))[0].endswith("text")
    assert texts(rows(one, FREE, DARK)) == ["text"]


def test_a_column_for_the_user_s_marks_stands_before_all_else_of_every_line() -> None:
    def marked(one: Line) -> bool:
        return one.raw.startswith(b"this")

    for one, sign in ((line("this one is long", "err"), "★"), (line("that one is long", "err"), " ")):
        assert texts(rows(one, Manner(20, marked=marked), DARK)) == [f"{sign}!{one.raw.decode():18}"]
        assert texts(rows(one, Manner(12, left=5, marked=marked), DARK)) == [f"{sign}!one is lo…"]
        strips = rows(one, Manner(8, wrap=True, marked=marked), DARK)
        assert texts(strips) == [f"{sign}!{one.raw.decode()[:6]}", "ne is lo", "ng      "]
        several = rows(one, Manner(None, times="clock", sources=("web", "store"), marked=marked), DARK)
        assert texts(several) == [f"{sign}{'':12} ● web   │!{one.raw.decode()}"]
    assert style_of(rows(line("this"), Manner(9, marked=marked), DARK), "★") == DARK.style("bold $text-accent")


def test_markers_and_context_are_told_apart() -> None:
    assert texts(rows(line("run 7 begins", "hub"), FREE, DARK)) == ["── run 7 begins"]
    context = rows(line("\x1b[31mERROR x", hit=False), FREE, DARK)
    assert {s.style for s in context[0]} == {DARK.style("$foreground 60%")}


def test_of_a_line_that_is_larger_the_size_is_said() -> None:
    one = Line(0, 1, b"begin", 3 * 1024 * 1024)
    assert texts(rows(one, FREE, DARK)) == ["begin … 3 M"]


def finds(pattern: str) -> Callable[[str], Iterable[tuple[int, int]]]:
    return lambda text: [m.span() for m in re.finditer(pattern, text)]


@pytest.mark.parametrize("wrap", [False, True])
def test_what_a_search_finds_is_marked_also_across_rows_and_colours(wrap: bool) -> None:
    manner = Manner(10, wrap=wrap, streams=False, find=finds("o.*w"))
    strips = rows(line("hello \x1b[32mbig\x1b[0m, world"), manner, DARK)
    marked = "".join(s.text for strip in strips for s in strip if s.style and s.style.bgcolor != DARK.plain.bgcolor)
    assert marked.rstrip("…") == ("o big, w" if wrap else "o big")


@settings(max_examples=200, deadline=None)
@given(
    before=st.text("ab世é\t", max_size=300),
    after=st.text("ab世", max_size=300),
    steps=st.integers(0, 20),
    width=st.integers(30, 160),
    times=st.sampled_from(["off", "clock"]),
)
def test_looking_aside_for_a_hit_brings_it_in_view(
    before: str, after: str, steps: int, width: int, times: Times
) -> None:
    one = line(f"{before}NEEDLE{after}", moment=0.0)
    manner = Manner(width, left=steps * 16, find=finds("NEEDLE"), times=times)
    there = replace(manner, left=left_for_hit(one, manner, 16))
    assert "NEEDLE" in rows(one, there, DARK)[0].text
    if "NEEDLE" in rows(one, manner, DARK)[0].text.rstrip("…"):
        assert there == manner or steps == 0, "what can be seen does not move"
    assert left_for_hit(one, there, 16) == there.left
    nothing = replace(manner, find=finds("nowhere"))
    assert left_for_hit(one, nothing, 16) == nothing.left


def test_every_millisecond_is_told_as_it_was_written() -> None:
    for base in (0, 1_795_687_200, 4_000_000_000):
        for thousandth in range(1000):
            assert clock(base + thousandth / 1000, "clock", 0.0)[-4:] == f".{thousandth:03}"
    assert clock(1.9996, "clock", 0.0)[-4:] == ".999", "a time is not later than it was"


def test_hits_out_of_order_or_bounds_do_no_harm() -> None:
    manner = Manner(None, streams=False, find=lambda text: [(-3, 2), (1, 3), (3, 3), (2, 99), (50, 60)])
    assert texts(rows(line("abcdef"), manner, DARK)) == ["abcdef"]


@pytest.mark.parametrize("name", BUILTIN_THEMES)
def test_every_colour_can_be_read_in_every_theme(name: str) -> None:
    palette = palette_of(name)
    native = BUILTIN_THEMES[name].ansi
    inks = [Ink(fg=n) for n in range(256)] + [
        Ink(fg=f, bg=b) for f in (None, 0, 7, 15, 231) for b in range(256) if f != b
    ]
    for ink in [*inks, Ink(fg=(1, 1, 1)), Ink(fg=(250, 250, 250))]:
        style = palette.style(ink)
        if native:
            assert ink.bg is not None or style.color is None or style.color.number != (0 if palette_dark(name) else 15)
        else:
            assert style.color is not None and style.bgcolor is not None
            two = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
            assert contrast(*two) >= LEAST, (ink, two)
    for ink in (Ink(fg=1), Ink(fg=2, bg=4)):
        hit = palette.style(ink, hit=True)
        assert hit.bold and (hit.reverse if native else hit.bgcolor != palette.plain.bgcolor)


def palette_dark(name: str) -> bool:
    return BUILTIN_THEMES[name].dark


def test_sources_have_a_colour_and_a_glyph_each_that_stay() -> None:
    assert len({(hue(i), glyph(i)) for i in range(40)}) == 40
    labels = [label(("web", "データベース接続プール", "a" * 40), i) for i in range(3)]
    assert {cell_len(text) for text in labels} == {18}
    assert labels[0].startswith("● web") and labels[2].endswith("…")
    assert label(("a\x1b[31mb", "c"), 0) == "● ab"


@pytest.mark.timed
@pytest.mark.parametrize(
    "raw",
    [
        b"\x1b[31ma" * 5000,
        b"\x1b[31m\xe6\xbc\xa2" * 4000,
        b"\x1b[4m\t" * 4000,
        "e\u0301".encode() * 10000,
        b'{"a":"' + b"\\u001b[31mx" * 2500 + b'"}',
        b"a=1 " * 8000,
        b"\r" * 32768,
        b"\x00" * 32768,
    ],
)
def test_a_hostile_line_is_drawn_in_time(raw: bytes) -> None:
    manner = Manner(80, wrap=True, find=finds("a"))
    began = time.process_time()
    assert all(strip.cell_length == 80 for strip in rows(line(raw), manner, DARK))
    assert time.process_time() - began < 0.5
    assert len(shown(line(raw), manner)) <= 8192 + 1


def test_text_equals_safe_text() -> None:
    raw = b"a\tb\x1b[31mc\x00\r\n"
    assert shown(line(raw), FREE) == safe_bytes(raw)


def test_a_program_that_gives_each_character_a_colour_does_not_fill_the_memory() -> None:
    palette = palette_of("textual-dark")
    for n in range(0, 20_000, 100):
        many = "".join(f"\x1b[38;2;{i % 256};{i // 256};7mx" for i in range(n, n + 100))
        rows(line(many), BARE, palette)
    assert len(palette._styles) <= 4096
