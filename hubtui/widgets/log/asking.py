"""What a log view has at hand, what it asks its reader for, and what it does with the answers. It knows no pixels."""

from __future__ import annotations

import asyncio
import contextlib

from textual.message import Message
from textual.reactive import var
from textual.widget import Widget

from hubtui.logs.lines import Place
from hubtui.messages import LogGrew, LogLooking, LogMore, LogNothing, LogStands, LogTold, LogWindow
from hubtui.widgets.log.page import Page
from hubtui.widgets.log.rows import Rows
from hubtui.workers.log.goals import NOWHERE, Goal, ToEdge, ToPlace
from hubtui.workers.log.reading import LogReading

SOON = 0.25  # seconds that a key waits for the place that the one before it asked for


class LogAsking(Widget):
    """Holds a stretch of lines around what is shown. Following ends when the user moves away from the end."""

    following: var[bool] = var(True)

    class Changed(Message):
        """Where the view is, what it knows or what it waits for has changed."""

    def __init__(self, reading: LogReading, rows: Rows, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.reading, self.rows = reading, rows
        self.page = Page(rows.tall)
        self.unseen = 0
        self.looking: float | None = None  # how far the reader is, while it looks for what is wanted
        self.told = ""  # what the reader has not found, or how it found it
        self.stands: LogStands | None = None
        self.opened = False  # whether there was a first answer
        self._serial = 0
        self._since: Place | None = None  # the first place that was not shown when following ended
        self._followed = False  # whether it ended for a place that is looked for: if there is none, it goes on
        self._asked = [False, False]
        self._seen: tuple[Place, Place] | None = None
        self._there = asyncio.Event()  # what was looked for last is shown, or not to be found

    # Asking

    def begin(self) -> None:
        """Another log, or another filter of it, is shown from its end."""
        self.page = Page(self.rows.tall)
        self.page.rows = max(self.size.height, 1)
        self.opened = False
        self.stands = None
        self.go_end()

    def stay_here(self) -> None:
        """What is shown has another filter now: read it anew, around the line under the cursor."""
        current = self.page.current
        if self.following or current is None:
            self.go_end()
        else:
            self.go(ToPlace(current.place))

    def go_end(self) -> None:
        """To the end, and stay there."""
        self.go(ToEdge(end=True), follow=True)

    def go(self, goal: Goal, *, follow: bool = False, followed: bool = False) -> None:
        """Look for a place; the view moves when it is found. `followed`: where it is not, following goes on, as it also
        does if that is what the view does now."""
        rows = max(self.size.height, 24)
        if follow or self.following:
            self.unseen = 0
            self._since = None if follow else self.page.below
            followed = not follow
        self.following, self._followed = follow, followed
        self.told, self.looking = "", None
        self._there.clear()
        self._asked = [False, False]
        below = 0 if follow else 3 * rows
        self._serial = self.reading.go(goal, 2 * rows, below, follow=follow, since=self._since)
        self.post_message(self.Changed().set_sender(self))

    def stop_following(self) -> None:
        """The user reads: from now on lines are counted."""
        self._followed = False
        if self.following:
            self.following = False
            self.unseen = 0
            self._asked = [False, False]
            self._since = self.page.below
            self._serial = self.reading.stay(self._since)
            self._there.set()

    async def arrived(self) -> None:
        """Wait until what was looked for last is shown, or is not to be found, but not longer than SOON: for keys that
        mean the line under the cursor and come right after one that goes there."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._there.wait(), SOON)

    def settle(self) -> None:
        """The page may have moved: ask for what comes near, follow where the end is on the screen, paint."""
        page = self.page
        for back, wanted in zip((True, False), page.wants(), strict=True):
            if wanted and not self._asked[not back] and not (self.following and not back):
                self._asked[not back] = True
                place = page.above if back else page.below
                self.reading.more(self._serial, place, 3 * max(page.rows, 8), back=back)
        if page.lines:
            seen = self.edges
            if seen != self._seen:
                self._seen = seen
                self.reading.seen(*seen)
        self.refresh()
        self.post_message(self.Changed().set_sender(self))

    @property
    def edges(self) -> tuple[Place, Place]:
        """Before the first line on the screen, behind the last."""
        page = self.page
        return (
            (page.lines[page.top].place, page.lines[max(page.last, 0)].after)
            if page.lines
            else (page.above, page.below)
        )

    # Hearing

    def hear(self, message: LogTold) -> None:
        """What the reader tells; answers to older wishes are dropped."""
        serial = getattr(message, "serial", self._serial)
        if serial != self._serial:
            return
        if isinstance(message, LogWindow):
            self._take(message)
        elif isinstance(message, LogMore):
            self._add(message)
        elif isinstance(message, LogGrew):
            self.unseen = message.unseen
            self.page.at_end = False
            self.settle()
        elif isinstance(message, LogLooking):
            self.looking = message.fraction
            self.post_message(self.Changed().set_sender(self))
        elif isinstance(message, LogNothing):
            self._miss(message.sentence)
        elif isinstance(message, LogStands):
            self.stands = message
            self.refresh()
            self.post_message(self.Changed().set_sender(self))

    def _miss(self, sentence: str) -> None:
        """What was looked for is not there: who followed goes on with that. That nothing is found is said with the
        search then, where it stays true when lines come."""
        if self._followed:
            self.go_end()
            sentence = "" if sentence == NOWHERE else sentence
        else:
            self._there.set()
        self.looking, self.told = None, sentence
        self.post_message(self.Changed().set_sender(self))

    def _take(self, window: LogWindow) -> None:
        if not self.following:  # where following goes on, what was not found is still to be read
            self.told = window.note
        self.looking, self._followed = None, False
        self.opened = True
        self._asked = [False, False]
        self.page.take(window, end=self.following)
        self.reading.taken()
        self._seen = None
        self.settle()
        self._there.set()

    def _add(self, more: LogMore) -> None:
        self.looking = None
        self._asked[not more.back] = more.goes_on
        self.reading.taken()
        if more.place == (self.page.above if more.back else self.page.below):
            self.page.add(more, end=self.following and not more.back)
            self.settle()
        elif self.following and not more.back:  # there would be a hole
            self.go_end()
        else:  # of before lines were dropped: ask again
            self.settle()
