"""How a service's log lies on disk.

A folder of its own holds `00000001.log`, `00000002.log`, ...: numbers only grow, the highest is written, the lowest are
removed. A stored line is `2026-11-22T13:40:02.123Z <run> <o|e|h> <raw bytes>\\n`; h is a marker of hubtui's own. Every
file but the first begins with a marker that says how many lines went before it, so that what rotation removes is
counted without reading it again. `00000001.marks` beside a file helps to find a line in it by its number (`marks`).
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hubtui.models import LogLine

STAMP = 24  # bytes of a time stamp
KINDS = {"out": b"o", "err": b"e", "hub": b"h"}
_STREAMS = {kind: stream for stream, kind in KINDS.items()}
_NAME = re.compile(r"(\d{8,})\.log")
_PAST = re.compile(rb"\S{24} \d+ h log file \d+ begins: (\d+|an unknown number of) lines before it, (\S+) to (\S+);")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Past:
    """All lines before a file: how many (None: unknown) and the stamps of the first and the last of them."""

    lines: int | None = None
    first: str = "?"
    last: str = "?"

    def __str__(self) -> str:
        return f"{'an unknown number of' if self.lines is None else self.lines} lines"


NO_PAST = Past(0)


def service_folder(logs: Path, service: str) -> Path:
    """The folder of this service's log below `logs`; no name leads outside and no two names share one."""
    slug = re.sub(r"[^a-z0-9_.]+", "-", service.lower()).strip("-.")[:40] or "service"
    return logs / f"{slug}-{hashlib.sha256(service.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def file_path(folder: Path, number: int) -> Path:
    """The log file of this number."""
    return folder / f"{number:08d}.log"


def file_numbers(folder: Path) -> list[int]:
    """The numbers of the log files there are, lowest first; none where there is no folder."""
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(int(match[1]) for match in map(_NAME.fullmatch, names) if match)


def open_to_read(folder: Path, number: int) -> int:
    """A file descriptor of this log file; raises OSError."""
    return os.open(file_path(folder, number), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)


def stamp(seconds: float) -> bytes:
    """A time since the epoch as it stands before a line: UTC, milliseconds."""
    whole, ms = divmod(int(seconds * 1000), 1000)
    return b"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ" % (*time.gmtime(whole)[:6], ms)


def past_text(number: int, past: Past, removed: Past) -> str:
    """The marker that file `number` begins with."""
    gone = f"rotation removed {removed}, {removed.first} to {removed.last}" if removed.lines != 0 else "none removed"
    return f"log file {number} begins: {past} before it, {past.first} to {past.last}; {gone}"


def read_past(folder: Path, number: int) -> Past:
    """What the marker at the beginning of this file says; all unknown where there is none."""
    if number == 1:
        return NO_PAST
    try:
        fd = open_to_read(folder, number)
    except OSError:
        return Past()
    try:
        match = _PAST.match(os.pread(fd, 512, 0))
    except OSError:
        return Past()
    finally:
        os.close(fd)
    if not match:
        return Past()
    return Past(int(match[1]) if match[1].isdigit() else None, match[2].decode(), match[3].decode())


def first_stamp(folder: Path, number: int) -> str:
    """The time stamp that this file begins with, or ? where it has none."""
    try:
        fd = open_to_read(folder, number)
    except OSError:
        return "?"
    try:
        return stamp_of(os.pread(fd, STAMP, 0))
    except OSError:
        return "?"
    finally:
        os.close(fd)


def stamp_of(line: bytes) -> str:
    """The time stamp at the beginning of a stored line, or ?."""
    return line[:STAMP].decode() if line[10:11] == b"T" and line[23:24] == b"Z" and line[:STAMP].isascii() else "?"


def stamp_of_last(data: bytes, end: int) -> str:
    """The time stamp of the last line in `data[:end]`, or ?."""
    at = data.rfind(b"\n", 0, max(end - 1, 0)) + 1
    return stamp_of(data[at : at + STAMP])


def count_lines(folder: Path, number: int, size: int) -> int | None:
    """How many lines the first `size` bytes of this file hold; None where it cannot be read."""
    try:
        fd = open_to_read(folder, number)
    except OSError:
        return None
    try:
        return sum(os.pread(fd, min(_BLOCK, size - at), at).count(b"\n") for at in range(0, size, _BLOCK))
    except OSError:
        return None
    finally:
        os.close(fd)


def parse_lines(raw: Iterable[bytes], service: str, before: datetime) -> list[LogLine]:
    """Stored lines, without their newlines, as values. What is not in our format is taken as output of the service at
    the time of the line before it (`before` for the first)."""
    lines: list[LogLine] = []
    moment, known = before, b""
    for line in raw:
        stream, run, text = "out", None, line
        fields = line.split(b" ", 3)
        if len(fields) == 4 and fields[2] in _STREAMS and fields[1].isdigit() and len(fields[1]) < STAMP:
            if fields[0] != known and (parsed := _parse_stamp(fields[0])):
                moment, known = parsed, fields[0]
            if fields[0] == known:
                stream, run, text = _STREAMS[fields[2]], int(fields[1]), fields[3]
        lines.append(LogLine(moment, service, stream, run, text.decode("utf-8", "surrogateescape")))
    return lines


def _parse_stamp(text: bytes) -> datetime | None:
    if len(text) != STAMP or not text.endswith(b"Z"):
        return None
    try:
        return datetime.fromisoformat(text.decode("ascii"))
    except ValueError:
        return None


def file_time(fd: int) -> datetime:
    """When this file was last written: the time of a line that names none."""
    return datetime.fromtimestamp(os.fstat(fd).st_mtime, UTC)
