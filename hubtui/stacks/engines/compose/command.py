"""One call of the user's CLI: its lines as they come, and its end; told to end, it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hubtui.stacks import proctree
from hubtui.stacks.engines.process.spawn import cannot_run
from hubtui.stacks.supervise.hurry import Hurry

GRACE = 10.0  # seconds from SIGINT to SIGKILL: a build tells its engine, a pull lets go of its layers
_LOOK = 0.05  # seconds between looks at whether all of it has ended
_LAST = 40  # lines that are kept to say why it failed
_CHUNK = 1 << 16
_LONGEST = 1 << 16  # bytes of a line
Hear = Callable[[str], None]


class Ended:
    """How it ended: its exit code, its last lines."""

    def __init__(self, code: int, lines: Sequence[str], seconds: float) -> None:
        self.code, self.lines, self.seconds = code, tuple(lines), seconds


async def run(
    argv: Sequence[str], folder: Path, env: Mapping[str, str], hear: Hear, hurry: Hurry | None = None
) -> Ended:
    """Run `argv` to its end. Raises EngineError where it cannot be run. Cancelled, the whole group gets SIGINT as from
    a terminal, SIGKILL after the grace, and this returns when it has ended."""
    began, last = time.monotonic(), deque[str](maxlen=_LAST)
    ours, theirs = os.pipe()
    try:
        process = subprocess.Popen(  # noqa: ASYNC220  a millisecond; asyncio's own would wait for grandchildren's pipes
            argv,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env=dict(env),
            start_new_session=True,
        )
        ended = proctree.watch(process)
    except (OSError, ValueError) as error:
        os.close(ours)
        raise cannot_run(argv, folder, error) from error
    finally:
        os.close(theirs)

    def take(line: str) -> None:
        if line.strip():
            last.append(line)
        hear(line)

    lines = _Lines(ours, take)
    try:
        await asyncio.wait([ended])
    except asyncio.CancelledError:
        await _end(process.pid, ended, hurry or Hurry())
        raise
    finally:
        lines.close()
    return Ended(ended.result(), last, time.monotonic() - began)


async def _end(group: int, ended: asyncio.Future[int], hurry: Hurry) -> None:
    """Whoever cancels once more waits all the same: nothing of it must live on, not even the plugin of a CLI that has
    ended before it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGINT)
    deadline = time.monotonic() + GRACE
    while not ended.done() or _left(group):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([ended], timeout=_LOOK)
            await asyncio.sleep(_LOOK if ended.done() else 0)
        if time.monotonic() > deadline or hurry.on:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


def _left(group: int) -> bool:
    """Whether anybody of it is there still; who has ended is reaped: orphans are ours, the runner is a subreaper."""
    with contextlib.suppress(ChildProcessError):
        while os.waitid(os.P_PGID, group, os.WEXITED | os.WNOHANG) is not None:
            pass
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


class _Lines:
    """What comes through a pipe, line by line."""

    def __init__(self, fd: int, hear: Hear) -> None:
        self._fd, self._hear, self._rest = fd, hear, b""
        self._loop = asyncio.get_running_loop()
        os.set_blocking(fd, False)
        self._loop.add_reader(fd, self._read)

    def _read(self) -> bool:
        try:
            chunk = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        if not chunk:
            self._loop.remove_reader(self._fd)
            return False
        *lines, rest = (self._rest + chunk).split(b"\n")
        self._rest = rest[-_LONGEST:]
        for line in lines:
            self._hear(line[:_LONGEST].decode("utf-8", "replace").rstrip("\r"))
        return True

    def close(self) -> None:
        """Take what is there and let go, whoever still holds the other end."""
        while self._read():
            pass
        if self._rest:
            self._hear(self._rest.decode("utf-8", "replace"))
        self._loop.remove_reader(self._fd)
        os.close(self._fd)
