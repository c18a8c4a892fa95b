"""One line whole: its place, its fields one a row, and every character that was printed."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from hubtui.logs.lines import Line
from hubtui.safetext import safe_text
from hubtui.widgets.log.detail import Standing, copied, detail, fields_copied, laid_out
from tests.unit.logs.test_log_line import DARK
from tests.unit.logs.test_sgr import evil
from tests.unit.test_safetext import assert_safe

NOWHERE = Standing()


def page(raw: str | bytes, width: int = 60, where: Standing = NOWHERE, **facts: object) -> list[str]:
    whole = raw.encode() if isinstance(raw, str) else raw
    line = Line(0, 1, whole, len(whole), **facts)  # type: ignore[arg-type]
    return [row.rstrip() for row in detail(line, whole, where, 0.0, width, palette=DARK).plain.split("\n")]


def test_a_line_says_where_it_stands() -> None:
    rows = page("ERROR x", where=Standing("web", "/logs/web/out.log", 1234), time=-95.0, stream="err", run=7)
    assert rows[0] == "level   error"
    assert rows[1].startswith("time    ") and rows[1].endswith("1m ago")
    assert rows[2:6] == ["from    web  stderr", "run     #7", "place   line 1,234  /logs/web/out.log", "size    7 B"]
    assert rows[-2:] == ["AS PRINTED", "ERROR x"]


def test_every_field_has_its_row_and_a_stack_trace_its_lines() -> None:
    rows = page(
        '{"level":"error","msg":"bad","stack":"one\\n  two","ctx":{"a":1},"a key that is too long for it":1.10}'
    )
    at = rows.index("FIELDS")
    column = 20
    assert rows[at + 1 : at + 8] == [
        f"{'level':{column}}  error",
        f"{'msg':{column}}  bad",
        f"{'stack':{column}}  one",
        f"{'':{column}}    two",
        f'{"ctx":{column}}  {{"a":1}}',
        "a key that is too long for it",
        f"{'':{column}}  1.10",
    ]
    assert "time    12:00" in page('{"msg":"m","time":"12:00"}')
    assert "PAIRS" in page("level=info a=1 b=2")


def test_nested_values_are_laid_out_as_printed() -> None:
    value = json.dumps({"a": [1, {"b": "x, {y}"}], "c": {}, "d": "é" * 40}, ensure_ascii=False)
    assert laid_out(value) == [
        *("{", '  "a": [', "    1,", "    {", '      "b": "x, {y}"', "    }", "  ],", '  "c": {},'),
        *(f'  "d": "{"é" * 40}"', "}"),
    ]
    deep = "[" * 500 + "]" * 500
    assert "".join(laid_out(deep)).replace(" ", "") == deep
    assert laid_out("[" + "1," * 9000 + "1]")[-1] == "…"


@settings(max_examples=500, deadline=None)
@given(
    st.recursive(
        st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=40
    )
)
def test_a_value_that_is_laid_out_is_still_itself(value: object) -> None:
    text = json.dumps(value)
    assert json.loads("\n".join(laid_out(text))) == value


@settings(max_examples=700, deadline=None)
@given(evil, st.integers(12, 60), st.booleans())
def test_the_page_is_as_wide_as_it_should_be_and_has_every_character(raw: bytes, width: int, fields: bool) -> None:
    whole = b'{"msg":' + json.dumps(raw.decode("utf-8", "replace")).encode() + b',"n":[1]}' if fields else raw
    content = detail(Line(0, 1, whole, len(whole)), whole, Standing("w\x1b[31m"), 0.0, width, palette=DARK)
    rows = content.plain.split("\n")
    for row in rows:
        assert cell_len(row) <= width
        assert_safe(row)
    assert "".join(rows[rows.index("AS PRINTED") + 1 :]) == safe_text(whole.decode("utf-8", "replace"), 65536)


def test_a_copy_has_all_of_it_and_nothing_that_acts() -> None:
    assert copied(b"a\x1b]52;c;QQ==\x07\x1b[31mb\x00") == "ab␀"
    assert copied(b"x" * 100_000) == "x" * 100_000
    assert copied("\u202e".encode() * 9000) == "<U+202E>" * 9000
    assert copied(b"") == ""
    assert fields_copied(b'{"msg":"a\\nb","n":[1]}') == "msg: a\nb\nn: [1]"
    assert fields_copied(b"level=info a=1 word") == "level: info\na: 1\nword"
    assert fields_copied(b"text") == "text"


def test_a_line_that_is_too_large_says_how_much_is_here() -> None:
    whole = b"x" * 2048
    content = detail(Line(0, 1, b"x", 5 * 1024 * 1024), whole, Standing(), 0.0, 80)
    assert "size    5 M, the first 2 K of it are here" in [row.rstrip() for row in content.plain.split("\n")]
