"""What a user types to find lines: plain text or a regular expression, made into a question about lines.

Text is UTF-8; what is matched is what is seen of a line (`seen`): no escape sequences, a progress bar's last state.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator

from hubtui.errors import UsageError
from hubtui.logs.block import Block, Judged
from hubtui.logs.finders import Finder, Plain, Regex
from hubtui.logs.lines import Line
from hubtui.logs.seen import seen

_NO_LETTER = re.compile(r"\\(?:[pP]\{[^}]*\}|x\{?[0-9A-Fa-f]+\}?|.)|\(\?P?<\w+>", re.DOTALL)

_WHY = {
    "missing )": "a ) is missing",
    "missing ]": "a ] is missing",
    "unexpected )": "this ) has no ( before it",
    "no argument for repetition operator": "nothing stands before it that could be repeated",
    "bad repetition operator": "this is repeated twice",
    "invalid repetition size": "more than 1000 repeats cannot be asked for",
    "invalid escape sequence": "this has no meaning here (no references back either)",
    "invalid perl operator": "this has no meaning here (no looking ahead or behind, no references back)",
    "invalid named capture group": "this name of a group cannot be read",
    "invalid character class range": "this range is the wrong way round",
    "trailing \\": "a \\ at the end means nothing; \\\\ is the character itself",
    "invalid UTF-8": "it is not UTF-8",
    "pattern too large": "it is too large; ask for fewer repeats",
}


class PatternError(UsageError):
    """A pattern that means nothing. `position` counts characters from 1, where one is known."""

    def __init__(self, why: str, position: int | None = None) -> None:
        where = f" at character {position}" if position else ""
        super().__init__(f"The pattern cannot be read{where}: {why}.", "Look for it as plain text, or put \\ before.")
        self.position = position


class Pattern:
    """A `Match` for what was typed. `case`: whether upper and lower case differ; None: they do as soon as an upper-case
    letter is typed (smart case, as in less -i and ripgrep -S). Raises PatternError."""

    def __init__(self, typed: str, *, regex: bool = False, case: bool | None = None) -> None:
        if not typed:
            raise PatternError("it is empty")
        self.typed, self.regex, self.case = typed, regex, case
        letters = _NO_LETTER.sub("", typed) if regex else typed
        self.ignores_case = letters == letters.lower() if case is None else not case
        self._finder = _finder(typed, regex, self.ignores_case)

    def __call__(self, line: Line) -> bool:
        """Whether it is in what is seen of the line."""
        return self._finder.is_in(seen(line.raw))

    def judged(self, block: Block) -> Judged:
        """Where it is sure, by one look at the whole block."""
        if block.cuts is not None:
            return dict.fromkeys(block.starts, self)  # the pieces of a line have their own escape sequences
        lines = block.lines_at(self._finder.offsets(block.seen), block.seen)
        if self._finder.is_exact and block.is_plain:
            return {start: None for start, _ in lines}
        return {start: None if self._is_sure(block, start, into) else self for start, into in lines}

    def _is_sure(self, block: Block, start: int, into: int) -> bool:
        """Whether what was found so far into a line is in what is seen of it."""
        _, end, _ = block.span(start)
        head, _ = block.heads.head(block.data, start)
        return self._finder.is_exact and into >= head and block.data.find(b"\r", start, end) < 0

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it is in a line as it is shown, begin and end in characters, in order and apart from each other."""
        data = text.encode("utf-8", "replace")
        found = self._finder.spans(data)
        return found if len(data) == len(text) else list(_in_characters(data, found))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, bool, bool | None]:
        return self.typed, self.regex, self.case


def _in_characters(data: bytes, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans of bytes, in order, as spans of the characters that they are in UTF-8."""
    at = count = 0
    for begin, end in spans:
        first = count + len(data[at:begin].decode("utf-8", "replace"))
        at, count = end, first + len(data[begin:end].decode("utf-8", "replace"))
        yield first, count


def _finder(typed: str, regex: bool, ignores_case: bool) -> Finder:
    try:
        text = typed.encode()
        if not regex and (text.isascii() or not ignores_case):
            return Plain(text, ignores_case)
    except UnicodeEncodeError:
        raise PatternError("it is not UTF-8") from None
    import re2

    try:
        return Regex(typed, ignores_case, literal=not regex)
    except re2.error as error:
        raise _explained(typed, error.args[0].decode("utf-8", "replace")) from None


def _explained(typed: str, told: str) -> PatternError:
    """RE2 names the part it stumbled over; Python's parser, where it stumbles too, knows the place better."""
    kind, _, part = told.partition(": ")
    kind = next((known for known in _WHY if told.startswith(known)), kind)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(typed)
        at = typed.find(part) if part else -1
    except (re.error, RecursionError, OverflowError) as error:
        at = getattr(error, "pos", None) or 0
    return PatternError(_WHY.get(kind, kind), at + 1 if at >= 0 else None)
