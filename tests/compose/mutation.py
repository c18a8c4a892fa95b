"""Compose files with something wrong in them: bytes of the corpus, changed as files get broken, and as nobody would."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

# What the loader's readers look for, and what has broken loaders before.
TOKENS: Sequence[bytes] = [
    text.encode()
    for text in (
        *("${", "}", "${A:-", "${A?", "$", "$$", "${A:+", "&a ", "*a", "<<: *a", "<<: ", "!reset ", "!override "),
        *("!!str ", "!!int ", "? ", ": ", ":", "- ", "-", "[", "]", "{", "}", ", ", "|\n", ">-\n", "#", "'"),
        *('"', "\\", "\n", "\r", "\t", "\0", "\x85", "\ufeff", "%YAML 1.1\n", "---\n", "...\n", "null", "true"),
        *("-1", "0", "1e999", ".inf", ".nan", "99999999999999999999", "0x", "extends: ", "include: ", "service: "),
        *("file: ", "services: ", "profiles: ", "env_file: ", "compose.yaml", "/dev/zero", "../", "/", "~", "1m"),
        *("1h1h", "80-90:80-90", "1-65535", "[::1]:80:80", "\xb5s", "=", "a=b"),
    )
] + [b"\xff", b"\xed\xa0\x80"]  # not UTF-8


def mutated(data: bytes, others: Sequence[bytes], rnd: random.Random) -> bytes:
    """`data` after one to four changes; pieces of `others` may get in."""
    for _ in range(rnd.choice((1, 1, 2, 4))):
        data = rnd.choice(_CHANGES)(data, others, rnd)
    return data[: 1 << 19]


def _place(data: bytes, rnd: random.Random) -> int:
    return rnd.randint(0, len(data))


def _piece(data: bytes, rnd: random.Random, most: int = 80) -> tuple[int, int]:
    begin = _place(data, rnd)
    return begin, min(len(data), begin + rnd.randint(1, most))


def _flip(data: bytes, others: Sequence[bytes], rnd: random.Random) -> bytes:
    at = _place(data, rnd)
    return data[:at] + bytes([rnd.randrange(256)]) + data[at + 1 :]


def _insert(data: bytes, others: Sequence[bytes], rnd: random.Random) -> bytes:
    at = _place(data, rnd)
    return data[:at] + rnd.choice(TOKENS) + data[at:]


def _remove(data: bytes, others: Sequence[bytes], rnd: random.Random) -> bytes:
    begin, end = _piece(data, rnd)
    return data[:begin] + data[end:]


def _double(data: bytes, others: Sequence[bytes], rnd: random.Random) -> bytes:
    begin, end = _piece(data, rnd)
    return data[:end] + data[begin:end] * rnd.choice((1, 1, 2, 300)) + data[end:]


def _splice(data: bytes, others: Sequence[bytes], rnd: random.Random) -> bytes:
    other = rnd.choice(others)
    begin, end = _piece(other, rnd, 300)
    at = _place(data, rnd)
    return data[:at] + other[begin:end] + data[at:]


def _replace_value(data: bytes, others: Sequence[bytes], rnd: random.Random) -> bytes:
    """What stands behind a colon becomes something else."""
    lines = data.split(b"\n")
    at = rnd.randrange(len(lines))
    key, colon, _ = lines[at].partition(b": ")
    lines[at] = key + (colon or b": ") + rnd.choice(TOKENS)
    return b"\n".join(lines)


def _swap_lines(data: bytes, others: Sequence[bytes], rnd: random.Random) -> bytes:
    lines = data.split(b"\n")
    one, other = rnd.randrange(len(lines)), rnd.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _indent(data: bytes, others: Sequence[bytes], rnd: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = rnd.randrange(len(lines))
    lines[at] = b"  " + lines[at] if rnd.random() < 0.5 else lines[at][rnd.randint(1, 4) :]
    return b"\n".join(lines)


_CHANGES: Sequence[Callable[[bytes, Sequence[bytes], random.Random], bytes]] = (
    *(_flip, _insert, _remove, _double, _splice, _replace_value, _swap_lines, _indent),
)
