"""Starting a guard, and with it a runner, that outlives whoever starts it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from hubtui.errors import HubtuiError
from hubtui.paths import Home

READY_SECONDS = 2.0
LOG_SIZE = 1024 * 1024  # bytes
# What belongs to one login or one terminal. Everything else goes along: compose files take ${VARIABLES} from it.
SESSION_VARIABLES = frozenset(
    """DISPLAY WAYLAND_DISPLAY XAUTHORITY TERM COLORTERM TERM_PROGRAM TMUX TMUX_PANE STY WINDOW COLUMNS LINES SHLVL
    PWD OLDPWD XDG_RUNTIME_DIR XDG_SESSION_ID XDG_SEAT XDG_VTNR DBUS_SESSION_BUS_ADDRESS _
    PYTHONDONTWRITEBYTECODE PYTHONSTARTUP PYTHONINSPECT""".split()  # noqa: SIM905 - a list of words
)


def start_guard(home: Home, project: str, timeout: float = READY_SECONDS) -> None:
    """Start the project's guard, detached, and see its runner up. Where another guard has the project that is as good.

    Raises HubtuiError where the runner could not start, with the end of its log. Where it is only slow (an earlier
    runner is still ending what it held), that is no error: the job waits with it.
    """
    home.prepare()
    log_path = home.runner_log(project)
    try:
        first, ready = _launch(home, project, log_path)
    except OSError as e:
        raise HubtuiError(f"The runner of {project} could not start: {e.strerror}.", "Run `hubtui doctor`.") from e
    try:
        word = _read_line(ready, time.monotonic() + timeout)
    finally:
        os.close(ready)
    first.wait()  # it forks and is gone: no zombie is left here
    if word == b"":
        raise HubtuiError(
            f"The runner of {project} ended before it was up: {_last_line(log_path)}", f"Its log: {log_path}"
        )


def _launch(home: Home, project: str, log_path: Path) -> tuple[subprocess.Popen[bytes], int]:
    """The guard's first process, and the end of a pipe that its runner says its word in. Raises OSError."""
    with ExitStack() as closed:
        log_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        log = os.open(_bounded(log_path), flags, 0o600)
        closed.callback(os.close, log)
        ready, told = os.pipe2(os.O_CLOEXEC)
        closed.callback(os.close, told)
        try:
            first = subprocess.Popen(
                [sys.executable, "-P", "-m", "hubtui.workers.guard", str(home.root), project, str(told)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(told,),
                cwd="/",
                env=environment(home),
            )
        except OSError:
            os.close(ready)
            raise
    return first, ready


def environment(home: Home) -> dict[str, str]:
    """The runner's environment: ours, less what belongs to this login or terminal."""
    kept = {
        k: v for k, v in os.environ.items() if k not in SESSION_VARIABLES and not k.startswith(("SSH_", "HUBTUI_RUN"))
    }
    return {**kept, "HUBTUI_HOME": str(home.root)}


def _read_line(fd: int, deadline: float) -> bytes | None:
    """What the runner says of itself; b"" where it closed without a word, None where it takes longer."""
    poll = select.poll()  # not select(): in a runner of many services the descriptor may be above 1024
    poll.register(fd, select.POLLIN)
    left = deadline - time.monotonic()
    return os.read(fd, 256) if left > 0 and poll.poll(left * 1000) else None


def _bounded(log_path: Path) -> Path:
    """The runner's log, begun anew where it has grown large; one older file is kept."""
    try:
        if log_path.stat().st_size > LOG_SIZE:
            log_path.replace(f"{log_path}.1")
    except FileNotFoundError:
        pass
    return log_path


def _last_line(log_path: os.PathLike[str]) -> str:
    try:
        with open(log_path, encoding="utf-8", errors="replace") as log:
            lines = [line.strip() for line in log.readlines()[-20:] if line.strip()]
    except OSError:
        lines = []
    return lines[-1] if lines else "it left no word"
