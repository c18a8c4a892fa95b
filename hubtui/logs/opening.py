"""Opening what a log view shows: files by their paths, what comes through a pipe, the log of a service, several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hubtui import openfiles
from hubtui.logs.files.anybodys import AnybodysFiles
from hubtui.logs.files.chain import ChainLines
from hubtui.logs.files.feeds import PipeFeed, feed_of
from hubtui.logs.files.forms import Anybodys, Stored
from hubtui.logs.files.spool import SpoolFiles
from hubtui.logs.lines import Lines
from hubtui.logs.merge.merged import MergedLines


def service_lines(folder: Path, service: str) -> Lines:
    """The log of a service in its folder (stacks.logfiles.service_folder), with its rotated files; empty while there is
    none. Raises OSError."""
    from hubtui.logs.files.service import ServiceFiles  # what it imports a view of other files need not wait for

    openfiles.allow_many()
    return ChainLines(service, ServiceFiles(folder, service), Stored())


def open_lines(paths: Sequence[Path]) -> Lines:
    """Anybody's files, several of them merged by time: plain ones, named pipes, compressed ones (gzip, bzip2, xz) and
    ones in UTF-16. Raises OSError, also for the last of them; none stays open then."""
    openfiles.allow_many()
    opened: list[Lines] = []
    try:
        for path, name in zip(paths, _names(paths), strict=True):
            opened.append(_open(path, name))
    except OSError:
        for lines in opened:
            lines.close()
        raise
    return merge_lines(opened)


def pipe_lines(fd: int, name: str) -> Lines:
    """What comes through this descriptor, which is closed with the lines. Raises OSError."""
    return ChainLines(name, SpoolFiles(PipeFeed(fd, name, stays=False), name), Anybodys())


def merge_lines(lines: Sequence[Lines]) -> Lines:
    """All of these by time; there is at least one. They are closed with what this returns."""
    return lines[0] if len(lines) == 1 else MergedLines(lines)


def _open(path: Path, name: str) -> Lines:
    feed = feed_of(path)
    return ChainLines(name, AnybodysFiles(path) if feed is None else SpoolFiles(feed, path.name), Anybodys())


def _names(paths: Sequence[Path]) -> list[str]:
    """What each is called: its name, or its path where two have one name."""
    names = [path.name for path in paths]
    return [name if names.count(name) == 1 else str(path) for name, path in zip(names, paths, strict=True)]
