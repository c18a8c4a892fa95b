"""Reading a small file that may be anything: it neither hangs, nor fills the memory, nor raises."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read_regular(path: Path, limit: int) -> bytes | None:
    """The content of a regular file of at most `limit` bytes; None for what is missing, larger or anything else."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return None
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            return None
        parts: list[bytes] = []
        while (left := limit + 1 - sum(map(len, parts))) > 0 and (part := os.read(fd, left)):
            parts.append(part)
        return b"".join(parts) if left > 0 else None  # it grew meanwhile
    except OSError:
        return None
    finally:
        os.close(fd)
