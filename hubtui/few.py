"""A few of many, and the nearest of them, for a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`Did you mean start? ` for the nearest of the known words; "" where none is near."""
    import difflib  # only for who made a mistake

    near = difflib.get_close_matches(word, list(known), 1)
    return f"Did you mean {near[0]}? " if near else ""


def names_hint(what: str, word: str, known: Sequence[str], none: str = "none known yet") -> str:
    """`Did you mean web? Its services: web, db`, where a name is not among those there are; the first 20 of them."""
    return f"{did_you_mean(word, known)}{what}: {few(known, 20) or none}"


def few(words: Sequence[str], most: int, between: str = ", ") -> str:
    """The first of these, and how many more there are: "web, db and 3 more"."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return between.join(words[:most]) + more
