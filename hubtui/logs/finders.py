"""Finding what was typed in bytes: plain text by the fastest way there is, anything else by RE2.

RE2 takes time that grows with the text alone, whatever was typed, and lets other threads run meanwhile; Python's own
`re` can be made to stand still for hours. What RE2 leaves out for that are references back and looking around; \\w, \\d
and \\b know ASCII alone, \\pL is any letter (https://github.com/google/re2/wiki/Syntax).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

_MEMORY = 32 * 1024 * 1024  # bytes that one pattern may take, in the worst case
_PARTS = re.compile(r"\\Q.*?(?:\\E|\Z)|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|\^+|\$+", re.DOTALL)
_BEGIN = r"(?:(?m:^)|\r|(?m:^)\S{24} [0-9]+ [oeh] )"  # a line of hubtui's own has its time, run and stream before it
_END = r"(?:(?m:$)|\r)"
_ANCHORS = {"^": _BEGIN, r"\A": _BEGIN, "$": _END, r"\z": _END}

Spans = list[tuple[int, int]]


class Finder(Protocol):
    """Something to find in UTF-8. `is_exact`: what `offsets` finds in a line that is as it is seen is in it."""

    is_exact: bool

    def is_in(self, text: bytes) -> bool:
        """Whether it is in what is seen of one line."""

    def offsets(self, block: bytes) -> Iterator[int]:
        """In a block of lines, one in each line that it may be in; in none of the others."""

    def spans(self, text: bytes) -> Spans:
        """Where it is in one line, in order and apart from each other."""


class Plain:
    """Bytes as they are; `folds`: A to Z are a to z."""

    is_exact = True

    def __init__(self, text: bytes, folds: bool) -> None:
        self._text = text.lower() if folds else text
        self._folds = folds

    def is_in(self, text: bytes) -> bool:
        return self._text in (text.lower() if self._folds else text)

    def offsets(self, block: bytes) -> Iterator[int]:
        block = block.lower() if self._folds else block
        at = block.find(self._text)
        while at >= 0:
            yield at
            newline = block.find(b"\n", at)
            at = block.find(self._text, newline) if newline >= 0 else -1

    def spans(self, text: bytes) -> Spans:
        text = text.lower() if self._folds else text
        found, at = [], text.find(self._text)
        while at >= 0:
            found.append((at, at + len(self._text)))
            at = text.find(self._text, found[-1][1])
        return found


class Regex:
    """A regular expression, or with `literal` a text, as RE2 reads it. Raises re2.error, UnicodeEncodeError."""

    def __init__(self, typed: str, folds: bool, *, literal: bool = False) -> None:
        import re2  # only who searches needs it

        options = re2.Options()
        options.literal = literal
        options.case_sensitive = not folds
        options.never_nl = True  # in a block no match goes on into the next line
        options.log_errors = False
        options.max_mem = _MEMORY
        wide = typed if literal else _PARTS.sub(_widened, typed)
        self.is_exact = wide == typed
        self._line = re2.compile(typed.encode(), options)
        self._block = self._line if wide == typed else re2.compile(wide.encode(), options)

    def is_in(self, text: bytes) -> bool:
        return self._line.search(text) is not None

    def offsets(self, block: bytes) -> Iterator[int]:
        at, end = 0, len(block)
        while at < end and (start := self.first(block, at)) >= 0:
            yield start
            at = block.find(b"\n", start) + 1
            if not at:
                return

    def first(self, block: bytes, at: int) -> int:
        """Where the first one from `at` on is; -1: nowhere."""
        match = self._block.search(block, at)
        return -1 if match is None else int(match.start())

    def spans(self, text: bytes) -> Spans:
        found = (match.span() for match in self._line.finditer(text))
        return [(begin, end) for begin, end in found if begin < end]


def _widened(part: re.Match[str]) -> str:
    """An anchor as it holds in a block of stored lines; what is none, or is quoted, as it is."""
    key = part[0][0] if part[0][0] in "^$" else part[0]
    return _ANCHORS.get(key, part[0])
