"""What a log view reads: lines in an order, found by place, forwards and backwards, never all of them at once.

One interface for a service's log with its rotated files, any other file, several of them merged by time, and what a
filter leaves of any of these. A `Place` is a point between two lines; only the `Lines` that gave it knows what is in
it. Nothing here waits longer than it is told to: a scan that has not found enough in time says where to go on.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

from hubtui.logs.block import Block, Judged

Place = Hashable
"""A point between two lines. Equal where it is the same point; it stays valid while its file is there."""
Origin = Hashable
"""What one line is known by as long as it is there, however it was found; never that of another line."""

CUT = 32 * 1024  # bytes of one line that a reader gives; the rest is read by `whole`
PIECE = 1024 * 1024  # a longer line is given in pieces, the first of them of less than twice this, at places that stay


@dataclass(slots=True, unsafe_hash=True)
class Line:
    """One line as it was printed, without its newline and without what hubtui stored before it; not yet safe text. Of
    a line that ended in CR and newline the CR is still there.

    Nobody changes one; it is not frozen because that takes four times as long to make, and millions are made."""

    place: Place  # before it
    after: Place  # behind it
    raw: bytes  # at most CUT bytes of it
    size: int  # bytes it really has
    source: int = 0  # which of several merged sources it is from
    time: float | None = None  # seconds since the epoch, as stored or as read in it; None: it names none
    stream: str = ""  # out, err, hub (a marker of hubtui's own); "" in a file that is not hubtui's
    run: int | None = None
    hit: bool = True  # False: shown only as the context of one that a filter asked for


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one look found: lines in file order, and where the next look in the same direction begins. `done`: nothing
    is left in that direction now."""

    lines: tuple[Line, ...]
    reached: Place
    done: bool


class Match(Protocol):
    """A question about one line, with a quick look at many."""

    def __call__(self, line: Line) -> bool:
        """Whether this line is meant. A line that is asked about has all its bytes, also beyond CUT."""

    def judged(self, block: Block) -> Judged:
        """What can be said of the lines of a block at once."""


@dataclass(frozen=True, slots=True)
class Source:
    """One of the files or services that lines come from: its name as it is shown, not yet safe text."""

    name: str


class Lines(Protocol):
    """An order of lines. Called from one thread at a time. Every method may raise OSError."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """What `Line.source` counts in."""

    @property
    def start(self) -> Place:
        """Before the oldest line there is now."""

    @property
    def end(self) -> Place:
        """Behind the newest complete line there is now. A line without a newline at the end of a file is complete
        when nothing was added to it for a second."""

    def read(self, place: Place, n: int, *, back: bool = False, match: Match | None = None, until: float) -> Chunk:
        """The next `n` lines from a place on (of those that match), or the `n` before it. It ends at `until`
        (time.monotonic()) with what it has found by then; also where that is past it goes on a little. A place whose
        file is gone: the nearest that is there."""

    def refresh(self) -> tuple[str, ...]:
        """Look at the files again: what grew, was rotated, cut short, removed or replaced. Sentences for the user about
        what is not growth."""

    def origin(self, line: Line) -> Origin:
        """What a line that these gave is known by, also when files before it are gone or a line of another source came
        between. It looks at the line alone, so any thread may ask."""

    def has(self, origin: Origin) -> bool:
        """Whether the line is still there, as the last look at the files saw them; a filter hides none."""

    def fraction(self, place: Place) -> float:
        """How far down a place is, 0 to 1, for a scroll bar; cheap, in bytes."""

    def at_fraction(self, fraction: float) -> Place:
        """The beginning of the line there."""

    def at_time(self, seconds: float, until: float) -> Place | None:
        """Before the first line at or after a time (since the epoch); None where no line names a time."""

    def number(self, place: Place) -> int | None:
        """How many lines are before a place, rotated away or not; None while nobody has counted that far. The pieces
        of one line have its number."""

    def at_number(self, number: int) -> Place | None:
        """The place before which there are this many lines, or the nearest there is; None while nobody has counted that
        far."""

    def count(self, until: float) -> float:
        """Go on counting lines in the background until then; the part that is counted, 0 to 1."""

    def whole(self, line: Line, limit: int) -> bytes:
        """All bytes of a line, at most `limit`."""

    def close(self) -> None:
        """Close what is open."""
