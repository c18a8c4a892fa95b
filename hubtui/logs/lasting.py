"""Lines that are grave, together with those behind them that inherit their level, found in whole blocks: of a line that
will not be shown nothing is made, and hardly any is asked.
"""

from __future__ import annotations

from hubtui.logs.block import Block, Judged
from hubtui.logs.grave import LevelOf, Look
from hubtui.logs.inherited import SPREAD, Levels
from hubtui.logs.levels import Level
from hubtui.logs.lines import Line, Place

_A_BIT, _MORE = 4 * 1024, 64 * 1024  # bytes before a block in which a level is looked for that its first lines inherit


class Lasting:
    """A `Match` for lines of one source that have a level of at least `least`, named or inherited (`inherited`).
    `levels` says so of one line."""

    def __init__(self, least: int, level_of: LevelOf, levels: Levels) -> None:
        self._least, self._level_of, self._levels = least, level_of, levels
        self._end: Place | None = None  # behind the last block
        self._left = 0  # lines from there on that may inherit such a level

    def __call__(self, line: Line) -> bool:
        """Whether this line has such a level."""
        level = self._levels.of([line])[0]
        return level is not None and level >= self._least

    def judged(self, block: Block) -> Judged:
        """Sure of each line. A block that begins where the last one ended costs no look back."""
        look = Look(block, self._level_of)
        left = self._left if block.place == self._end else self._inherited(block, look)
        found: Judged = {}
        n: int | None = 0
        while n is not None:
            n, left = self._lasts(look, n, left, found) if left else self._begins(look, n, found)
        self._end, self._left = block.after, left
        return found

    def _begins(self, look: Look, n: int, found: Judged) -> tuple[int | None, int]:
        """From line `n` on, where nothing is inherited: find the next that is grave itself. Returns where to go on and
        how many lines may inherit then."""
        for at in look.every(self._least, n):
            level = look.level(at)
            if level is not None and level >= self._least:
                found[look.starts[at]] = None
                return look.behind(at), SPREAD
        return None, 0

    def _lasts(self, look: Look, n: int, left: int, found: Judged) -> tuple[int | None, int]:
        """From line `n` on, where `left` lines may inherit: take them, up to one that may name a level."""
        named = look.next(n, Level.TRACE)
        stop = min(len(look.starts) if named is None else named, n + left)
        for at in range(n, stop):
            if not look.is_marker(at):
                found[look.starts[at]] = None
        left -= stop - n
        if not left or stop == len(look.starts):
            return (stop if stop < len(look.starts) else None), left
        level = look.level(stop)
        if level is None:
            left -= 1
        else:
            left = SPREAD if level >= self._least else 0
        if (level is not None and left) or (level is None and not look.is_marker(stop)):
            found[look.starts[stop]] = None
        return look.behind(stop), left

    def _inherited(self, block: Block, look: Look) -> int:
        """How many lines from the beginning of a block on may inherit such a level from one before it."""
        if look.level(0) is not None:
            return 0
        passed, earlier = 0, block.earlier(_A_BIT)
        while earlier is not None and passed < SPREAD:
            before = Look(earlier, self._level_of)
            for at in reversed([*before.every(Level.TRACE)]):
                level = before.level(at)
                if level is not None:
                    passed += len(before.starts) - at
                    return max(SPREAD + 1 - passed, 0) if level >= self._least else 0
            passed += len(before.starts)
            earlier = earlier.earlier(_MORE)
        return 0
