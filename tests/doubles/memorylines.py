"""Lines in memory, and what filters leave of them asked the slow, obvious way."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hubtui.logs.block import Block
from hubtui.logs.lines import CUT, Chunk, Line, Match, Origin, Place, Source


class MemoryLines:
    """A `Lines` of given lines; a place is a number. It asks no more than `slice_` lines a look once it is past
    `until`, as a reader of files does."""

    def __init__(self, raw: Sequence[bytes], sources: Sequence[int] = (), names: Sequence[str] = ("app",)) -> None:
        self.lines: list[Line] = []
        self._names = tuple(map(Source, names))
        self.slice_ = 10**9
        for n, text in enumerate(raw):
            self.add(text, sources[n] if sources else 0)

    def add(self, raw: bytes, source: int = 0, run: int | None = None) -> None:
        n = len(self.lines)
        self.lines.append(Line(n, n + 1, raw[:CUT], len(raw), source, float(n), "out", run))

    @property
    def sources(self) -> tuple[Source, ...]:
        return self._names

    @property
    def start(self) -> Place:
        return 0

    @property
    def end(self) -> Place:
        return len(self.lines)

    def read(self, place: Place, n: int, *, back: bool = False, match: Match | None = None, until: float) -> Chunk:
        assert isinstance(place, int)
        found: list[Line] = []
        at, step, last = (place, -1, 0) if back else (place, 1, len(self.lines))
        for _ in range(self.slice_ if match is not None else 10**9):
            if at == last or len(found) == n:
                break
            line = self.lines[at - 1 if back else at]
            at += step
            if match is None or self._means(match, line):
                found.append(line)
        return Chunk(tuple(found[::-1] if back else found), at, at == last)

    def refresh(self) -> tuple[str, ...]:
        return ()

    def origin(self, line: Line) -> Origin:
        return line.place

    def has(self, origin: Origin) -> bool:
        return isinstance(origin, int) and origin < len(self.lines)

    def fraction(self, place: Place) -> float:
        assert isinstance(place, int)
        return place / max(len(self.lines), 1)

    def at_fraction(self, fraction: float) -> Place:
        return int(fraction * len(self.lines))

    def at_time(self, seconds: float, until: float) -> Place | None:
        return next((line.place for line in self.lines if line.time is not None and line.time >= seconds), self.end)

    def number(self, place: Place) -> int | None:
        assert isinstance(place, int)
        return place

    def at_number(self, number: int) -> Place | None:
        return number

    def count(self, until: float) -> float:
        return 1.0

    def whole(self, line: Line, limit: int) -> bytes:
        return line.raw[:limit]

    def close(self) -> None:
        pass

    def _means(self, match: Match, line: Line) -> bool:
        """Whether a line matches: what a look at a block of it alone says, which is also what asking it says."""
        block = self._block(line.place)
        judged = match.judged(block) if block is not None else {}
        found = 0 in judged and ((ask := judged[0]) is None or ask(line))
        assert found == copy.copy(match)(line), line
        return found

    def _block(self, n: Place) -> Block | None:
        """One line as a block."""
        assert isinstance(n, int)
        line = self.lines[n] if n >= 0 else None
        if line is None:
            return None
        heads = _Heads(line.stream)
        return Block(line.raw + b"\n", n, n + 1, heads, lambda want: self._block(n - 1), None, line.source)


@dataclass(frozen=True)
class _Heads:
    """Nothing stands before a line; it is of this stream."""

    stream: str
    any: bool = True

    def head(self, data: bytes, start: int) -> tuple[int, str]:
        return 0, self.stream


def naive(lines: Sequence[Line], hit: Callable[[int], bool], context: int) -> list[Line]:
    """The lines that are hits, by number, and those up to `context` before and behind them."""
    hits = {n for n in range(len(lines)) if hit(n)}
    near = {m for n in hits for m in range(n - context, n + context + 1)}
    return [replace(line, hit=n in hits) for n, line in enumerate(lines) if n in near]
