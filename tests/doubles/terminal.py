"""A real pseudo terminal with a real program in it, read as a person would: what is on the screen now."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

_QUIET = 0.02  # seconds without output, after which a frame is whole
_HELD = 20  # pieces of output through which a screen is good


class Terminal:
    """Starts `argv` on a pty of `columns` x `lines`. Everything that it wrote is kept in `output`."""

    def __init__(
        self, argv: Sequence[str], environment: Mapping[str, str], *, columns: int = 80, lines: int = 24
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.output = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir("/")
            _set_size(0, columns, lines)
            os.execvpe(argv[0], list(argv), dict(environment))
        self.code: int | None = None

    def resize(self, columns: int, lines: int) -> None:
        _set_size(self.fd, columns, lines)
        self.screen.resize(lines, columns)

    def press(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def read(self, seconds: float) -> bool:
        """Take what came within `seconds`; False where the program has closed the terminal."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:  # EIO: nobody has the other side open any more
            return False
        self.output += data
        with contextlib.suppress(Exception):  # pyte does not know every sequence
            self._stream.feed(data)
        return bool(data)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, *wanted: str, seconds: float = 15.0) -> str:
        """The screen once all of `wanted` is on it."""
        if not self._holds(lambda: all(w in self.text for w in wanted), seconds):
            missing = [w for w in wanted if w not in self.text]
            raise AssertionError(f"{missing} not on the screen:\n{self.text}\n")
        return self.text

    def wait_gone(self, *unwanted: str, seconds: float = 15.0) -> str:
        """The screen once none of `unwanted` is on it."""
        if not self._holds(lambda: not any(w in self.text for w in unwanted), seconds):
            raise AssertionError(f"{unwanted} still on the screen:\n{self.text}\n")
        return self.text

    def _holds(self, good: Callable[[], bool], seconds: float) -> bool:
        """Whether the screen becomes so. What comes is often a part of a frame, so it must be so when no more comes,
        or for some while where more comes all the time."""
        deadline, held, alive = time.monotonic() + seconds, 0, True
        while held < _HELD:
            came = len(self.output)
            if good():
                held += 1
                alive = alive and self.read(_QUIET)
                if len(self.output) == came:
                    return True
            elif time.monotonic() > deadline or not alive:
                return False
            else:
                held, alive = 0, self.read(0.05)
        return True

    def wait_end(self, seconds: float = 10.0) -> int:
        """The program's exit code, negative for a signal, once it has ended."""
        deadline = time.monotonic() + seconds
        while self.code is None:
            self.read(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > deadline:
                raise AssertionError(f"still running after {seconds:g} s:\n{self.text}")
        while select.select([self.fd], [], [], 0)[0] and self.read(0):
            pass
        return self.code

    def hang_up(self) -> None:
        """Close the terminal, as a dropped line does."""
        os.close(self.fd)
        self.fd = -1

    def close(self) -> None:
        if self.code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
        if self.fd >= 0:
            os.close(self.fd)


def _set_size(fd: int, columns: int, lines: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def environment(home: Path, **more: str) -> dict[str, str]:
    """A plain 256-colour terminal's environment on a state folder."""
    kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG", "PYTHONPATH") if k in os.environ}
    return {"LANG": "C.UTF-8", **kept, "TERM": "xterm-256color", "HUBTUI_HOME": str(home), **more}


def hubtui(home: Path, *arguments: str, columns: int = 80, lines: int = 24, **more: str) -> Terminal:
    """`hubtui ...` on a terminal."""
    argv = [sys.executable, "-m", "hubtui", *arguments]
    return Terminal(argv, environment(home, **more), columns=columns, lines=lines)
