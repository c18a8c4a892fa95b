"""Builds and services that wait for a file: a test decides when they go on."""

from __future__ import annotations

import sys
from pathlib import Path

_WAIT = "import pathlib, time\nprint('begun', flush=True)\nwhile not pathlib.Path({!r}).exists(): time.sleep(0.01)\n"


class Gate:
    """A file that is not there yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> None:
        self.path.touch()

    def build(self) -> list[str]:
        """A command that ends well once the gate is open."""
        return [sys.executable, "-c", _WAIT.format(str(self.path))]

    def build_or(self, words: str, code: int = 1) -> list[str]:
        """A command that says `words` and fails while the gate is shut."""
        script = f"import pathlib, sys\nif not pathlib.Path({str(self.path)!r}).exists():\n"
        return [sys.executable, "-c", f"{script} print({words!r}); sys.exit({code})"]
