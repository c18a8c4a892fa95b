"""Counting lines that match without making them: a question that counts while a reader looks for lines to ask it about.

Where hits are many, a line made for each costs ten times the looking. In most blocks a quick look is sure already; what
it is not sure of is asked about as ever.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hubtui.logs.files.chain import ChainLines
from hubtui.logs.filtered import Filtered
from hubtui.logs.filters import both
from hubtui.logs.lines import Line, Lines, Match, Place
from hubtui.logs.merge.merged import MergedLines
from hubtui.logs.patterns import Pattern

_STORED = re.compile(rb"\S{24} \d{1,20} [oeh] ")  # what hubtui writes before a line


class Counter:
    """A `Match` that says no to every line, and in `hits` how many of those that it was shown `match` means.

    Only for a reader that goes over each line once, in order, and asks nobody else about it.
    """

    def __init__(self, match: Match) -> None:
        self._match = match
        self.hits = 0

    def __call__(self, line: Line) -> bool:
        """No, and count it."""
        self.hits += self._match(line)
        return False

    def candidates(self, block: bytes) -> Iterator[int] | None:
        """Those that it must be asked about; the others are counted as the reader goes over them."""
        found = self._match.candidates(block)
        if found is None or not isinstance(self._match, Pattern) or not self._match.is_sure_of(block):
            return found
        return self._unsure(block, found)

    def _unsure(self, block: bytes, found: Iterator[int]) -> Iterator[int]:
        for offset in found:
            stored = _STORED.match(block, block.rfind(b"\n", 0, offset) + 1)
            if stored is not None and offset < stored.end():
                yield offset  # it may be in what hubtui wrote
            else:
                self.hits += 1


@dataclass(slots=True)
class _Share:
    lines: Lines
    match: Match
    at: Place
    done: bool = False


class Sum:
    """The hits in several files together: for the number of them their order does not matter, and finding out what
    comes at which time would take most of the time."""

    def __init__(self, asked: Sequence[tuple[Lines, Match]]) -> None:
        self._shares = [_Share(lines, match, lines.start) for lines, match in asked]
        self.hits = 0

    def more(self, until: float) -> bool:
        """Go on until then; whether every line there is now is counted."""
        for share in self._shares:
            while not (share.done and share.at == share.lines.end):
                counter = Counter(share.match)
                chunk = share.lines.read(share.at, 1, match=counter, until=until)
                share.at, share.done = chunk.reached, chunk.done
                self.hits += counter.hits
                if not chunk.done and time.monotonic() >= until:
                    return False
                if chunk.done:
                    break
        return all(share.done for share in self._shares)

    @property
    def part(self) -> float:
        """How much of all is counted, 0 to 1; files count alike."""
        return sum(share.lines.fraction(share.at) for share in self._shares) / len(self._shares)


def sum_over(lines: Lines, match: Match) -> Sum | None:
    """What counts the lines of several files that match; None where they cannot be counted file by file."""
    asked = _by_file(lines, match)
    return Sum(asked) if asked is not None and len(asked) > 1 else None


def _by_file(lines: Lines, match: Match) -> list[tuple[Lines, Match]] | None:
    if isinstance(lines, ChainLines):
        return [(lines, match)]
    if isinstance(lines, Filtered) and not lines.context and lines.filters.least is None:
        return _by_file(lines.base, both(match, lines.filters.match(lines.sources)) or match)
    if isinstance(lines, MergedLines):
        found = [_by_file(part, question) for part, question in lines.asked(match)]
        return None if None in found else [pair for pairs in found if pairs is not None for pair in pairs]
    return None
