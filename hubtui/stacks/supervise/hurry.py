"""A word that takes the grace away from whatever is being ended, said when a person asks for the same end once more."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

LINGER = 2.0  # seconds that a word outlives the work it was said to: the stop that follows from it is the same end


class Hurry:
    """One for all services of an engine. A word counts for the work under way, for everything that is ended in it, and
    for a stop that follows at once; later work, and a later stop, know nothing of it."""

    def __init__(self) -> None:
        self._said = False
        self._works = 0
        self._until = 0.0  # monotonic; while nothing is under way a word is good until then
        self._limits: dict[asyncio.Timeout, float] = {}  # with the seconds that are left to each by the word

    @property
    def on(self) -> bool:
        """Whether nothing that is being ended has any grace left."""
        return self._said and (self._works > 0 or time.monotonic() < self._until)

    def insist(self) -> None:
        """Say the word."""
        self._said, self._until = True, time.monotonic() + LINGER
        now = asyncio.get_running_loop().time()
        for limit, least in self._limits.items():
            ends = limit.when()
            if not limit.expired() and ends is not None:
                limit.reschedule(min(ends, now + least))

    @contextlib.contextmanager
    def work(self, *, follows: bool = False, leaves: bool = True) -> Iterator[None]:
        """Around a build, a start or a stop. One that `follows` may have been insisted on already, as a stop after a
        cancelled start; one that `leaves` nothing takes the word with it."""
        if not self._works and not (follows and self.on):
            self._said = False
        self._works += 1
        try:
            yield
        finally:
            self._works -= 1
            self._until = time.monotonic() + LINGER
            if not leaves and not self._works:
                self._said = False

    @contextlib.asynccontextmanager
    async def grace(self, seconds: float, least: float = 0.0) -> AsyncIterator[None]:
        """Raises TimeoutError after so many seconds, or `least` after the word was said."""
        async with asyncio.timeout(min(seconds, least) if self.on else seconds) as limit:
            self._limits[limit] = least
            try:
                yield
            finally:
                del self._limits[limit]
