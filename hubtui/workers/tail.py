"""The visible log: one thread that reads the end of it and then what is added, in batches of a tenth of a second.

A flood is cut for the eye only: what the view does not get is counted, and the file has all of it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from textual.message import Message
from textual.worker import get_current_worker

from hubtui.messages import LogArrived
from hubtui.models import LogLine
from hubtui.paths import Home
from hubtui.stacks.logfiles import LogReader, Position, merge_tail, service_folder
from hubtui.stacks.logfiles.format import file_path

BUSY_PACE = 0.1
QUIET_PACES = ((20, BUSY_PACE), (60, 0.25), (200, 0.5))  # (looks without a line, seconds between two)
IDLE_PACE = 1.0
CHUNK = 512 * 1024  # bytes of one service in one look; one that prints more is read from its end
LIMIT = 2000  # lines of one look that reach the view
JUMP_TAIL = 500


@dataclass(frozen=True, slots=True)
class Source:
    """These services of a project, merged by time; `epoch` tells its lines from those of another one."""

    epoch: int
    project: str
    services: tuple[str, ...]
    lines: int


class Tail:
    """Follows one source at a time. `run` is the thread; the other methods may be called from anywhere."""

    def __init__(self, home: Home, post: Callable[[Message], object]) -> None:
        self._home = home
        self._post = post
        self._wake = threading.Event()
        self._stopped = False
        self._wanted: Source | None = None
        self._epoch = 0

    def watch(self, project: str, services: tuple[str, ...], lines: int = 500) -> int:
        """Show these services' log from now on; returns the epoch that its lines carry."""
        self._epoch += 1
        self._wanted = Source(self._epoch, project, services, lines)
        self._wake.set()
        return self._epoch

    def rest(self) -> None:
        """Follow nothing."""
        self._wanted = None
        self._wake.set()

    def stop(self) -> None:
        """End the thread."""
        self._stopped = True
        self._wake.set()

    def run(self) -> None:
        """The thread worker."""
        worker = get_current_worker()
        view: _View | None = None
        while not (self._stopped or worker.is_cancelled):
            self._wake.clear()
            wanted = self._wanted
            if wanted is None:
                view = None
            elif view is None or view.source is not wanted:
                view = _View(self._home, wanted)
                self._tell(view, view.open())
            else:
                self._tell(view, view.more())
            self._wake.wait(view.pace if view is not None else IDLE_PACE)

    def _tell(self, view: _View, news: LogArrived | None) -> None:
        if news is not None and view.source is self._wanted:
            self._post(news)


class _View:
    """The readers of one source and where each of them stands."""

    def __init__(self, home: Home, source: Source) -> None:
        self.source = source
        logs = home.logs(source.project)
        self._folders = {name: service_folder(logs, name) for name in source.services}
        self._readers = {name: LogReader(folder, name) for name, folder in self._folders.items()}
        self._positions: dict[str, Position] = {}
        self._quiet = 0
        self._skipped = 0
        self._trouble = ""

    @property
    def pace(self) -> float:
        """Seconds until the next look: the longer nothing came, the rarer."""
        return next((pace for looks, pace in QUIET_PACES if self._quiet < looks), IDLE_PACE)

    def open(self) -> LogArrived:
        """The end of the log."""
        try:
            lines, self._positions = merge_tail(self._readers.values(), self.source.lines)
        except OSError as error:
            return self._failed(error, fresh=True)
        return LogArrived(self.source.epoch, tuple(lines), fresh=True)

    def more(self) -> LogArrived | None:
        """What was added since the last look."""
        lines: list[LogLine] = []
        try:
            for name, reader in self._readers.items():
                read, left_out = self._advance(name, reader)
                lines += read
                self._skipped += left_out
        except OSError as error:
            return self._failed(error) if str(error) != self._trouble else None
        if not lines:
            self._quiet += 1
            return None
        self._quiet = 0
        lines.sort(key=attrgetter("time"))
        self._skipped += sum(len(line.line) for line in lines[:-LIMIT])
        return LogArrived(self.source.epoch, tuple(lines[-LIMIT:]), self._skipped)

    def _advance(self, name: str, reader: LogReader) -> tuple[list[LogLine], int]:
        """(new lines, bytes left out): a service that prints faster than anyone can read is read from its end."""
        before = self._positions.get(name, Position())
        if _size(self._folders[name], before) - before.offset > CHUNK:
            lines, after = reader.tail(JUMP_TAIL)
            same_file = after.file == before.file
            left_out = after.offset - (before.offset if same_file else 0) - sum(len(line.line) for line in lines)
        else:
            lines, after = reader.read(before, CHUNK)
            left_out = 0
        self._positions[name] = after
        return lines, max(0, left_out)

    def _failed(self, error: OSError, *, fresh: bool = False) -> LogArrived:
        self._trouble = str(error)
        return LogArrived(self.source.epoch, (), fresh=fresh, trouble=f"The log cannot be read: {error.strerror}.")


def _size(folder: Path, position: Position) -> int:
    """How long the file of a position is now; 0 where it is gone."""
    try:
        return os.stat(file_path(folder, position.file)).st_size
    except FileNotFoundError:
        return 0
