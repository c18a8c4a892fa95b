"""A sheet of times that two processes share: whoever begins job number N writes there when that was.

Ten jobs or a thousand, it costs the writer a microsecond, where a message to the one who measures would cost both."""

from __future__ import annotations

import mmap
import struct
import time
from pathlib import Path

_TIME = struct.Struct("d")


class Sheet:
    """`places` times, 0.0 where none is written yet. perf_counter is one clock for all processes of a Linux host."""

    def __init__(self, path: Path, places: int = 0) -> None:
        if places:
            path.write_bytes(bytes(places * _TIME.size))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)

    def write(self, place: int) -> None:
        """Note this moment."""
        _TIME.pack_into(self._map, place * _TIME.size, time.perf_counter())

    def read(self, place: int) -> float:
        """The time noted, 0.0 for none."""
        found: float = _TIME.unpack_from(self._map, place * _TIME.size)[0]
        return found

    def wait(self, first: int, last: int, seconds: float = 60.0) -> float:
        """The latest time of these places (both counted), once each has one."""
        deadline = time.perf_counter() + seconds
        for place in range(first, last + 1):
            while not self.read(place):
                if time.perf_counter() > deadline:
                    raise TimeoutError(f"job {place} of {first} to {last} did not begin within {seconds:g} s")
                time.sleep(0.0001)
        return max(self.read(place) for place in range(first, last + 1))
