"""The reader's side of one source: opens it, and takes one bounded turn after the other at what is wanted of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.message import Message

from hubtui.logs.lines import Line, Lines, Origin, Place
from hubtui.logs.search import Search
from hubtui.messages import LogGrew, LogHits, LogNote, LogOpened, LogStands
from hubtui.workers.log.goals import soon
from hubtui.workers.log.tasks import follow_on, open_window, read_more
from hubtui.workers.log.wishes import Extension, Sought, Source, Task, Wish, Wishes

FOLLOW_PACE = 0.04  # seconds between two looks while lines come: 25 paints a second
QUIET_PACES = ((50, FOLLOW_PACE), (100, 0.1), (200, 0.25))  # (looks without a line, seconds between two)
IDLE_PACE = 0.5
TRY_AGAIN = 1.0
COUNT_SLICE = 0.01
TELL_PACE = 0.2  # seconds between two words about counting
UNSEEN_AT_ONCE = 500
ALONE = 1.0  # seconds that looking for a place has for itself before hits are counted beside it


class Course:
    """One source from its opening to its closing; used by one thread."""

    def __init__(self, source: Source, wishes: Wishes, post: Callable[[Message], object]) -> None:
        self.source = source
        self._wishes, self._post = wishes, post
        self._base: Lines | None = None
        self._lines: Lines | None = None
        self._shape = wishes.shape
        self._wish = Wish()
        self._moving: Task | None = None
        self._moving_since = 0.0
        self._extending: dict[bool, Task] = {}
        self._taken: dict[bool, Extension] = {}
        self._errands: list[Task] = []
        self._sought: Sought | None = None
        self._search: Search | None = None
        self._hits_done = True
        self._current: Line | None = None
        self._ordinal: int | None = None
        self._below: Place | None = None  # where following goes on
        self._unseen: tuple[Place, int] | None = None
        self._quiet = 0
        self._look_at = 0.0
        self._counted = False
        self._told_at = self._stood_at = 0.0
        self._seen: tuple[Place, Place] | None = None
        self._trouble = ""

    def close(self) -> None:
        """Close what is open; an export under way leaves nothing."""
        for task in self._errands:
            task.close()
        if self._base is not None:
            self._base.close()

    def origin(self, line: Line) -> Origin:
        """What a line that this has told is known by; any thread may ask."""
        assert self._base is not None
        return self._base.origin(line)

    def take(self) -> float:
        """One turn; returns how many seconds there is nothing to do, 0 for a next turn at once."""
        try:
            if self._lines is None or self._shape is not self._wishes.shape:
                self._begin()
            lines = self._lines
            assert lines is not None
            self._hear()
            busy = self._forward(lines)
            self._stand(lines)
            if time.monotonic() >= self._look_at:
                self._look(lines)
            busy = busy or self._background(lines)
        except OSError as error:
            self._fail(error)
            return TRY_AGAIN
        now = time.monotonic()
        return 0.0 if busy else max(min(self._look_at, self._resumes(now)) - now, 0.001)

    def _resumes(self, now: float) -> float:
        """When counting goes on that waits for a moment of rest."""
        waits = not self._counted or self._errands or not self._hits_done
        return self._wishes.rest_until if waits and self._wishes.rest_until > now else self._look_at

    def _fail(self, error: OSError) -> None:
        self._moving = None
        self._extending.clear()
        self._look_at = 0.0
        told = f"The log cannot be read: {error.strerror or error}."
        if told != self._trouble:
            self._trouble = told
            self._post(LogNote(told, severe=True))

    def _begin(self) -> None:
        """Open the files, or look at them through another filter."""
        self._shape = self._wishes.shape
        if self._base is None:
            self._base = self.source.open()
        self._lines = self._shape(self._base)
        self._wish, self._unseen = Wish(), None
        self._moving, self._sought, self._search = None, None, None
        self._extending.clear()
        self._counted = False
        self._post(LogOpened(self._lines.sources))

    def _hear(self) -> None:
        """Take up what is wanted now."""
        lines, wishes = self._lines, self._wishes
        assert lines is not None
        if wishes.search is not self._sought:
            self._sought = wishes.search
            self._search = Search(lines, self._sought.match) if self._sought is not None else None
            self._hits_done = False
        wish = wishes.wish
        if wish is not self._wish:
            self._count_from(self._wish.since, wish)
            self._wish = wish
            self._below = None
            self._extending.clear()
            wishes.untaken = 0
            if wish.goal is not None:
                self._moving = open_window(lines, self._search, wish)
            else:
                self._moving = None
            self._look_at = 0.0
            self._moving_since = time.monotonic()
        for back in (True, False):
            asked = wishes.extensions.get(back)  # it may be one of a wish that comes right now: then it waits
            if asked is not None and asked is not self._taken.get(back) and asked.serial == wish.serial:
                self._taken[back] = asked
                self._extending[back] = read_more(lines, asked)
        while wishes.errands:
            self._errands.append(wishes.errands.pop(0)(lines))

    def _forward(self, lines: Lines) -> bool:
        """A slice of what the user waits for; whether there is more to do. Who reads on while a search looks through
        everything is given the lines that come next meanwhile."""
        for back, task in list(self._extending.items()):
            message = next(task, None)
            if message is None:
                del self._extending[back]
            else:
                self._tell(message)
        if self._moving is not None:
            message = next(self._moving, None)
            if message is None:
                self._moving = None
            else:
                self._tell(message)
                if time.monotonic() > self._moving_since + ALONE:  # what is counted meanwhile a search leaps over
                    self._count_hits(time.monotonic())
            return True
        return bool(self._extending)

    def _tell(self, message: Message) -> None:
        """Post it; where following goes on is where the view has read to."""
        if self._wish.follow:
            self._below = getattr(message, "below", self._below)
        self._post(message)

    def _stand(self, lines: Lines) -> None:
        seen, self._wishes.seen = self._wishes.seen, None
        if seen is None:
            return
        self._seen = seen
        top, bottom = seen
        total = lines.number(lines.end)
        counted = 1.0 if total is not None else self._part
        self._post(LogStands(lines.fraction(top), lines.fraction(bottom), lines.number(top), total, counted))

    _part = 0.0

    # What comes

    def _look(self, lines: Lines) -> None:
        """Whether the files have grown, or something happened to them."""
        before = lines.end
        notes = lines.refresh()
        for note in notes:
            self._post(LogNote(note))
        if notes and self._wish.follow:
            self._below = lines.end  # what was there may be gone
            self._post(follow_on(lines, self._wish.serial, None, self._wish.above))
        grown = lines.end != before or bool(notes)
        if grown:
            self._quiet = 0
            self._counted = False
            self._hits_done = self._search is None
            if notes and self._search is not None:
                self._search.forget()
        else:
            self._quiet += 1
        if self._wish.follow and self._below is not None and self._wishes.untaken < 2:
            self._follow(lines)
        elif self._unseen is not None:
            self._count_unseen(lines)
        if self._trouble:
            self._trouble = ""
            self._post(LogNote("The log can be read again."))
        pace = next((pace for looks, pace in QUIET_PACES if self._quiet < looks), IDLE_PACE)
        self._look_at = time.monotonic() + pace

    def _follow(self, lines: Lines) -> None:
        """Tell what came; of a flood only the end."""
        assert self._below is not None
        if self._below == lines.end:
            return
        news = follow_on(lines, self._wish.serial, self._below, self._wish.above)
        self._below = getattr(news, "below", getattr(news, "reached", self._below))
        self._wishes.untaken += 1
        self._post(news)

    def _count_from(self, before: Place | None, wish: Wish) -> None:
        """Count what comes from there on; who moves about meanwhile is told what was counted before."""
        if wish.since is None:
            self._unseen = None
        elif self._unseen is None or before != wish.since:
            self._unseen = wish.since, 0
        elif self._unseen[1]:
            self._post(LogGrew(wish.serial, self._unseen[1]))

    def _count_unseen(self, lines: Lines) -> None:
        """How many lines came since the view stopped following."""
        assert self._unseen is not None
        place, unseen = self._unseen
        if place == lines.end:
            return
        since, first, last = self._wish.since, None, None
        if lines is self._base:  # numbers count what a filter hides, too
            lines.count(time.monotonic() + COUNT_SLICE)
            first, last = (lines.number(since) if since is not None else None), lines.number(lines.end)
        if first is not None and last is not None:
            self._unseen = lines.end, last - first
        else:
            chunk = lines.read(place, UNSEEN_AT_ONCE, until=soon())
            self._unseen = chunk.reached, unseen + len(chunk.lines)
        if self._unseen[1] != unseen:
            self._post(LogGrew(self._wish.serial, self._unseen[1]))

    # What nobody waits for

    def _background(self, lines: Lines) -> bool:
        """A slice of counting and errands; whether there is more to do now."""
        now = time.monotonic()
        if now < self._wishes.rest_until:
            return False
        for task in list(self._errands):
            try:
                message = next(task)
            except StopIteration:
                self._errands.remove(task)
            else:
                if message is not None:
                    self._post(message)
        counting = self._count_hits(now)
        if not self._counted:
            self._part = lines.count(now + COUNT_SLICE)
            self._counted = self._part >= 1.0
            if self._counted or now >= self._stood_at + TELL_PACE:
                self._stood_at = now
                self._wishes.seen = self._wishes.seen or self._seen
        return bool(self._errands) or counting or not self._counted

    def _count_hits(self, now: float) -> bool:
        """Count hits for a slice, and find out which one the view is on; whether there is more to count."""
        search, sought, current = self._search, self._sought, self._wishes.current
        if search is None or sought is None or (self._hits_done and current is self._current):
            return False
        tally = search.tally if self._hits_done else search.count(soon())
        moved = current is not self._current
        if moved or (tally.exact and not self._hits_done):
            self._ordinal = search.ordinal(current, soon()) if current is not None else None
        self._current, self._hits_done = current, tally.exact
        if moved or tally.exact or now >= self._told_at + TELL_PACE:
            self._told_at = now
            self._post(LogHits(sought.serial, tally.hits, self._ordinal, tally.part))
        return not tally.exact
