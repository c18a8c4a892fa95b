"""A program on a pseudo terminal of 80x24 that reads what it is sent and answers nothing: when did which text stand on
the screen, how much memory and processor time did it take, how many bytes went over the line.

A thread takes the bytes and the times they came; what they mean is worked out afterwards by pyte, so that working it
out delays no time.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyte

COLUMNS, LINES = 80, 24


class Chunk(NamedTuple):
    """Bytes that came at once, and when (perf_counter)."""

    at: float
    data: bytes


class Terminal:
    """A running program; use as a context manager. It is killed at the end: that is no harm to a hub."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self.screen)
        self._chunks: list[Chunk] = []
        self._parsed = 0
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            command,
            env={**env, "COLUMNS": str(COLUMNS), "LINES": str(LINES)},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def received(self) -> int:
        """Bytes that came so far."""
        return sum(len(chunk.data) for chunk in list(self._chunks))

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # nobody holds the other side any more
                return
            if not data:
                return
            self._chunks.append(Chunk(time.perf_counter(), data))

    def write(self, keys: bytes) -> float:
        """Press keys; when that was."""
        at = time.perf_counter()
        os.write(self._master, keys)
        return at

    def quiet(self, still: float, since: float = 0.0, seconds: float = 20.0) -> None:
        """Wait until nothing has come for so long, nor (with `since`) is that moment less than so long ago."""
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            last = max(since, self._chunks[-1].at if self._chunks else self.began)
            left = last + still - time.perf_counter()
            if left <= 0:
                return
            time.sleep(max(left, 0.001))
        raise TimeoutError(f"not quiet for {still:g} s within {seconds:g} s")

    def shown(self, text: str, seconds: float = 20.0) -> float:
        """Seconds from exec until this text stood on the screen."""
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            if any(text.encode() in chunk.data for chunk in self._chunks[self._parsed :]):
                while (at := self._parse_one()) is not None:
                    if any(text in line for line in self.screen.display):
                        return at - self.began
            time.sleep(0.01)
        while self._parse_one() is not None:
            pass
        raise TimeoutError(f"{text!r} was not shown within {seconds:g} s; {self._last_words()}")

    def changed(self, since: float) -> float | None:
        """Seconds from then until the screen (characters or colours) first differed from what was parsed last; takes
        all that has come. None: nothing did."""
        before, first = self._picture(), None
        while (at := self._parse_one()) is not None:
            if first is None and at >= since and self._picture() != before:
                first = at - since
        return first

    def _parse_one(self) -> float | None:
        if self._parsed >= len(self._chunks):
            return None
        chunk = self._chunks[self._parsed]
        self._parsed += 1
        with contextlib.suppress(TypeError):  # pyte does not know every sequence there is
            self._stream.feed(chunk.data)
        return chunk.at

    def _picture(self) -> list[list[pyte.screens.Char]]:
        return [[self.screen.buffer[y][x] for x in range(COLUMNS)] for y in range(LINES)]

    def _last_words(self) -> str:
        return f"on it: {' '.join(' '.join(self.screen.display).split())[:100]!r}"

    def peak_memory(self) -> float:
        """The largest resident size so far (VmHWM), in MB."""
        with open(f"/proc/{self.pid}/status", encoding="ascii", errors="replace") as table:
            return next(int(line.split()[1]) / 1024 for line in table if line.startswith("VmHWM"))

    def cpu_seconds(self) -> float:
        """Processor time of the whole process so far: its CPU clock, where /proc/PID/stat only counts 10 ms ticks."""
        return time.clock_gettime(~self.pid << 3 | 2)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join(2)
        os.close(self._master)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
