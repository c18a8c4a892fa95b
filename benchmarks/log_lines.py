"""A log as a host has it: nginx, JSON, logfmt, syslog, stack traces and coloured lines, mixed, in the order of time.

A second has a thousand lines. `EVERY` is in each of them, so that any screen of it is known as one; the first line says
FIRST, the last one LAST, and one near the end NEEDLE.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

EVERY = "shop"
FIRST, LAST, NEEDLE = "opened-first-a41c", "closed-last-77d0", "nowhere-else-5be9"
NEEDLE_AT = 0.95  # of all lines
BLOCK = 1000  # lines, all of one second
_BEGAN = datetime(2026, 3, 1, 6, tzinfo=UTC)
_ISO, _CLF, _SYS = "@2026-03-01T06:00:00@", "@01/Mar/2026:06:00:00@", "@Mar  1 06:00:00@"
_PATHS = ("cart", "items/1187", "login", "search?q=tea+pot&page=2", "static/app.4f1c.js", "checkout", "health")
_WORDS = ("payment accepted", "cache miss", "retrying upstream", "slow query", "session renewed", "queue drained")


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was written: its lines and bytes, and bytes before the line with NEEDLE."""

    path: Path
    lines: int
    size: int
    before_needle: int


def write(path: Path, lines: int) -> Made:
    """Write a log of so many lines (a multiple of BLOCK), about 100 bytes each."""
    blocks = [_block(random.Random(seed)) for seed in range(16)]  # the rest of a line repeats every 16 s
    count = lines // BLOCK
    needle_in, before, size = int(count * NEEDLE_AT), 0, 0
    with open(path, "wb", buffering=1 << 20) as file:
        for number in range(count):
            block = blocks[number % len(blocks)]
            for mark, when in _times(_BEGAN + timedelta(seconds=number)):
                block = block.replace(mark, when)
            if number == 0:
                block = _with(block, 0, FIRST)
            if number == needle_in:
                before, block = size, _with(block, 0, NEEDLE)
            if number == count - 1:
                block = _with(block, -1, LAST)
            size += file.write(block)
    return Made(path, count * BLOCK, size, before)


def _with(block: bytes, at: int, word: str) -> bytes:
    """The block with one line replaced by one of this word."""
    lines = block.splitlines()
    lines[at] = f"{EVERY} {word}".encode()
    return b"\n".join(lines) + b"\n"


def _times(at: datetime) -> list[tuple[bytes, bytes]]:
    forms = ((_ISO, "%Y-%m-%dT%H:%M:%S"), (_CLF, "%d/%b/%Y:%H:%M:%S"), (_SYS, "%b %e %H:%M:%S"))
    return [(mark.encode(), at.strftime(form).encode()) for mark, form in forms]


def _block(dice: random.Random) -> bytes:
    lines: list[str] = []
    while len(lines) < BLOCK:
        lines += _entry(dice, len(lines))
    return ("\n".join(lines[:BLOCK]) + "\n").encode()


def _entry(dice: random.Random, ms: int) -> list[str]:
    """What one thing that happened writes: mostly a line."""
    share, ip = dice.random(), f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
    path, said, took = dice.choice(_PATHS), dice.choice(_WORDS), dice.randrange(1, 900)
    level = dice.choices(("debug", "info", "warning", "error"), (30, 60, 7, 3))[0]
    if share < 0.35:
        status = dice.choices((200, 204, 304, 404, 500, 502), (80, 5, 8, 4, 2, 1))[0]
        request = f'"GET /{EVERY}/{path} HTTP/1.1" {status} {dice.randrange(90_000)}'
        return [f'{ip} - - [{_CLF} +0000] {request} "-" "Mozilla/5.0 (X11; Linux x86_64)"']
    if share < 0.55:
        head = f'{{"time":"{_ISO}.{ms:03}Z","level":"{level}","service":"{EVERY}-api"'
        return [f'{head},"msg":"{said}","ms":{took},"user":{dice.randrange(99999)},"path":"/{path}"}}']
    if share < 0.75:
        return [f'ts={_ISO}.{ms:03}Z level={level} svc={EVERY}-cart msg="{said}" took={took}ms addr={ip}']
    if share < 0.9:
        return [f"{_SYS} {EVERY}-{dice.randrange(4)} postgres[{dice.randrange(300, 999)}]: {said} after {took} ms"]
    if share < 0.985:
        colour = {"debug": 34, "info": 32, "warning": 33, "error": 31}[level]
        head = f"\x1b[2m{_ISO}.{ms:03}\x1b[0m \x1b[{colour};1m{level.upper():7}\x1b[0m"
        return [f"{head} {EVERY}-worker: {said} \x1b[36m{took}\x1b[0m ms"]
    return _trace(f"{_ISO}.{ms:03}Z", said)


def _trace(when: str, said: str) -> list[str]:
    frames = [f"    at com.{EVERY}.orders.Step{n}.run(Step{n}.java:{17 * n})" for n in range(1, 9)]
    cause = f"Caused by: java.net.{EVERY.title()}TimeoutException ({EVERY}): read timed out"
    return [f"{when} ERROR {EVERY}-orders: {said}", f"com.{EVERY}.OrderException: {said}", *frames, cause]
