"""Counting lines that match without making them: a question that counts while a reader looks for lines to ask it about.

Where hits are many, a line made for each costs ten times the looking. In most blocks a quick look is sure already; what
it is not sure of is asked about as ever.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from hubtui.logs.block import Ask, Block, Judged
from hubtui.logs.files.chain import ChainLines
from hubtui.logs.filtered import Filtered
from hubtui.logs.lines import Line, Lines, Match, Place
from hubtui.logs.merge.merged import MergedLines


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

    def judged(self, block: Block) -> Judged:
        """None of those that are surely meant, which are counted right here; where one must be asked, all are given to
        the reader, who may stop in between."""
        judged = self._match.judged(block)
        if any(judged.values()):
            return {start: partial(self._count, ask) for start, ask in judged.items()}
        self.hits += len(judged)
        return {}

    def _count(self, ask: Ask | None, line: Line) -> bool:
        self.hits += ask is None or ask(line)
        return False


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


def by_file(lines: Lines, match: Match) -> list[tuple[Lines, Match]] | None:
    """The files that these lines are from, and what to ask each of those for the lines that match; None where that does
    not tell."""
    if isinstance(lines, ChainLines):
        return [(lines, match)]
    if isinstance(lines, Filtered):
        question = lines.asked(match)
        return None if question is None else by_file(lines.base, question)
    if isinstance(lines, MergedLines):
        found = [by_file(part, question) for part, question in lines.asked(match)]
        return None if None in found else [pair for pairs in found if pairs is not None for pair in pairs]
    return None
