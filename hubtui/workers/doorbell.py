"""The doorbell: a datagram that says "look at the store". Losing one changes nothing.

Each hub and each runner binds a datagram socket in the state folder. Whoever commits sends one byte to all hubs, after
the commit; whoever asks for something sends one to the project's runner, just before it (`operations`). Paths go
through /proc/self/fd, because a socket's path may have only 107 bytes (unix(7)).
"""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from hubtui.paths import Home, project_key


class Bell:
    """A bound doorbell: `fileno` for a selector, `drain` when it rang."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / name
        self._socket = _socket()
        self.path.unlink(missing_ok=True)
        with _short(folder) as prefix:
            self._socket.bind(f"{prefix}/{name}")

    @classmethod
    def of_hub(cls, home: Home) -> Bell:
        return cls(home.hub_bells, f"{os.getpid()}-{os.urandom(3).hex()}")

    @classmethod
    def of_runner(cls, home: Home, project: str) -> Bell:
        return cls(home.runner_bells, project_key(project))

    def fileno(self) -> int:
        return self._socket.fileno()

    def drain(self) -> None:
        """Take all rings that have come: one look serves them."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(16)

    def ring(self) -> None:
        """Ring this bell itself, from any thread: it wakes who waits on it."""
        _ring(self.path.parent, [self.path.name])

    def close(self) -> None:
        self.path.unlink(missing_ok=True)
        self._socket.close()


def ring_hubs(home: Home) -> None:
    """Tell every open hub to look."""
    try:
        names = os.listdir(home.hub_bells)
    except OSError:
        return
    _ring(home.hub_bells, names, tidy=True)


def ring_runner(home: Home, project: str) -> bool:
    """Tell the project's runner to look. False where nobody listens: no runner lives."""
    return _ring(home.runner_bells, [project_key(project)]) == 1


def _ring(folder: Path, names: list[str], *, tidy: bool = False) -> int:
    """Ring these bells; how many of them somebody has. `tidy` takes those of the dead away: only where no name is ever
    had twice, for a new runner may have the dead one's by now."""
    heard = 0
    if not names:
        return heard
    with contextlib.suppress(OSError), _short(folder) as prefix, _socket() as sender:
        for name in names:
            try:
                sender.sendto(b"!", f"{prefix}/{name}")
                heard += 1
            except BlockingIOError:  # full: it rings already
                heard += 1
            except ConnectionRefusedError:  # who had it died without closing it
                if tidy:
                    (folder / name).unlink(missing_ok=True)
            except FileNotFoundError:
                pass
    return heard


def _socket() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)


class _short:
    """A name for a folder that is short enough for a socket's address, while the block lasts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> str:
        self._fd = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return f"/proc/self/fd/{self._fd}"

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)
