"""Many lines judged at once: a block of a file, and what a question says about the lines in it.

A line made for each, and asked about, costs fifty times the looking. So a question first says of a whole block which
lines it surely means and which must be asked; what several questions say together is worked out from that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from hubtui.logs.seen import unescaped

if TYPE_CHECKING:
    from hubtui.logs.lines import Line, Place

_NEWLINE = re.compile(rb"\n")

Span = tuple[int, int, int]
"""Where a line begins, where its text ends, and where the next one begins, in bytes from the beginning of a block."""

Ask = Callable[["Line"], bool]
Judged = dict[int, Ask | None]
"""The lines of a block that may be meant, each by where it begins, ascending; none that is meant is missing. None: it
surely is; else what is to be asked of the line."""


class Heads(Protocol):
    """What stands before the text of lines in a file."""

    @property
    def any(self) -> bool:
        """Whether something may."""

    def head(self, data: bytes, start: int) -> tuple[int, str]:
        """How many bytes stand before the text of the line that begins there, and its stream."""


@dataclass
class Block:
    """Whole lines as they lie in their file, between two places. `source`: as `Line.source`. `earlier` gives about so
    many bytes of lines that end where this block begins; None: there are none. `cuts`: where lines begin in a block in
    which one may be so long that it is given in pieces."""

    data: bytes
    place: Place
    after: Place
    heads: Heads
    earlier: Callable[[int], Block | None]
    cuts: Callable[[], Iterator[Span]] | None = None
    source: int = 0

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins."""
        if self.cuts is not None:
            return [span[0] for span in self.cuts()]
        return starts_of(self.data)

    @cached_property
    def seen(self) -> bytes:
        """The lines without their escape sequences."""
        return unescaped(self.data)

    @cached_property
    def is_plain(self) -> bool:
        """Whether all of each line is its text, and all that is seen of it."""
        return not self.heads.any and b"\r" not in self.data

    def span(self, start: int) -> Span:
        """The line that begins there."""
        if self.cuts is not None:
            return next(span for span in self.cuts() if span[0] == start)
        end = self.data.find(b"\n", start)
        return (start, end, end + 1) if end >= 0 else (start, len(self.data), len(self.data))

    def text(self, start: int) -> bytes | None:
        """What the line that begins there says; None: it is a marker of hubtui's own."""
        _, end, _ = self.span(start)
        head, stream = self.heads.head(self.data, start)
        return None if stream == "hub" else self.data[start + head : end]

    def lines_at(self, offsets: Iterable[int], text: bytes) -> list[tuple[int, int]]:
        """Of offsets, at most one a line and ascending, in `text`, which is the block without some of its bytes but
        with each newline: where the line begins in the block, and how far behind its beginning in `text` each is."""
        found: list[tuple[int, int]] = []
        counted = start = 0
        for offset in offsets:
            if offset >= len(text):
                break  # nothing at all was looked for, and found behind the last line
            begin = text.rfind(b"\n", counted, offset) + 1 or counted
            start = begin if text is self.data else self._same(start, text, counted, begin)
            counted = begin
            found.append((start, offset - begin))
        return found

    def _same(self, start: int, text: bytes, counted: int, begin: int) -> int:
        """Where the line that begins at `begin` in `text` begins here; the one at `counted` begins at `start`."""
        near = start + begin - counted  # or further on, by what is not in the text
        lines = text.count(b"\n", counted, begin) - self.data.count(b"\n", start, near)
        start = self.data.rfind(b"\n", start, near) + 1 or start
        for _ in range(lines):
            start = self.data.index(b"\n", start) + 1
        return start


def starts_of(data: bytes) -> list[int]:
    """Where each of these lines begins."""
    starts = [0, *[newline.end() for newline in _NEWLINE.finditer(data)]]
    if starts[-1] == len(data):
        starts.pop()
    return starts


def either(questions: Iterable[Judged]) -> Judged:
    """The lines that one of these means, at least."""
    first, *others = questions
    if not others:
        return first
    found = dict(first)
    for one in others:
        for start, ask in one.items():
            found[start] = _or(found[start], ask) if start in found else ask
    return dict(sorted(found.items()))


def each(first: Judged, second: Judged) -> Judged:
    """The lines that both mean."""
    return {start: _and(ask, second[start]) for start, ask in first.items() if start in second}


def without(lines: Judged, hidden: Judged) -> Judged:
    """Those of these lines that the other does not mean."""
    if not hidden:
        return lines
    found = {start: ask for start, ask in lines.items() if hidden.get(start, _no) is not None}
    for start, ask in hidden.items():
        if ask is not None and start in found:
            found[start] = _and(found[start], _not(ask))
    return found


def _no(line: Line) -> bool:
    return False


def _not(ask: Ask) -> Ask:
    return lambda line: not ask(line)


def _and(first: Ask | None, second: Ask | None) -> Ask | None:
    if first is None or second is None:
        return second if first is None else first
    return lambda line: first(line) and second(line)


def _or(first: Ask | None, second: Ask | None) -> Ask | None:
    if first is None or second is None:
        return None
    return lambda line: first(line) or second(line)
