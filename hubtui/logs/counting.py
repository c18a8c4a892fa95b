"""Counting lines that match without making them: a question that counts while a reader looks for lines to ask it about.

Where hits are many, a line made for each costs ten times the looking. In most blocks a quick look is sure already; what
it is not sure of is asked about as ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hubtui.logs.lines import Line, Match
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
