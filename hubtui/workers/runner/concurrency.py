"""`jobs.concurrency` as it is now. Read lightly, because it is asked for before anything heavy is imported; what cannot
be used counts as the default here, and the job that begins says what is wrong with the file."""

from __future__ import annotations

import os

from hubtui.configfile import config_file

DEFAULT = 2
VARIABLE = "HUBTUI_JOBS__CONCURRENCY"


class Concurrency:
    """Follows the settings file: read again whenever it has changed."""

    def __init__(self) -> None:
        self._file = config_file()
        self._seen: tuple[int, int] | None = None
        self._in_file = DEFAULT

    def now(self) -> int:
        """How many jobs may build or start at once on this host; the environment wins."""
        if (wanted := _count(os.environ.get(VARIABLE, ""))) is not None:
            return wanted
        try:
            status = os.stat(self._file)
        except OSError:
            return DEFAULT
        if self._seen != (status.st_mtime_ns, status.st_size):
            self._seen = status.st_mtime_ns, status.st_size
            self._in_file = self._read()
        return self._in_file

    def _read(self) -> int:
        import tomllib

        try:
            with open(self._file, "rb") as file:
                found = tomllib.load(file)["jobs"]["concurrency"]
        except (OSError, ValueError, KeyError, TypeError):
            return DEFAULT
        return _count(str(found)) or DEFAULT


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None
