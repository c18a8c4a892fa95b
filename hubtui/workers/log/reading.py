"""The reader of one log view: the only thread that touches its files. The newest wish wins; nothing waits for long.

A view says what it wants and goes on answering keys; what was found comes back as messages. Each look is bounded, so a
wish is taken up within some 30 ms whatever the disk, a filter or a search does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from textual.message import Message
from textual.worker import get_current_worker

from hubtui.logs.lines import Line, Match, Origin, Place
from hubtui.messages import LogNote
from hubtui.workers.log.course import Course
from hubtui.workers.log.goals import Goal
from hubtui.workers.log.wishes import Errand, Extension, Open, Shape, Sought, Source, Wish, Wishes, unshaped

IDLE_PACE = 0.5
BROKEN = "A mistake in hubtui has ended the reading of this log: leave and open it again."
REST = 0.05  # seconds that counting waits after a wish: who presses keys comes first


class LogReading:
    """`run` is the thread; the other methods may be called from anywhere and return at once."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._wake = threading.Event()
        self._stopped = False
        self._serial = 0
        self._wishes = Wishes()
        self._course: Course | None = None

    def show(self, open_: Open, shape: Shape = unshaped) -> None:
        """Read these lines from now on, filtered so."""
        wishes = self._wishes
        wishes.wish, wishes.seen, wishes.current = Wish(self._next()), None, None  # places of others mean nothing here
        wishes.extensions.clear()
        wishes.errands.clear()
        wishes.shape = shape
        wishes.source = Source(open_)
        self._wake.set()

    def shape(self, shape: Shape) -> None:
        """Filter what is read from now on."""
        self._wishes.shape = shape
        self._wake.set()

    def go(self, goal: Goal, above: int, below: int, *, follow: bool = False, since: Place | None = None) -> int:
        """Look for a place and the lines around it; lines from `since` on are counted as not seen. Returns the serial
        of the answer."""
        self._wishes.wish = Wish(self._next(), goal, above, below, follow, since)
        self._hurry()
        return self._serial

    def stay(self, since: Place | None) -> int:
        """Follow no more: lines from a place on are counted as not seen. Returns the serial of what comes now."""
        self._wishes.wish = Wish(self._next(), since=since)
        self._hurry()
        return self._serial

    def more(self, serial: int, place: Place, n: int, *, back: bool) -> None:
        """Read on, above or below what is shown."""
        self._wishes.extensions[back] = Extension(serial, place, n, back)
        self._hurry()

    def seen(self, top: Place, bottom: Place) -> None:
        """What is on the screen; how far down that is will be told."""
        self._wishes.seen = top, bottom
        self._wake.set()

    def search(self, match: Match | None) -> int:
        """Search this from now on, and count its hits in the background; None: nothing. Returns the serial of what is
        told of it."""
        self._wishes.current = None
        self._wishes.search = Sought(self._next(), match) if match is not None else None
        self._wake.set()
        return self._serial

    def locate(self, hit: Line | None) -> None:
        """The hit that the view is on: which one it is will be told."""
        if hit is not self._wishes.current:
            self._wishes.current = hit
            self._wake.set()

    def origin(self, line: Line) -> Origin:
        """What a line that was told is known by (`Lines.origin`)."""
        assert self._course is not None
        return self._course.origin(line)

    def run_errand(self, errand: Errand) -> None:
        """Do something else with the lines, in slices between everything else."""
        self._wishes.errands.append(errand)
        self._wake.set()

    def taken(self) -> None:
        """The view has painted what it was told while following: it may be told the next."""
        self._wishes.untaken = 0

    def stop(self) -> None:
        """End the thread."""
        self._stopped = True
        self._wake.set()

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _hurry(self) -> None:
        self._wishes.rest_until = time.monotonic() + REST
        self._wake.set()

    def run(self) -> None:
        """The thread worker."""
        worker = get_current_worker()
        course: Course | None = None
        try:
            while not (self._stopped or worker.is_cancelled):
                self._wake.clear()
                source = self._wishes.source
                if source is not None and (course is None or course.source is not source):
                    if course is not None:
                        course.close()
                    course = self._course = Course(source, self._wishes, self._post)
                pause = course.take() if course is not None else IDLE_PACE
                if pause > 0:
                    self._wake.wait(pause)
        except Exception as error:  # whatever it is, who looks at the lines must know that they are the last ones
            self._post(LogNote(f"{BROKEN} ({type(error).__name__}: {error})", severe=True))
            raise
        finally:
            if course is not None:
                course.close()
