"""Waiting for what must become true, with a deadline; never for a time to pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], seconds: float = 10.0, pause: float = 0.01) -> T:
    """The first true value of `look`; AssertionError with the last one after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {getattr(look, '__name__', look)} gave {found!r}")
        time.sleep(pause)
