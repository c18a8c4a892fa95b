"""The logs of the services asked for, read side by side and merged in the order of their times."""

from __future__ import annotations

import sqlite3
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from hubtui.cli.target import Target
from hubtui.logs.lines import Chunk, Line, Lines, Place
from hubtui.logs.opening import service_lines
from hubtui.paths import Home
from hubtui.stacks.logfiles import service_folder
from hubtui.store import services

BATCH = 2000  # lines read at once
SLICE = 0.2  # seconds of looking for them, until Ctrl-C and other services have their turn

Sift = Callable[[Lines], Lines]
"""Makes of all lines of a service those that are asked for."""


Printed = tuple[float, int, Line]
"""A line in the order of all: its time (of the line before it where it names none), its stream's number, itself."""

_MOMENT: Callable[[Printed], float] = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Window:
    """The times between which lines are wanted, both included, in seconds since the epoch."""

    since: float | None = None
    until: float | None = None


@dataclass
class Stream:
    """One service's lines from a place on. `ended`: what comes is later than the window."""

    number: int
    label: str
    service: str
    lines: Lines
    window: Window
    place: Place = None
    ended: bool = False
    _moment: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        since = self.window.since
        found = None if since is None else self.lines.at_time(since, time.monotonic() + 5)
        self.place = self.lines.start if found is None else found

    def more(self) -> tuple[list[Printed], bool]:
        """What comes next, perhaps nothing yet; and whether there may be more now."""
        if self.ended:
            return [], False
        chunk = self._read(self.place, BATCH)
        self.place = chunk.reached
        found = self._within(chunk.lines)
        self.ended = len(found) < len(chunk.lines) or self._is_past(chunk.reached)
        return found, not (chunk.done or self.ended)

    def last(self, n: int) -> list[Printed]:
        """The last `n` lines of the window; reading goes on behind it."""
        begin, end = self.place, self._stop()
        found: tuple[Line, ...] = ()
        at = end
        while len(found) < n:
            chunk = self._read(at, n - len(found), back=True)
            found, at = chunk.lines + found, chunk.reached
            if chunk.done or self.lines.fraction(at) <= self.lines.fraction(begin):
                break
        self.place = end
        since = self.window.since
        return self._within([line for line in found if since is None or line.time is None or line.time >= since])

    def refresh(self) -> tuple[str, ...]:
        """Look at the files again; sentences about what became of them, and how many lines went before their turn."""
        try:
            before = self.lines.number(self.place)
        except OSError:
            before = None
        said = self.lines.refresh()
        if said and before is not None:
            first = self.lines.number(self.lines.start)
            if first is not None and first > before:
                said += (f"{first - before} lines of {self.label} were removed by rotation before they were read.",)
        return said

    def _read(self, place: Place, n: int, *, back: bool = False) -> Chunk:
        try:
            return self.lines.read(place, n, back=back, until=time.monotonic() + SLICE)
        except FileNotFoundError:  # rotated away since the last look
            self.lines.refresh()
            return self.lines.read(place, n, back=back, until=time.monotonic() + SLICE)

    def _within(self, lines: Sequence[Line]) -> list[Printed]:
        """These lines up to the first that is later than the window."""
        found: list[Printed] = []
        moment, number, until = self._moment, self.number, self.window.until
        for line in lines:
            if line.time is not None:
                moment = line.time
                if until is not None and moment > until:
                    break
            found.append((moment, number, line))
        self._moment = moment
        return found

    def _stop(self) -> Place:
        """Behind the last line of the window that there is."""
        until = self.window.until
        found = None if until is None else self.lines.at_time(until + 0.001, time.monotonic() + 5)
        return self.lines.end if found is None else found

    def _is_past(self, place: Place) -> bool:
        """Whether nothing of the window lies behind this place, whatever the clock says: lines come in order."""
        until = self.window.until
        if until is None or until > time.time():
            return False
        return self.lines.fraction(place) >= self.lines.fraction(self._stop())


class Streams:
    """All of them. Services that come to a project later join when `join` looks for them."""

    def __init__(
        self, home: Home, con: sqlite3.Connection, wanted: Sequence[Target], sift: Sift, window: Window
    ) -> None:
        self._home, self._con, self._wanted = home, con, wanted
        self._sift, self._window = sift, window
        self._several = len({t.project.name for t in wanted}) > 1
        self.all: list[Stream] = []
        self.join()

    def join(self) -> None:
        """Look for services that are new."""
        known = {stream.label for stream in self.all}
        for target in self._wanted:
            name = target.project.name
            for service in target.services or [s.name for s in services.OF_PROJECT.all(self._con, name)]:
                label = f"{name}/{service}" if self._several else service
                if label not in known:
                    known.add(label)
                    lines = self._sift(service_lines(service_folder(self._home.logs(name), service), label))
                    self.all.append(Stream(len(self.all), label, service, lines, self._window))

    def last(self, n: int) -> list[Printed]:
        """The last `n` lines of all, in order."""
        found = sorted((one for stream in self.all for one in stream.last(n)), key=_MOMENT)
        return found[-n:] if n else []

    def rest(self) -> Iterator[list[Printed]]:
        """Everything from where each stays to the end there is now, in order, however much it is."""
        waiting: dict[int, list[Printed]] = {stream.number: [] for stream in self.all}
        going = set(waiting)
        while True:
            for number in list(going):
                while number in going and not waiting[number]:
                    waiting[number], more = self.all[number].more()
                    if not more:
                        going.discard(number)
            if not any(waiting.values()):
                return
            yield _next(waiting, going)

    def news(self) -> tuple[list[Printed], list[str]]:
        """What has come to each since the last look, in order; and what became of the files, in sentences."""
        found: list[Printed] = []
        said: list[str] = []
        for stream in self.all:
            said += stream.refresh()
            found += stream.more()[0]
        return sorted(found, key=_MOMENT), said

    def close(self) -> None:
        """Close what is open."""
        for stream in self.all:
            stream.lines.close()


def _next(waiting: dict[int, list[Printed]], going: set[int]) -> list[Printed]:
    """Take what is surely next: all that is not later than what each stream that goes on has read last. The stream
    that has read least far is taken whole, so that something always is."""
    least = min(going, key=lambda number: waiting[number][-1][0], default=None)
    bound = float("inf") if least is None else waiting[least][-1][0]
    taken: list[Printed] = []
    for number, found in waiting.items():
        count = len(found) if number == least else bisect_right(found, bound, key=_MOMENT)
        taken += found[:count]
        waiting[number] = found[count:]
    if len(waiting) > 1:
        taken.sort(key=_MOMENT)  # costs little, since each part is in order
    return taken
