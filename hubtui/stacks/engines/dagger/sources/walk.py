"""Walking a folder as its rules have it: what goes along is counted, what stays behind is noted and not entered."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

_TOLD_EVERY = 0.1  # seconds
_LOOK_EVERY = 256  # entries between looks at the clock and at `stop`
_ALL_MAY_READ = 0o444


class Level(Protocol):
    """The rules as they are in one folder. Paths are relative to the walk's root, such as `src/a.py`."""

    def leaves_out(self, path: str, is_dir: bool) -> bool:
        """Whether this entry of the folder stays behind."""

    def inside(self, path: str, left_out: bool) -> Level | None:
        """The rules in this subfolder. None: it stays behind and so does all that is in it."""

    def why(self, path: str, is_dir: bool) -> str:
        """The rule that leaves this entry out, for people: `.gitignore:3 dist/`."""


class Stopped(Exception):
    """The caller's `stop` said so."""


class Weight(NamedTuple):
    """A file, or a folder (ends in /) for the files that are directly in it."""

    path: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Left:
    """A file, or a folder with all that is in it, that stays behind."""

    path: str
    is_dir: bool
    level: Level

    @property
    def rule(self) -> str:
        return self.level.why(self.path, self.is_dir)


@dataclass(slots=True)
class Walked:
    """What was found. `kept`: names of what goes along, by folder ("" is the root), if only for what is in it.
    `unreadable` and `special` (sockets, pipes, devices) cannot go along. `weights`: one for each folder with files, in
    any order."""

    files: int = 0
    bytes: int = 0
    kept: dict[str, list[str]] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    special: list[str] = field(default_factory=list)
    weights: list[Weight] = field(default_factory=list)


class Walk:
    """One walk. `tell(files, bytes)` hears ten times a second at most how far it is; `stop` is asked often."""

    def __init__(self, root: Path, stop: Callable[[], bool], tell: Callable[[int, int], None]) -> None:
        self._root, self._stop, self._tell = root, stop, tell
        self._seen, self._told = 0, time.monotonic()
        self._found = Walked()

    def run(self, level: Level) -> Walked:
        """Blocks. Raises Stopped, and OSError where the root itself cannot be read. No symlink is followed."""
        folders = [("", level)]
        while folders:
            folders += self._folder(*folders.pop())
        self._tell(self._found.files, self._found.bytes)
        return self._found

    def _folder(self, folder: str, level: Level) -> list[tuple[str, Level]]:
        """Look at one folder's entries; returns the subfolders to enter."""
        below: list[tuple[str, Level]] = []
        kept, files = self._found.kept.setdefault(folder, []), []
        for entry in self._entries(folder):
            path = f"{folder}/{entry.name}" if folder else entry.name
            is_dir = entry.is_dir(follow_symlinks=False)
            out = level.leaves_out(path, is_dir)
            rules = level.inside(path, out) if is_dir else None
            if rules is not None:
                below.append((path, rules))
            elif is_dir or out:
                self._found.left.append(Left(path, is_dir, level))
                continue
            elif (size := self._size(entry, path)) is not None:
                files.append((size, path))
            else:
                continue
            kept.append(entry.name)
        self._count(folder, files)
        return below

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        self._pulse()
        try:
            with os.scandir(self._root / folder) as entries:
                return list(entries)
        except (FileNotFoundError, NotADirectoryError):
            if not folder:
                raise
        except OSError:
            if not folder:
                raise
            self._found.unreadable.append(folder)
        return []

    def _size(self, entry: os.DirEntry[str], path: str) -> int | None:
        """Bytes of what goes along; None where it is gone, or cannot go."""
        self._seen += 1
        if not self._seen % _LOOK_EVERY:
            self._pulse()
        try:
            there = entry.stat(follow_symlinks=False)
        except OSError:
            return None
        mode = there.st_mode
        if stat.S_ISLNK(mode):
            return 0
        if not stat.S_ISREG(mode):
            self._found.special.append(path)
            return None
        if mode & _ALL_MAY_READ != _ALL_MAY_READ and not os.access(entry.path, os.R_OK):
            self._found.unreadable.append(path)
            return None
        return there.st_size

    def _count(self, folder: str, files: list[tuple[int, str]]) -> None:
        if not files:
            return
        total = sum(size for size, _ in files)
        self._found.files += len(files)
        self._found.bytes += total
        size, path = max(files)
        self._found.weights.append(Weight(path, size) if 2 * size > total else Weight(f"{folder or '.'}/", total))

    def _pulse(self) -> None:
        if self._stop():
            raise Stopped
        if (now := time.monotonic()) - self._told >= _TOLD_EVERY:
            self._told = now
            self._tell(self._found.files, self._found.bytes)
