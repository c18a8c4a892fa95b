"""Letting the other threads of the process have their turn while one reads block after block.

CPython does so by itself where a thread computes for 5 ms on end, but not where it reads files: each read lets go of
the interpreter and wakes who waits, who finds it taken again a few microseconds later and begins its 5 ms anew
(`take_gil` in Python/ceval_gil.h; https://github.com/python/cpython/issues/52194). A thread then waited for half a
second, measured.
"""

from __future__ import annotations

import time

_EVERY = 0.003  # seconds
_NAP = 0.00005  # seconds: about what a thread takes to wake up; a search loses less than a tenth of its speed


class _Turn:
    ends = 0.0


def give_way() -> None:
    """Called before each read: from time to time it sleeps for a moment, in which whoever waits goes on."""
    now = time.monotonic()
    if now >= _Turn.ends:
        time.sleep(_NAP)
        _Turn.ends = now + _EVERY
