"""Signs of life that no step tells: what the services under way print. Looked at as sizes of their log files, whatever
engine wrote them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from hubtui.stacks.logfiles import service_folder


class LogSigns:
    """Remembers how far the logs of some services have come. `logs` is the project's folder of them."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._seen: dict[str, int] = {}

    def moved(self, services: Iterable[str]) -> bool:
        """Whether any of these has printed since it was last asked about; one that is asked about first has not."""
        found = {name: _written(service_folder(self._logs, name)) for name in services}
        news = any(name in self._seen and self._seen[name] != size for name, size in found.items())
        self._seen = found
        return news


def _written(folder: Path) -> int:
    try:
        with os.scandir(folder) as entries:
            return sum(entry.stat(follow_symlinks=False).st_size for entry in entries)
    except OSError:
        return 0
