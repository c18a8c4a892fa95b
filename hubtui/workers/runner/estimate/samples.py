"""Durations that were seen, and what they say of one that is not over yet."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

_ANOTHER_KIND = 1.5  # times the longest that was passed: from there on it is rather one of the long ones
_AT_LEAST = 0.05  # of the longest that was passed: what is left of one that is longer than it


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that this share of them does not exceed (nearest rank); they are in order, at least one."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(ordered: Sequence[float]) -> float:
    """The lower one where there are two: a single outlier beside one other tells nothing."""
    return quantile(ordered, 0.5)


def spread(known: Sequence[float | None]) -> list[float]:
    """A value for each run: its own, or where it has none one of the others in turn. At least one is known."""
    others = [value for value in known if value is not None]
    gaps = 0
    found = []
    for value in known:
        if value is None:
            value = others[gaps % len(others)]
            gaps += 1
        found.append(value)
    return found


def fitted(ordered: Sequence[float], count: int) -> list[float]:
    """`count` values that are scattered as these are; they are in order, at least one."""
    return [ordered[int((number + 0.5) * len(ordered) / count)] for number in range(count)]


def rest(took: Sequence[float], elapsed: float) -> list[float]:
    """For each run, what would be left after `elapsed` seconds of something that took so long then.

    Runs in which it was over by now say nothing, and take one of the others' in turn. Where it is only a little beyond
    one of them, it may as well be over soon: as far beyond again as it is now, so that the rest grows, and is never 0,
    the longer it is beyond all."""
    if elapsed <= 0:
        return list(took)
    ordered = sorted(took)
    passed = bisect_right(ordered, elapsed)
    if not passed:
        return [value - elapsed for value in took]
    longest = ordered[passed - 1]
    soon = [elapsed - longest + _AT_LEAST * longest]
    if passed == len(ordered):
        return soon * len(ordered)
    others = [value - elapsed for value in ordered[passed:]]
    if elapsed < _ANOTHER_KIND * longest:
        others = soon + others
    gaps = 0
    found = []
    for value in took:
        if value > elapsed:
            found.append(value - elapsed)
        else:
            found.append(others[gaps % len(others)])
            gaps += 1
    return found
