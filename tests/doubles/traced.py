"""Faults at an exact system call: strace injects them into real hubs, guards and runners, whose code stays as it is.

Calls are counted by thread, and whoever a traced program starts (a guard, a service) is let go at its execve.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hubtui.paths import Home
from tests.doubles.waiting import eventually

STRACE = shutil.which("strace")
FOLLOW = ("-f", "-b", "execve")  # all threads, and nobody whom they start

# The real guard; the first one of its kind, or the runner that it forks first, waits until it is traced.
_GUARD = """
import ctypes, os, sys, time
from hubtui.workers import guard
who, told = sys.argv.pop(1), sys.argv.pop(1)

def traced():
    if os.path.exists(told):
        return
    ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)  # PR_SET_PTRACER, anybody: see prctl(2)
    with open(told + ".new", "w") as file:
        file.write(str(os.getpid()))
    os.rename(told + ".new", told)
    while "TracerPid:\\t0\\n" in open("/proc/self/status").read():
        time.sleep(0.002)

def first(part):
    def wrapped(*arguments):
        traced()
        return part(*arguments)
    return wrapped

name = {"runner": "be_runner", "guard": "guard_one"}[who]
setattr(guard, name, first(getattr(guard, name)))
sys.exit(guard.main())
"""


@dataclass(frozen=True)
class Fault:
    """What happens at the `number`-th `call` of a thread (from 1): a signal, or an error such as EIO. `path`: only
    calls on this file count. `lasting`: at every later one, too."""

    call: str
    number: int
    error: str = ""
    path: Path | None = None
    lasting: bool = False

    def options(self, output: Path) -> list[str]:
        what = f"error={self.error}" if self.error else "signal=SIGKILL"
        when = f"{self.number}+" if self.lasting else str(self.number)
        only = ["-P", str(self.path)] if self.path else []
        inject = f"inject={self.call}:{what}:when={when}"
        return ["-qq", "-o", str(output), *only, "-e", f"trace={self.call}", "-e", inject]


def hit(output: Path) -> bool:
    """Whether the fault happened."""
    text = output.read_text(errors="replace")
    return "killed by SIGKILL" in text or "(INJECTED)" in text


def calls(output: Path, call: str) -> int:
    """How many of these calls were made under strace's eyes."""
    return output.read_text(errors="replace").count(f"{call}(")


def hubtui(fault: Fault, output: Path, *arguments: str, home: Home) -> subprocess.CompletedProcess[str]:
    """`hubtui ...` with a fault in it."""
    return subprocess.run(
        [str(STRACE), *FOLLOW, *fault.options(output), sys.executable, "-m", "hubtui", *arguments],
        env={**os.environ, "HUBTUI_HOME": str(home.root)},
        capture_output=True,
        text=True,
        timeout=60,
    )


class Traced:
    """A guard and its runner, one of them with a fault in it. `pid` is the one that is traced."""

    def __init__(self, home: Home, project: str, who: str, fault: Fault, output: Path) -> None:
        home.prepare()
        home.run(project).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.output = output
        told = output.with_suffix(".pid")
        ready, said = os.pipe2(os.O_CLOEXEC)
        with home.runner_log(project).open("ab") as log:
            command = [sys.executable, "-P", "-c", _GUARD, who, str(told), str(home.root), project, str(said)]
            first = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(said,),
                env={**os.environ, "HUBTUI_HOME": str(home.root), "PYTHONPATH": os.pathsep.join(sys.path)},
            )
        os.close(said)
        self._ready = ready
        first.wait()
        self.pid = int(eventually(lambda: told.exists() and told.read_text()))
        self._strace = subprocess.Popen(
            [str(STRACE), *(FOLLOW if who == "runner" else ()), *fault.options(output), "-p", str(self.pid)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        eventually(lambda: tracer(self.pid) or self._strace.poll() is not None)
        if self._strace.poll():  # it may have met its fault already; but strace itself has something to say
            raise AssertionError(self._strace.communicate()[1].decode())

    def ended(self) -> bool:
        """Whether whoever is traced has ended."""
        return self._strace.poll() is not None

    @property
    def hit(self) -> bool:
        return hit(self.output)

    def injected(self) -> int:
        """How often the fault came so far."""
        return self.output.read_text(errors="replace").count("(INJECTED)")

    def close(self) -> None:
        """Take the fault away; who was traced goes on."""
        os.close(self._ready)
        if self._strace.poll() is None:
            self._strace.send_signal(signal.SIGINT)
        try:
            self._strace.communicate(timeout=10)
        except subprocess.TimeoutExpired:  # strace waits for a thread that does not stop for it; its end lets go, too
            self._strace.kill()
            self._strace.communicate()


@contextlib.contextmanager
def traced(home: Home, project: str, who: str, fault: Fault, output: Path) -> Iterator[Traced]:
    """Start the project's guard with a fault in `who`: "guard" or "runner"."""
    started = Traced(home, project, who, fault, output)
    try:
        yield started
    finally:
        started.close()


def tracer(pid: int) -> int:
    """Who traces a process, 0 where nobody does."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return int(next(line for line in lines if line.startswith("TracerPid:")).split()[1])
