"""What a log view wants of its reader. The view replaces each wish whole, the reader only looks: no lock is needed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from textual.message import Message

from hubtui.logs.lines import Line, Lines, Match, Place
from hubtui.workers.log.goals import Goal

Task = Generator[Message | None, None, None]
"""Gives a message, or None, after some 30 ms at most, until it is done."""
Open = Callable[[], Lines]
Shape = Callable[[Lines], Lines]
Errand = Callable[[Lines], Task]


def unshaped(lines: Lines) -> Lines:
    """No filter."""
    return lines


@dataclass(frozen=True, eq=False, slots=True)
class Source:
    """Lines to read; asking for the same ones again opens them anew."""

    open: Open


@dataclass(frozen=True, slots=True)
class Wish:
    """Where a view wants to be, with so many lines around; `goal` None leaves it where it is. `since`: the first place
    that it did not show when it stopped following."""

    serial: int = 0
    goal: Goal | None = None
    above: int = 0
    below: int = 0
    follow: bool = False
    since: Place | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """More lines in one direction."""

    serial: int
    place: Place
    n: int
    back: bool


@dataclass(frozen=True, slots=True)
class Sought:
    """What is searched and counted."""

    serial: int
    match: Match


@dataclass(slots=True)
class Wishes:
    """All that is wanted now."""

    source: Source | None = None
    shape: Shape = unshaped
    wish: Wish = field(default_factory=Wish)
    extensions: dict[bool, Extension] = field(default_factory=dict)
    seen: tuple[Place, Place] | None = None
    search: Sought | None = None
    current: Line | None = None  # the hit that the view is on
    errands: list[Errand] = field(default_factory=list)
    untaken: int = 0  # messages about what came while following that the view has not painted yet
    rest_until: float = 0.0
