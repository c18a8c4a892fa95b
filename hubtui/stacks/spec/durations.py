"""Durations in whole nanoseconds, as Compose counts and prints them.

https://github.com/compose-spec/compose-spec/blob/main/11-extension.md#specifying-durations; printing is Go's
`time.Duration.String`.
"""

from __future__ import annotations

import re
from fractions import Fraction

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_UNITS |= {"d": 86400 * 10**9, "w": 604800 * 10**9}
_PART = re.compile(r"([0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(ns|us|µs|μs|ms|s|m|h|d|w)")


def nanoseconds(written: str) -> int:
    """Of `1m30s`, `1.5h`, `-3s`, `0`. ValueError where it is none."""
    rest = written[1:] if written[:1] in ("+", "-") else written
    total, end = Fraction(0), 0
    while match := _PART.match(rest, end):
        total += Fraction(match[1].rstrip(".") or "0") * _UNITS[match[2]]
        end = match.end()
    if rest != "0" and (not rest or end != len(rest)):
        raise ValueError(f"must be a duration such as 10s or 1m30s, not {written[:40]!r}")
    if total >= 2**63:
        raise ValueError(f"is too long: {written[:40]!r}")
    return int(total) * (-1 if written.startswith("-") else 1)


def shown(count: int) -> str:
    """`1m30s`, `100ms`, `0s`."""
    sign, count = ("-", -count) if count < 0 else ("", count)
    if count < 10**9:
        for unit, size in (("ms", 10**6), ("µs", 10**3), ("ns", 1)):
            if count >= size:
                return f"{sign}{_decimal(count, size)}{unit}"
        return "0s"
    seconds, rest = divmod(count, 10**9)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{_decimal(seconds * 10**9 + rest, 10**9)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{sign}{hours}h{text}" if hours else f"{sign}{text}"


def _decimal(count: int, size: int) -> str:
    whole, rest = divmod(count, size)
    digits = str(rest).rjust(len(str(size)) - 1, "0").rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)
