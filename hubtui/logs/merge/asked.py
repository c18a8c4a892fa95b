"""A question about merged lines, put to one part of them, where sources have other numbers."""

from __future__ import annotations

from dataclasses import replace

from hubtui.logs.block import Block, Judged
from hubtui.logs.filters import hides
from hubtui.logs.lines import Line, Match
from hubtui.logs.merge.part import Part
from hubtui.logs.patterns import Pattern


def asked(match: Match, part: Part) -> Match:
    """What to ask the lines of this part."""
    return match if isinstance(match, Pattern) else Asked(match, part)  # a text is the same in every source


class Asked:
    """`match` as the lines of `part` are asked it: of a part that is hidden no line is."""

    def __init__(self, match: Match, part: Part) -> None:
        self._match, self._first = match, part.first_source
        self._hidden = all(hides(match, self._first + n) for n in range(len(part.lines.sources)))

    def __call__(self, line: Line) -> bool:
        """Whether this line of the part is meant."""
        return self._match(replace(line, source=self._first + line.source) if self._first else line)

    def judged(self, block: Block) -> Judged:
        """As the match says; of what is hidden none is meant."""
        if self._hidden:
            return {}
        own = replace(block, source=self._first + block.source)
        return {start: None if ask is None else self for start, ask in self._match.judged(own).items()}
