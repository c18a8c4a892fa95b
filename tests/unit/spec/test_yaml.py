"""YAML 1.2 with lines, and files that mean harm."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.errors import StackError
from hubtui.stacks.spec.source import LIMIT, read_text
from hubtui.stacks.spec.yaml import load_yaml, parse_yaml

FILE = Path("/p/compose.yaml")


def error(text: str) -> str:
    with pytest.raises(StackError) as caught:
        parse_yaml(text, FILE)
    return re.sub(r"(yaml:[0-9]+):[0-9]+: ", r"\1: ", str(caught.value))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("22:22", "22:22"),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("NO", "NO"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("", None),
        ("~", None),
        ("null", None),
        ("12", 12),
        ("-3", -3),
        ("0o17", 15),
        ("017", 15),
        ("08", 8.0),
        ("0x1F", 31),
        ("0b11", 3),
        ("1_000", 1000),
        ("1.10", 1.1),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("123e456", "123e456"),
        ("9" * 5000, "9" * 5000),
        ("2001-12-14", "2001-12-14"),
        ("1.2.3", "1.2.3"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("!!int '12'", 12),
        ("=", "="),
    ],
)
def test_scalars_mean_what_they_mean_to_compose(written: str, value: Any) -> None:
    result = parse_yaml(f"a: {written}\n", FILE)[0].tree["a"]
    assert (result, isinstance(result, type(value))) == (value, True)


def test_words_of_yaml_1_1_are_strings_as_keys_too() -> None:
    assert parse_yaml("on: 1\nno: 2\ny: 3\n", FILE)[0].tree == {"on": 1, "no": 2, "y": 3}


def test_a_key_without_a_value_in_braces() -> None:
    assert parse_yaml("a: {b:, c: 1, d:}\n", FILE)[0].tree == {"a": {"b": None, "c": 1, "d": None}}
    assert parse_yaml("a: {'b:': , c:1}\n", FILE)[0].tree == {"a": {"b:": None, "c:1": None}}


def test_anchors_and_merges() -> None:
    tree = parse_yaml(
        "x-a: &a {k: 1, l: 1}\nx-b: &b {l: 2, m: 2}\none: {<<: *a, k: 9}\ntwo: {<<: [*a, *b]}\nlist: [*a]\n", FILE
    )[0].tree
    assert tree["one"] == {"k": 9, "l": 1}
    assert tree["two"] == {"k": 1, "l": 1, "m": 2}
    assert tree["list"] == [{"k": 1, "l": 1}]
    tree["one"]["l"] = "changed"
    assert tree["x-a"]["l"] == 1, "aliases share nothing once loaded"


def test_every_path_has_its_line() -> None:
    document = parse_yaml("a:\n  b:\n    - c\n    - d: 1\nx: &x\n  k: 1\ny:\n  <<: *x\n  z: 2\n", FILE)[0]
    assert document.line(("a",)) == 1
    assert document.line(("a", "b", 1, "d")) == 4
    assert document.line(("y", "k")) == 6, "merged values are where they are written"
    assert document.line(("y", "z")) == 9
    assert document.line(("y", "nothing", "here")) == 7, "what is absent is at what holds it"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "/p/compose.yaml:3: the key 'a' is already there in line 1"),
        ("a: [1\nb: 2\n", "/p/compose.yaml:2: this is not valid YAML"),
        ("a: *b\n", "/p/compose.yaml:1: *b has no anchor &b"),
        ("a: &a [*a]\n", "/p/compose.yaml:1: *a has no anchor &a that ends before it"),
        ("a: 1\n1: 2\n", "/p/compose.yaml:2: a key must be a string"),
        ("a: {<<: 3}\n", "/p/compose.yaml:1: << takes a mapping"),
        ("- a\n", "/p/compose.yaml:1: a compose file is a mapping; this one is a sequence"),
        ("", "/p/compose.yaml: this file is empty"),
        ("# nothing\n", "/p/compose.yaml: this file is empty"),
        ("a: 1\nb: \x07\n", "/p/compose.yaml:2: a character that YAML does not allow"),
        ('a: "\\UFFFFFFFF"\n', "/p/compose.yaml:1: this is not valid YAML"),
        ("a:\n\tb: 1\n", "/p/compose.yaml:2: this is not valid YAML"),
    ],
)
def test_errors_say_where(text: str, message: str) -> None:
    assert error(text).startswith(message)


LAUGHS = 'a: &a ["x","x","x","x","x","x","x","x","x"]\n' + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(8)
)
MERGES = "a0: &a0 {k: v}\n" + "".join(f"a{i}: &a{i} {{<<: [*a{i - 1},*a{i - 1}]}}\n" for i in range(1, 40))


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(LAUGHS, id="billion laughs"),
        pytest.param(MERGES, id="merges"),
        pytest.param("a: " + "[" * 500_000, id="brackets"),
        pytest.param("{a: " * 200_000, id="braces"),
        pytest.param("- " * 400_000, id="dashes"),
        pytest.param("".join(f"k{i}: {i}\n" for i in range(80_000)), id="keys"),
        pytest.param("".join(f"- &a{i} x\n" for i in range(70_000)), id="anchors"),
        pytest.param("a: |\n" + " x\n" * 200_000, id="lines"),
        pytest.param("a: " + "x " * 300_000, id="words"),
    ],
)
def test_bombs_end_soon_and_in_a_sentence(bomb: str) -> None:
    parse_yaml("a: 1\n", FILE)  # the import of PyYAML is not what is measured
    begin = time.process_time()
    assert error(bomb[: LIMIT - 6] + "\na: 1\n").startswith("/p/compose.yaml")
    assert time.process_time() - begin < 2


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab01:-[]{}&*<>|!%#'\"\\,?@` \t\n", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(parse_yaml(text, FILE)[0].tree, dict)
    except StackError as caught:
        assert str(caught).startswith("/p/compose.yaml")


def test_bom_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "compose.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y\r\n")
    assert load_yaml(path)[0].tree == {"a": 1, "b": "x\ny\n"}


def test_what_is_not_a_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name, reason in [
        ("fifo", "this compose file is not a regular file"),
        ("zero", "this compose file is not a regular file"),
        (".", "this compose file is not a regular file"),
        ("loop", "cannot read this compose file: too many levels of symbolic links"),
        ("none", "there is no such compose file"),
    ]:
        with pytest.raises(StackError, match=reason):
            load_yaml(tmp_path / name)


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("a: 1\n")
    (tmp_path / "link").symlink_to("real")
    assert load_yaml(tmp_path / "link")[0].tree == {"a": 1}


def test_size_and_encoding(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"#" * (LIMIT + 1))
    with pytest.raises(StackError, match="this file is larger than 512 KiB"):
        read_text(path)
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(StackError, match=r"f:2: this file is not UTF-8 text"):
        read_text(path)
