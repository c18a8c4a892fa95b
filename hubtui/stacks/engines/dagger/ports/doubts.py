"""Whether a tunnel still carries anything, judged by what becomes of its connections.

A tunnel fails in three ways: its listener is gone; it closes what it accepts; it takes everything and answers nothing.
The last two are also what a service itself may do, so they count only where the service has answered before, and a
renewal that did not help makes the next one wait longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hubtui.stacks.engines.dagger.ports.tunnel import Limits

# Asks for a new tunnel: why, and after how many seconds. False where one is under way.
Renew = Callable[[str, float], bool]


class Doubts:
    """About the newest tunnel of a port."""

    def __init__(self, limits: Limits, renew: Renew, silent: Callable[[], bool]) -> None:
        """`silent` is called when it gave no answer for too long; it returns whether that led to a new one."""
        self._limits, self._renew, self._silent = limits, renew, silent
        self._timer: asyncio.TimerHandle | None = None
        self.begin()

    def begin(self) -> None:
        """A service's life begins: nothing is known of it."""
        self.fresh()
        self.wary = True  # look whether a connection stays open before a client's bytes are put into it
        self._answers = False  # it is a service that answers
        self._settle, self.patience = self._limits.settle, self._limits.patience

    def fresh(self) -> None:
        """The tunnel is new."""
        self._drops = 0
        self._stop_waiting()

    def asked(self) -> None:
        """A client said something; an answer should follow."""
        if self._answers and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.patience, self._no_answer)

    def answered(self) -> None:
        """It carries: all is well."""
        self._stop_waiting()
        self._answers, self.wary, self._drops, self._settle = True, False, 0, self._limits.settle

    def stayed(self) -> None:
        """A connection that was looked at is still open."""
        self.wary = False

    def dropped(self) -> None:
        """It closed a connection at once."""
        self.wary = True
        self._drops += 1
        if self._answers and self._drops >= self._limits.drops:
            self._ask_for_another("its tunnel closed every connection")

    def gone(self) -> None:
        """Nothing listens any more."""
        self._ask_for_another("its tunnel was gone")

    def was_right(self) -> None:
        """What was replaced for its silence stayed silent to its end."""
        self.patience = max(self.patience / 2, self._limits.patience)

    def _ask_for_another(self, why: str) -> None:
        if self._renew(why, self._settle):
            self._settle = min(2 * self._settle, self._limits.impatience)

    def _no_answer(self) -> None:
        self._timer = None
        if self._silent():
            self.patience = min(2 * self.patience, self._limits.impatience)

    def _stop_waiting(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
