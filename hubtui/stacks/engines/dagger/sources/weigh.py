"""How much stays behind: good to know, but not worth waiting for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from hubtui.stacks.engines.dagger.sources.walk import Left, Stopped


class Skipped(NamedTuple):
    """Something that stays behind: a file, or a folder (ends in /); its bytes, None if they take long to count; the
    rule that leaves it out."""

    path: str
    bytes: int | None
    rule: str


def largest_left(
    root: Path, left: Sequence[Left], count: int, budget: float, stop: Callable[[], bool]
) -> tuple[Skipped, ...]:
    """The `count` largest, as far as can be told in `budget` seconds for all of them: what needs more than its fair
    share is taken for the largest, and what a late look finds no time for does not come up. Raises Stopped."""
    weighed: list[tuple[bool, int, Left]] = []
    end = time.monotonic() + budget
    for index, one in enumerate(left):
        if stop():
            raise Stopped
        if (now := time.monotonic()) >= end:
            break
        size = _bytes(root / one.path, one.is_dir, now + (end - now) / (len(left) - index))
        weighed.append((size is None, size or 0, one))
    weighed.sort(key=lambda w: (w[0], w[1]), reverse=True)
    return tuple(
        Skipped(one.path + "/" * one.is_dir, None if unknown else size, one.rule)
        for unknown, size, one in weighed[:count]
    )


def _bytes(path: Path, is_dir: bool, deadline: float) -> int | None:
    """Of a file, or of all files in a folder; None if that cannot be told, or not before the deadline."""
    try:
        if not is_dir:
            return path.lstat().st_size
        total, folders = 0, [os.fspath(path)]
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
            if time.monotonic() > deadline:
                return None
    except OSError:
        return None
    return total
