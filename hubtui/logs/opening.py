"""Opening what a log view shows: files by their paths, or the log of a service."""

from __future__ import annotations

from pathlib import Path

from hubtui.logs.files.anybodys import AnybodysFiles
from hubtui.logs.files.chain import ChainLines
from hubtui.logs.files.forms import Anybodys, Stored
from hubtui.logs.files.service import ServiceFiles
from hubtui.logs.lines import Lines


def service_lines(folder: Path, service: str) -> Lines:
    """The log of a service in its folder (stacks.logfiles.service_folder), with its rotated files; empty while there is
    none. Raises OSError."""
    return ChainLines(service, ServiceFiles(folder, service), Stored())


def open_lines(path: Path) -> Lines:
    """Anybody's file. Raises OSError."""
    return ChainLines(path.name, AnybodysFiles(path), Anybodys())
