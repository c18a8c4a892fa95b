"""What the reader of a log view does, as tasks in slices: each gives a message, or None, after some 30 ms at most."""

from __future__ import annotations

from hubtui.logs.lines import Chunk, Line, Lines, Place
from hubtui.logs.search import Search
from hubtui.messages import LogLooking, LogMore, LogNothing, LogWhole, LogWindow
from hubtui.workers.log.goals import Found, soon
from hubtui.workers.log.wishes import Errand, Extension, Task, Wish


def open_window(lines: Lines, search: Search | None, wish: Wish) -> Task:
    """Find a place and read so many lines before and behind it. What is missing the view asks for by `more`."""
    goal, serial = wish.goal, wish.serial
    if goal is None:
        return
    seeking = goal.seek(lines, search)
    while True:
        try:
            yield LogLooking(serial, next(seeking))
        except StopIteration as over:
            found: Found | None = over.value
            break
    if found is None:
        yield LogNothing(serial, goal.missing)
        return
    place = found.place
    before = lines.read(place, wish.above, back=True, until=soon())
    behind = lines.read(place, wish.below, until=soon()) if wish.below else Chunk((), place, wish.follow)
    yield window(serial, before, behind, hit=found.hit, note=found.note)


def window(serial: int, before: Chunk, behind: Chunk, *, hit: bool = False, note: str = "") -> LogWindow:
    """Two looks from one place, as one message."""
    return LogWindow(
        serial,
        before.lines + behind.lines,
        len(before.lines),
        before.reached,
        behind.reached,
        before.done,
        behind.done,
        hit,
        note,
    )


def read_more(lines: Lines, asked: Extension) -> Task:
    """So many lines more in one direction. What is found is told at once; looking goes on until it is enough."""
    found, place = 0, asked.place
    told = place  # up to here the view knows
    while True:
        chunk = lines.read(place, asked.n - found, back=asked.back, until=soon())
        found += len(chunk.lines)
        over = chunk.done or found >= asked.n
        if chunk.lines or over:
            yield LogMore(asked.serial, asked.back, told, chunk.lines, chunk.reached, chunk.done, not over)
            told = chunk.reached
        else:
            yield LogLooking(asked.serial, _part(lines, asked, chunk.reached))
        place = chunk.reached
        if over:
            return


def _part(lines: Lines, asked: Extension, reached: Place) -> float:
    """How much of the way from there to the edge has been looked at, 0 to 1."""
    begin, here = lines.fraction(asked.place), lines.fraction(reached)
    way, whole = (begin - here, begin) if asked.back else (here - begin, 1.0 - begin)
    return way / whole if whole > 0 else 1.0


def follow_on(lines: Lines, serial: int, below: Place | None, n: int) -> LogMore | LogWindow:
    """What came behind a place; where that is more than `n` lines, or there is no place, only the end of it."""
    if below is not None:
        chunk = lines.read(below, n, until=soon())
        if chunk.done or len(chunk.lines) < n:  # few that pass a filter: it has no more, or goes on looking
            return LogMore(serial, False, below, chunk.lines, chunk.reached, chunk.done)
    end = lines.end
    before = lines.read(end, n, back=True, until=soon())
    return window(serial, before, Chunk((), end, True))


def read_whole(line: Line, why: str, limit: int) -> Errand:
    """All bytes of a line."""

    def errand(lines: Lines) -> Task:
        yield LogWhole(why, line, lines.whole(line, limit), lines.number(line.place))

    return errand
