"""The watch: a thread that keeps the store true (see `reconcile`) and bounded (see `tidy`) while a dashboard is open.

A thread of its own, because starting a missing runner may take two seconds and the feed must not wait for it.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable

from textual.worker import get_current_worker

from hubtui.errors import HubtuiError
from hubtui.workers.hub import Hub

EVERY = 1.0
TIDY_EVERY = 60.0  # seconds; every second while there is more to forget than one slice takes


class Watch:
    """Reconciles at once, and then every second while `active()` says that there is something to lose."""

    def __init__(self, hub: Hub, active: Callable[[], bool]) -> None:
        self._hub = hub
        self._active = active
        self._stopped = threading.Event()
        self._tidy_at = time.monotonic() + TIDY_EVERY  # not while the dashboard opens

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()

    def run(self) -> None:
        """The thread worker. What goes wrong here the feed says better: it reads the same store."""
        from hubtui.workers.reconcile import reconcile

        worker = get_current_worker()
        first = True
        while not (self._stopped.is_set() or worker.is_cancelled):
            if first or self._active():
                try:
                    reconcile(self._hub)
                    first = False
                except (HubtuiError, sqlite3.Error, OSError):
                    pass
            if time.monotonic() >= self._tidy_at:
                self._tidy()
            self._stopped.wait(EVERY)

    def _tidy(self) -> None:
        from hubtui.workers.tidy import keeping, tidy

        self._tidy_at = time.monotonic() + TIDY_EVERY
        try:
            if tidy(self._hub.writer, keeping()):
                self._tidy_at = time.monotonic() + EVERY
        except (HubtuiError, sqlite3.Error, OSError):
            pass
