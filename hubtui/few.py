"""A few of many, for a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def few(words: Sequence[str], most: int, between: str = ", ") -> str:
    """The first of these, and how many more there are: "web, db and 3 more"."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return between.join(words[:most]) + more
