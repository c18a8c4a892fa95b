"""Starting one child of the runner: its environment, its own session, its two pipes, and word of its end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hubtui.errors import EngineError
from hubtui.safetext import safe_text
from hubtui.stacks import proctree
from hubtui.stacks.causes.kinds import NO_SPACE, RESOURCES, of_errno
from hubtui.stacks.causes.texts import RESOURCES_HINT, SPACE_HINT
from hubtui.stacks.engines.base import ProcessIdentity
from hubtui.stacks.logfiles import LogWriter
from hubtui.stacks.spec.model import Service

PIPE_SIZE = 1 << 20  # bytes: what an unprivileged user may ask for
_CHUNK = 1 << 16
_OOM_SCORE = 200  # above the runner's own: the kernel picks a service before the one that can say so
_PASSED = (
    "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR LD_LIBRARY_PATH VIRTUAL_ENV JAVA_HOME "
    "XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME XDG_STATE_HOME SSL_CERT_FILE SSL_CERT_DIR "
    "HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy"
)

_HINTS = {  # of a command that did not start
    errno.ENOENT: "Is it installed, and on the PATH that hubtui was started with?",
    errno.EACCES: "Make it executable: chmod +x {name}",
    errno.ENOEXEC: "It is no program for this host: a script needs a first line such as #!/bin/sh.",
    errno.E2BIG: "Its arguments and variables together are too long for this host.",
}
_OF_A_SHELL = frozenset(
    ["exec", "cd", "source", "export", "set", "unset", "eval", "ulimit", "umask", "trap", "if", "for", "while", "until"]
)


def environment(service: Service, marker: str) -> dict[str, str]:
    """What a service may see: of ours only what does not belong to a login session, its own on top, our marks last."""
    passed = [*_PASSED.split(), *(name for name in os.environ if name.startswith("LC_"))]
    env = {name: value for name in passed if (value := os.environ.get(name)) is not None}
    env["PYTHONUNBUFFERED"] = "1"  # else a Python service's lines show up when it ends
    env.update(service.environment)
    marks = {proctree.MARKER: marker, proctree.SERVICE: service.name, proctree.GRACE: f"{service.stop_grace_period:g}"}
    return env | marks


def let_children_hear() -> None:
    """An ignored signal stays ignored through exec, a handled one does not. A runner ignores SIGHUP; its services must
    not. So what is ignored here gets a handler that does nothing. Only the main thread can do this."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
            if signal.getsignal(number) is signal.SIG_IGN:
                signal.signal(number, lambda *_: None)


class Output:
    """Both pipes of one child, read as they fill into the service's log; a full disk or a slow one slows only it."""

    def __init__(self, log: LogWriter, heard: Callable[[bytes], None] | None = None) -> None:
        self._log, self._heard = log, heard
        self._ends: dict[int, str] = {}
        self._loop = asyncio.get_running_loop()

    def pipe(self, stream: str) -> int:
        """Open a pipe for `stream`; returns the end to give to the child and to close here."""
        ours, theirs = os.pipe()
        os.set_blocking(ours, False)
        with contextlib.suppress(OSError):  # a user has only so much of it
            fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        self._ends[ours] = stream
        self._loop.add_reader(ours, self._read, ours)
        return theirs

    def _read(self, fd: int) -> bool:
        """One chunk a turn, so that the chattiest service leaves the loop to the others. False: nothing there."""
        try:
            chunk = os.read(fd, _CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        if not chunk:
            self._end(fd)
            return False
        self._log.write(self._ends[fd], chunk)
        if self._heard:
            self._heard(chunk)
        return True

    def _end(self, fd: int) -> None:
        self._log.flush_partial(self._ends.pop(fd))
        self._loop.remove_reader(fd)
        os.close(fd)

    def drain(self) -> None:
        """Take what was printed so far (a pipe full at most), so that a marker comes after it."""
        for fd in list(self._ends):
            for _ in range(2 * PIPE_SIZE // _CHUNK):
                if not self._read(fd):
                    break

    def close(self) -> None:
        """Take what is there and let go, whoever still holds the other ends."""
        self.drain()
        for fd in list(self._ends):
            self._end(fd)


@dataclass(slots=True)
class Child:
    """A process that was started here. `exit` resolves with its code (negative: a signal) when it itself has ended."""

    pid: int
    exit: asyncio.Future[int]
    output: Output
    began: float  # monotonic

    def settle(self) -> ProcessIdentity:
        """Who it is, and offered to the kernel before the runner when memory runs out. /proc answers ten times quicker
        a moment after the start than at once. Raises OSError where it was reaped already."""
        who = proctree.identity(self.pid)  # a zombie still has its start time
        _offer_to_oom(self.pid)
        return who

    async def ended(self) -> int:
        """Wait for its end. Cancelling the wait leaves it alone."""
        await asyncio.wait([self.exit])
        return self.exit.result()


def spawn(
    argv: Sequence[str],
    folder: Path,
    env: Mapping[str, str],
    log: LogWriter,
    heard: Callable[[bytes], None] | None = None,
) -> Child:
    """Start `argv` in a session of its own; about a millisecond. Raises EngineError where it cannot be run."""
    output = Output(log, heard)
    theirs: list[int] = []
    try:
        theirs += [output.pipe("out")]
        theirs += [output.pipe("err")]
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=theirs[0],
            stderr=theirs[1],
            cwd=folder,
            env=env,
            start_new_session=True,
            close_fds=True,
            umask=proctree.umask(),
        )
        ended = proctree.watch(process)
    except (OSError, ValueError) as error:
        output.close()
        raise cannot_run(argv, folder, error) from error
    finally:
        for fd in theirs:
            os.close(fd)
    return Child(process.pid, ended, output, time.monotonic())


def cannot_run(argv: Sequence[str], folder: Path, error: Exception) -> EngineError:
    """What to tell a person about a command that did not even start: kind "resources" or "no_space" where the host is
    short of them, "cannot_run" where it is the command's own fault."""
    number = error.errno if isinstance(error, OSError) else None
    reason = os.strerror(number) if number else str(error)
    name = safe_text(argv[0], 200)
    if isinstance(error, FileNotFoundError) and not folder.is_dir():
        hint = "Make it again, or correct the project's path: hubtui rm, then hubtui add."
        return EngineError(f"folder {safe_text(str(folder), 200)} is gone", hint, kind="cannot_run")
    short = of_errno(number)
    hint = {RESOURCES: RESOURCES_HINT, NO_SPACE: SPACE_HINT}.get(short) or _HINTS.get(number or 0, "")
    if number == errno.ENOENT and name in _OF_A_SHELL:
        hint = "{name} is a word of the shell, and none reads `process:`. Leave it out, or write: sh -c '...'"
    return EngineError(f"cannot run {name}: {reason}", hint.format(name=name), kind=short or "cannot_run")


def _offer_to_oom(pid: int) -> None:
    with contextlib.suppress(OSError, ValueError):
        with open("/proc/self/oom_score_adj") as own:
            score = min(int(own.read()) + _OOM_SCORE, 1000)
        with open(f"/proc/{pid}/oom_score_adj", "w") as theirs:
            theirs.write(str(score))
