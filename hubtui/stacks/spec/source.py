"""Reading small text files that somebody else wrote, without hanging or swallowing a disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from hubtui.errors import StackError

LIMIT = 512 * 1024  # bytes; compose files in the wild stay below 200 kB, and twice this takes YAML 2 s to read


def read_text(path: Path, *, what: str = "file", limit: int = LIMIT, as_it_is: bool = False) -> str:
    """The text of a regular file of at most `limit` bytes, BOM removed, every line end a plain newline (`as_it_is`: as
    it stands in the file).

    Raises StackError for what is missing, unreadable, not a regular file, too large or not UTF-8. O_NONBLOCK keeps
    the open of a FIFO from waiting for its writer; symbolic links are followed, as Compose does.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise StackError(f"this {what} is not a regular file", file=str(path))
            data = _read_up_to(handle, limit + 1)
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise StackError(f"there is no such {what}", file=str(path)) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise StackError(f"cannot read this {what}: {reason.lower()}", file=str(path)) from error
    return decoded(data, str(path), what=what, limit=limit, as_it_is=as_it_is)


def decoded(data: bytes, file: str, *, what: str = "file", limit: int = LIMIT, as_it_is: bool = False) -> str:
    """As read_text, for bytes that are already here (one more than `limit` is enough of them); `file` is what errors
    name."""
    if len(data) > limit:
        raise StackError(f"this {what} is larger than {limit // 1024} KiB", file=file)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StackError(f"this {what} is not UTF-8 text", file=file, line=line) from None
    return text if as_it_is else text.replace("\r\n", "\n").replace("\r", "\n")


def _read_up_to(handle: int, size: int) -> bytes:
    """Up to `size` bytes; a short read is not the end, an empty one is."""
    chunks: list[bytes] = []
    while size > 0 and (chunk := os.read(handle, size)):
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)
