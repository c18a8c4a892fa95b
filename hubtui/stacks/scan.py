"""Finding the compose projects below a folder, without going astray in it."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from hubtui.stacks.spec.find import NAMES

MAX_DEPTH = 5  # folders below the first
MAX_FOLDERS = 10_000
MAX_ENTRIES = 50_000  # looked at in one folder
SKIPPED = frozenset({"node_modules", "vendor", "venv", "__pycache__", "site-packages"})  # hidden ones are, too


@dataclass(slots=True)
class Scan:
    """What was found. `looked` counts the folders; `deeper` those that were too deep to be looked into, `unreadable`
    names those that could not be; `stopped` says that there were more than MAX_FOLDERS."""

    folders: list[Path] = field(default_factory=list)
    looked: int = 0
    deeper: int = 0
    unreadable: list[Path] = field(default_factory=list)
    stopped: bool = False


def scan(top: Path) -> Scan:
    """The folders at and below `top` that hold a compose file, by their paths. The near ones are looked at first, so
    that a tree which is too large hides only what is deep. Symbolic links to folders are not followed."""
    found = Scan()
    waiting = deque([(top, 0)])
    while waiting:
        if found.looked >= MAX_FOLDERS:
            found.stopped = True
            break
        folder, depth = waiting.popleft()
        found.looked += 1
        try:
            names, below = _look(folder)
        except OSError:
            found.unreadable.append(folder)
            continue
        if any(name in names for name in NAMES):
            found.folders.append(folder)
        if depth < MAX_DEPTH:
            waiting.extend((folder / name, depth + 1) for name in below)
        else:
            found.deeper += len(below)
    found.folders.sort()
    return found


def _look(folder: Path) -> tuple[set[str], list[str]]:
    """The compose files of a folder, and the folders in it that are worth a look. Raises OSError."""
    files: set[str] = set()
    below: list[str] = []
    with os.scandir(folder) as entries:
        for entry, _ in zip(entries, range(MAX_ENTRIES), strict=False):
            if entry.name in NAMES:
                files.add(entry.name)
            elif not entry.name.startswith(".") and entry.name not in SKIPPED and _is_folder(entry):
                below.append(entry.name)
    return files, sorted(below)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
