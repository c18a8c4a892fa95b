"""A hub's side of the store: what the dashboard and one CLI call share. It holds no stack and waits for none."""

from __future__ import annotations

import sqlite3
from types import TracebackType

from hubtui.paths import Home
from hubtui.store import connect
from hubtui.workers import doorbell


class Hub:
    """One state folder opened to ask for things. Use as a context manager, or call `close`."""

    def __init__(self, home: Home | None = None) -> None:
        self.home = home or Home.default()
        self.writer = connect.Writer(self.home, after_commit=lambda: doorbell.ring_hubs(self.home))

    def reader(self) -> sqlite3.Connection:
        """A new read-only connection for the calling thread, who closes it. Raises StoreError."""
        return connect.open_reader(self.home)

    def close(self) -> None:
        """Finish what is being written."""
        self.writer.close()

    def __enter__(self) -> Hub:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
