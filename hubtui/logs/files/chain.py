"""Files one after the other as one stream of lines: a log with its rotated files, or a single file.

A place is (key of the file, bytes from its beginning); at the beginning of a file that follows another it is the end of
the one before, so that the same point is always the same place.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hubtui.logs.files.bytime import Found, first_timed, halve
from hubtui.logs.files.forms import HEAD, Form
from hubtui.logs.files.numbers import Files, Numbers
from hubtui.logs.files.scan import Span, at_offsets, backwards, forwards
from hubtui.logs.files.segment import Segment
from hubtui.logs.lines import CUT, Chunk, Line, Match, Origin, Place, Source

FIRST_BLOCK = 16 * 1024
BLOCK = 64 * 1024  # larger ones cost fresh memory pages each, more than the calls they save
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
        want = min(FIRST_BLOCK, self._block)
        while True:
            i, at, more = self._step(i, at, back, until)
            if not more or len(found) >= n:
                break
            at = self._block_of(i, at, want, asked, found)
            want = min(want * 2, self._block)
            if time.monotonic() >= until:
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
        for count, span in enumerate(_spans(data, base, segment.piece, back, asked.match), 1):
            line = self._line(i, base, data, span)
            if asked.match is None or asked.match(line):
                found.append(_cut(line))
            late = count % _BETWEEN_CLOCKS == 0 and time.monotonic() >= asked.until
            if late or len(found) >= asked.n:
                return base + (span[0] if back else span[2])
        return base if back else base + len(data)

    def _line(self, i: int, base: int, data: bytes, span: Span) -> Line:
        start, end, after = span
        head, moment, stream, run = self._form.say(data, start, end)
        raw = data[start + head : end]
        key = self._segments[i].key
        place = (key, base + start) if base + start else self._place(i, 0)
        return Line(place, (key, base + after), raw, len(raw), 0, moment, stream, run)

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


def _spans(data: bytes, base: int, piece: int, back: bool, match: Match | None) -> Iterator[Span]:
    offsets = match.candidates(data) if match is not None else None
    if offsets is None:
        return backwards(data, base, piece) if back else forwards(data, base, piece)
    spans = at_offsets(data, base, piece, offsets)
    return reversed(list(spans)) if back else spans


def _cut(line: Line) -> Line:
    return replace(line, raw=line.raw[:CUT]) if line.size > CUT else line
