"""Which variables a stack's files ask for: what `config --variables` lists.

https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md; the measure is compose-go's
template/variables.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_START = re.compile(r"\$(?:(?P<escaped>\$)|(?P<named>[A-Za-z_][A-Za-z0-9_]*)|(?P<brace>\{))")
_INSIDE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(:?[-?+])?(.*)", re.DOTALL)
MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable as a file writes it: whether it must be set, what stands for it where it is not (`default`), and
    what stands for it where it is (`alternate`)."""

    name: str
    required: bool = False
    default: str = ""
    alternate: str = ""
    has_default: bool = False  # it may be an empty one


def wanted_variables(value: Any) -> Iterator[Variable]:
    """Every variable in a value and below it, also those within defaults."""
    if isinstance(value, str):
        yield from _in_text(value, 0)
    elif isinstance(value, dict):
        for item in value.values():
            yield from wanted_variables(item)
    elif isinstance(value, list):
        for item in value:
            yield from wanted_variables(item)


def _in_text(text: str, depth: int) -> Iterator[Variable]:
    place = 0
    while depth < MAX_DEPTH and (found := _START.search(text, place)):
        place = found.end()
        if found["named"]:
            yield Variable(found["named"])
        elif found["brace"]:
            end = _closing(text, place)
            yield from _in_braces(text[place:end], depth)
            place = end + 1


def _in_braces(inside: str, depth: int) -> Iterator[Variable]:
    match = _INSIDE.fullmatch(inside)
    if match is None:
        return
    name, operator, rest = match.groups()
    kind = (operator or "")[-1:]
    default, alternate = rest if kind == "-" else "", rest if kind == "+" else ""
    yield Variable(name, kind == "?", default, alternate, kind == "-")
    yield from _in_text(default or alternate, depth + 1)


def _closing(text: str, place: int) -> int:
    """Where the brace ends that was opened before `place`."""
    depth = 1
    while place < len(text):
        if text.startswith("${", place):
            depth += 1
            place += 1
        elif text[place] == "}":
            depth -= 1
            if not depth:
                return place
        place += 1
    return len(text)
