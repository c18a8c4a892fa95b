"""The same lines read the plain way, all at once; and ways to read all of `Lines`."""

from __future__ import annotations

import copy
import itertools
import time
from dataclasses import dataclass

from hubtui.logs.block import Block, Judged
from hubtui.logs.files.forms import Stored
from hubtui.logs.lines import Line, Lines, Match, Place


def pieces(data: bytes, piece: int) -> list[bytes]:
    """The lines of a file that nobody writes, as `segment` says they are cut, without newlines."""
    lines: list[bytes] = []
    start = 0
    for at, byte in enumerate(data):
        if at % piece == 0 and at - piece >= start and b"\n" not in data[at - piece : at + 1]:
            lines.append(data[start:at])
            start = at
        if byte == 10:
            lines.append(data[start:at])
            start = at + 1
    return [*lines, data[start:]] if start < len(data) else lines


def soon(seconds: float = 30.0) -> float:
    return time.monotonic() + seconds


def read_on(
    lines: Lines, place: Place, *, n: int = 7, back: bool = False, match: Match | None = None, slice_: float = 30.0
) -> list[Line]:
    """All there is in one direction, in file order."""
    found: list[Line] = []
    while True:
        chunk = lines.read(place, n, back=back, match=copy.copy(match), until=soon(slice_))
        assert len(chunk.lines) <= n
        found = [*chunk.lines, *found] if back else [*found, *chunk.lines]
        if chunk.done:
            return found
        place = chunk.reached


def all_lines(lines: Lines, match: Match | None = None) -> list[Line]:
    """Everything, read in both directions, which must agree; each line begins where the one before it ends."""
    forth = read_on(lines, lines.start, match=match)
    back = read_on(lines, lines.end, back=True, match=match)
    assert forth == back
    if match is None and forth:
        assert forth[0].place == lines.start and forth[-1].after == lines.end
        assert all(a.after == b.place for a, b in itertools.pairwise(forth))
    return forth


def raws(lines: Lines, match: Match | None = None) -> list[bytes]:
    return [line.raw for line in all_lines(lines, match)]


@dataclass
class Holds:
    """Lines with these bytes in them; `quick`: with a look at whole blocks."""

    needle: bytes
    quick: bool = True

    def __call__(self, line: Line) -> bool:
        return self.needle in line.raw

    def judged(self, block: Block) -> Judged:
        if not self.quick:
            return dict.fromkeys(block.starts, self)
        return {start: self for start in block.starts if self.needle in block.data[slice(*block.span(start)[:2])]}


class NoHeads:
    """Nothing stands before the text of a line."""

    any = False

    def head(self, data: bytes, start: int) -> tuple[int, str]:
        return 0, ""


def block_of(data: bytes, *, stored: bool = False) -> Block:
    """These lines as a whole file; `stored`: as one of hubtui's own."""
    return Block(data, 0, len(data), Stored() if stored else NoHeads(), lambda want: None)
