"""Command lines in words, durations in nanoseconds, variables that are asked for."""

from __future__ import annotations

import pytest

from hubtui.stacks.spec.durations import nanoseconds, shown
from hubtui.stacks.spec.resolve.variables import Variable, wanted_variables
from hubtui.stacks.spec.shellwords import split


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("run 'a b' \"c d\" e\\ f", ["run", "a b", "c d", "e f"]),
        ("a '' \"\"", ["a", "", ""]),
        ("sh -c 'x && y'", ["sh", "-c", "x && y"]),
        ("x && y", ["x"]),
        ("x 2>log", ["x"]),
        ("a #b", ["a", "#b"]),
        ("echo $(a b) `c d`", ["echo", "$(a b)", "`c d`"]),
        ("  ", []),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    assert split(line) == words


@pytest.mark.parametrize("line", ["a 'b", 'a "b', "a (b", "a\\", "a `b"])
def test_lines_that_are_none(line: str) -> None:
    with pytest.raises(ValueError, match="cannot be split into words"):
        split(line)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("0", "0s"),
        ("90s", "1m30s"),
        ("1.5h", "1h30m0s"),
        ("100ms", "100ms"),
        ("1500us", "1.5ms"),
        ("1h0.5s", "1h0m0.5s"),
        ("2d", "48h0m0s"),
        ("-3s", "-3s"),
        ("7ns", "7ns"),
    ],
)
def test_durations(written: str, printed: str) -> None:
    assert shown(nanoseconds(written)) == printed


@pytest.mark.parametrize("written", ["", "10", "s", "1x", "1 s", "999999999w"])
def test_no_durations(written: str) -> None:
    with pytest.raises(ValueError):
        nanoseconds(written)


def test_variables() -> None:
    tree = {"a": ["$A", "$$B", "${C:-${D-x}}"], "b": {"c": "${E?no} ${F:+${G}} ${"}}
    assert list(wanted_variables(tree)) == [
        Variable("A"),
        Variable("C", default="${D-x}", has_default=True),
        Variable("D", default="x", has_default=True),
        Variable("E", required=True),
        Variable("F", alternate="${G}"),
        Variable("G"),
    ]
