"""Files one after the other as one stream of lines: a log with its rotated files, or a single file.

A place is (key of the file, bytes from its beginning); at the beginning of a file that follows another it is the end of
the one before, so that the same point is always the same place.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from hubtui.logs.block import Ask, Block, Span
from hubtui.logs.files.bytime import Found, first_timed, halve
from hubtui.logs.files.forms import HEAD, Form
from hubtui.logs.files.numbers import Files, Numbers
from hubtui.logs.files.scan import backwards, forwards
from hubtui.logs.files.segment import Segment
from hubtui.logs.lines import CUT, Chunk, Line, Match, Origin, Place, Source

FIRST_BLOCK = 16 * 1024
BLOCK = 64 * 1024  # larger ones cost fresh memory pages each, more than the calls they save
_SHORT, _SHORTEST = 256, 2048  # bytes that a line rarely exceeds, and the least that are read
_SWIFT = 0.01  # seconds that a block takes at most: one of short lines that are all asked about takes ten times as long
_BETWEEN_CLOCKS = 64  # lines asked about between two looks at the clock


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `read` was asked for."""

    n: int
    back: bool
    match: Match | None
    until: float


class ChainLines:
    """These files as `Lines`. `block`: bytes that are read at once at most."""

    def __init__(self, name: str, files: Files, form: Form, *, block: int = BLOCK) -> None:
        self.sources = (Source(name),)
        self._files = files
        self._form = form
        self._block = block
        self._first_times: dict[int, Found] = {}  # by the key of the file
        self._learnt_from = 0
        self._numbers = Numbers(files)
        self._learn()

    @property
    def size(self) -> int:
        """Bytes there are."""
        return sum(segment.end for segment in self._segments)

    @property
    def start(self) -> Place:
        return self._place(0, 0)

    @property
    def end(self) -> Place:
        return self._place(len(self._segments) - 1, self._segments[-1].end)

    def read(self, place: Place, n: int, *, back: bool = False, match: Match | None = None, until: float) -> Chunk:
        asked, found = _Asked(n, back, match, until), list[Line]()
        i, at = self._find(place)
        want = min(FIRST_BLOCK if match is not None else max(n * _SHORT, _SHORTEST), FIRST_BLOCK, self._block)
        while True:
            i, at, more = self._step(i, at, back, until)
            if not more or len(found) >= n:
                break
            began = time.monotonic()
            at = self._block_of(i, at, want, asked, found)
            now = time.monotonic()
            want = min(max(want // 2, _SHORTEST) if now > began + _SWIFT else want * 2, self._block)
            if now >= until:
                i, at, more = self._step(i, at, back, 0.0)
                break
        if back:
            found.reverse()
        return Chunk(tuple(found), self._place(i, at), not more)

    def refresh(self) -> tuple[str, ...]:
        said = self._files.look()
        self._learn()
        return tuple(said)

    def origin(self, line: Line) -> Origin:
        assert isinstance(line.place, tuple) and isinstance(line.after, tuple)
        key, at = line.place
        own = line.after[0]  # a place before the first line of a file may be the end of the one before it
        return own, at if key == own else 0

    def has(self, origin: Origin) -> bool:
        assert isinstance(origin, tuple)
        key, at = origin
        return any(segment.key == key and at < segment.end for segment in self._segments)

    def fraction(self, place: Place) -> float:
        i, at = self._find(place)
        before = sum(segment.end for segment in self._segments[:i])
        return min((before + at) / (self.size or 1), 1.0)

    def at_fraction(self, fraction: float) -> Place:
        wanted = int(self.size * min(max(fraction, 0.0), 1.0))
        for i, segment in enumerate(self._segments):
            if wanted < segment.end:
                self._files.use(segment)
                return self._place(i, segment.snap(wanted))
            wanted -= segment.end
        return self.end

    def at_time(self, seconds: float, until: float) -> Place | None:
        before: tuple[int, Found] | None = None
        for i, segment in enumerate(self._segments):
            first = self._first_time(segment, until)
            if first is None:
                continue
            if first[1] >= seconds and before is None:
                return self._place(i, first[0])
            if first[1] >= seconds:
                break
            before = i, first
        if before is None:
            return None
        i, first = before
        self._files.use(self._segments[i])
        return self._place(i, halve(self._segments[i], self._form, first, seconds, until))

    def number(self, place: Place) -> int | None:
        return self._numbers.number(*self._find(place))

    def at_number(self, number: int) -> Place | None:
        lines = self.number(self.end)
        if lines is not None and number >= lines:
            return self.end
        found = self._numbers.at_number(number)
        return None if found is None else self._place(*found)

    def count(self, until: float) -> float:
        return self._numbers.count(until)

    def whole(self, line: Line, limit: int) -> bytes:
        if line.size <= len(line.raw):
            return line.raw[:limit]
        i, at = self._find(line.place)
        if at == self._segments[i].end and i + 1 < len(self._segments):
            i, at = i + 1, 0
        self._files.use(self._segments[i])
        data = self._segments[i].read_at(min(line.size, limit) + HEAD, at)
        head = self._form.say(data, 0, min(len(data), CUT)).head
        return data[head : head + min(line.size, limit)]

    def close(self) -> None:
        self._files.close()

    # Places

    @property
    def _segments(self) -> list[Segment]:
        return self._files.segments

    def _place(self, i: int, at: int) -> Place:
        segments = self._segments
        while at == 0 and i > 0:
            i -= 1
            at = segments[i].end
        return segments[i].key, at

    def _find(self, place: Place) -> tuple[int, int]:
        """(which file, bytes from its beginning), the nearest there is."""
        if not isinstance(place, tuple):
            return 0, 0
        key, at = place
        for i, segment in enumerate(self._segments):
            if segment.key == key:
                return i, min(at, segment.end)
            if segment.key > key:
                return i, 0
        return len(self._segments) - 1, self._segments[-1].end

    def _step(self, i: int, at: int, back: bool, until: float) -> tuple[int, int, bool]:
        """Over the border of a file, if we stand at one; whether there is something to read on the other side."""
        segments = self._segments
        if back:
            while at == 0 and i > 0:
                i -= 1
                at = segments[i].end
            return i, at, at > 0
        while at >= segments[i].end:
            if i + 1 < len(segments):
                i, at = i + 1, 0
            elif not (time.monotonic() < until and self._files.pump(until)):
                return i, at, False
        return i, at, True

    # Blocks

    def _block_of(self, i: int, at: int, want: int, asked: _Asked, found: list[Line]) -> int:
        """Look at one block from `at` on, or before it, for as many lines as are still wanted; returns where it got
        to."""
        segment, back = self._segments[i], asked.back
        self._files.use(segment)
        data = segment.backward(at, want) if back else segment.forward(at, want)
        if not data:  # cut short since the last look
            return 0 if back else segment.end
        base = at - len(data) if back else at
        make = self._maker(i, base, data)
        for count, (span, ask) in enumerate(self._asked_of(i, base, data, asked), 1):
            line = make(span)
            if ask is None or ask(line):
                found.append(line if line.size <= CUT else replace(line, raw=line.raw[:CUT]))
            late = count % _BETWEEN_CLOCKS == 0 and time.monotonic() >= asked.until
            if late or len(found) >= asked.n:
                return base + (span[0] if back else span[2])
        return base if back else base + len(data)

    def _asked_of(self, i: int, base: int, data: bytes, asked: _Asked) -> Iterator[tuple[Span, Ask | None]]:
        """The lines of a block that may be meant, and what is to be asked of each."""
        if asked.match is None:
            walk = backwards if asked.back else forwards
            yield from ((span, None) for span in walk(data, base, self._segments[i].piece))
            return
        block = self._block_at(i, base, data)
        judged = asked.match.judged(block).items()
        for start, ask in reversed(judged) if asked.back else judged:
            yield block.span(start), ask

    def _block_at(self, i: int, base: int, data: bytes) -> Block:
        piece, after = self._segments[i].piece, self._place(i, base + len(data))
        cuts = partial(forwards, data, base, piece) if len(data) > piece else None
        return Block(data, self._place(i, base), after, self._form, partial(self._earlier, i, base), cuts)

    def _earlier(self, i: int, at: int, want: int) -> Block | None:
        """The block before a point."""
        while at == 0 and i > 0:
            i -= 1
            at = self._segments[i].end
        self._files.use(self._segments[i])
        data = self._segments[i].backward(at, want) if at else b""
        return self._block_at(i, at - len(data), data) if data else None

    def _maker(self, i: int, base: int, data: bytes) -> Callable[[Span], Line]:
        """What makes the lines of a block. Millions are made, so it looks up nothing twice."""
        key, say, begin = self._segments[i].key, self._form.say, self._place(i, 0)

        def make(span: Span) -> Line:
            start, end, after = span
            head, moment, stream, run = say(data, start, end)
            raw = data[start + head : end]
            place = (key, base + start) if base + start else begin
            return Line(place, (key, base + after), raw, len(raw), 0, moment, stream, run)

        return make

    def _first_time(self, segment: Segment, until: float) -> Found | None:
        if segment.key not in self._first_times and self._form.timed:
            self._files.use(segment)
            first = first_timed(segment, self._form, 0, segment.end, until)
            if first is not None:
                self._first_times[segment.key] = first
        return self._first_times.get(segment.key)

    def _learn(self) -> None:
        """See how lines are written, from the first ones; where they name no time, from the last ones."""
        if self._form.timed or self.size < 2 * self._learnt_from:
            return
        segments = [segment for segment in self._segments if segment.end]
        for segment, at in [(segments[0], 0), (segments[-1], segments[-1].end)] if segments else []:
            self._files.use(segment)
            data = segment.backward(at, FIRST_BLOCK) if at else segment.forward(0, FIRST_BLOCK)
            self._form.learn(data, segment.written)
        self._learnt_from = self.size
