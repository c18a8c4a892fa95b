"""The watch: a thread that keeps the store true while a dashboard is open (see `reconcile`).

A thread of its own, because starting a missing runner may take two seconds and the feed must not wait for it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

from textual.worker import get_current_worker

from hubtui.errors import HubtuiError
from hubtui.workers.hub import Hub

EVERY = 1.0


class Watch:
    """Reconciles at once, and then every second while `active()` says that there is something to lose."""

    def __init__(self, hub: Hub, active: Callable[[], bool]) -> None:
        self._hub = hub
        self._active = active
        self._stopped = threading.Event()

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
            self._stopped.wait(EVERY)
