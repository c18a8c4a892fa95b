"""The guard: the tiny parent that outlives its runner by the moment it takes to end what the runner left.

    python -P -m hubtui.workers.guard HOME PROJECT READY_FD

It takes the project's lease, forks the runner from itself before anything heavy is imported, and waits. Guard and
runner share the lease and are both subreapers (prctl(2)), so nothing a service starts can slip away. When the runner
dies the guard marks its run lost, ends what is left (TERM, KILL after the grace), and only then frees the lease. It has
one thread, so PR_SET_PDEATHSIG, which is tied to the parent's thread, is reliable in the runner.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

from hubtui.paths import Home
from hubtui.workers import lease

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
PATIENCE = 0.2  # seconds to retry a lease that somebody may only be asking about
GRACE = 10.0  # seconds from TERM to KILL where a process does not carry its own in HUBTUI_GRACE
_TOLD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> int:
    """Detach, take the lease, run the runner. Exit code 75 (EX_TEMPFAIL) where another guard has the project."""
    root, project, ready = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    if os.fork():  # not the hub's child, and no session leader: it can never get a terminal again
        os._exit(0)
    umask = os.umask(0o077)  # what a runner writes itself is for nobody else; its services keep their user's own
    os.environ.setdefault("HUBTUI_UMASK", f"{umask:o}")  # there already: a runner started this guard
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    home = Home(root)
    path = home.lease(project)
    fd = lease.open_lease(path)
    if not wait_for(fd):
        try:
            os.write(ready, b"busy\n")
        except BrokenPipeError:  # the hub that asked is gone
            pass
        return 75
    if not lease.in_place(fd, path):  # removed while we waited: whoever asks again gets a new one
        return 75
    while guard_one(home, project, fd, ready):
        ready = -1
    return 0


def prctl(option: int, value: int) -> None:
    """prctl(2). Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def wait_for(fd: int) -> bool:
    """Take the lease; give way where its holder is up and will see the job, wait while it leaves or cleans up."""
    begun = time.monotonic()
    while not lease.try_take(fd):
        if time.monotonic() - begun > PATIENCE and lease.published(fd) == lease.UP:
            return False
        time.sleep(0.02)
    return True


def guard_one(home: Home, project: str, fd: int, ready: int) -> bool:
    """Run one runner to its end. True where it died and jobs wait: then the next one is to be started."""
    lease.publish(fd, lease.UP)
    me, runner = os.getpid(), os.fork()
    if runner == 0:
        os._exit(be_runner(home, project, fd, ready, me))
    if ready >= 0:
        os.close(ready)
    for number in _TOLD:
        signal.signal(number, lambda n, _: pass_on(runner, n))
    code = wait_and_reap(runner)
    for number in _TOLD:
        signal.signal(number, signal.SIG_IGN)  # nothing may cut the clean-up short and free the lease early
    if code == 0 and not children():
        return False
    lease.publish(fd, lease.ENDING)
    deadlines: dict[int, float] = {}
    tell_new(children(), deadlines)
    from hubtui.workers import lost

    pending = lost.mark(home, project, code)
    end_all(deadlines)
    lost.ended(home, project)
    return pending


def pass_on(runner: int, number: int) -> None:
    """Tell the runner what the guard was told; one that was reaped just now needs no telling."""
    try:
        os.kill(runner, number)
    except ProcessLookupError:
        pass


def be_runner(home: Home, project: str, fd: int, ready: int, guard: int) -> int:
    """The child's side of the fork."""
    try:
        for number in _TOLD:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        if os.getppid() != guard:
            return 1
        from hubtui.workers.runner.main import run

        return run(home, project, fd, ready, guard)
    except BaseException:  # the guard reads the exit code, the runner log keeps the reason
        import traceback

        traceback.print_exc()
        return 1


def wait_and_reap(runner: int) -> int:
    """Wait for the runner, reaping orphans that land here; its exit code, negative for a signal."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == runner:
            return os.waitstatus_to_exitcode(status)


def children() -> list[int]:
    """Direct children, from /proc (proc_pid_task(5)); where the kernel lacks that file, from every parent's PID."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]
    except FileNotFoundError:
        return [int(d) for d in os.listdir("/proc") if d.isdigit() and _parent(d) == os.getpid()]


def _parent(pid: str) -> int:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return int(file.read().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def tell_new(pids: list[int], deadlines: dict[int, float]) -> None:
    """TERM those that were not told yet, and note until when each may take to end."""
    for pid in pids:
        if pid not in deadlines:
            deadlines[pid] = time.monotonic() + grace_of(pid)
            signal_both(pid, signal.SIGTERM)


def signal_both(pid: int, number: int) -> None:
    """Signal a child, and CONT: a stopped process does not see TERM before it goes on. One that became somebody else
    (sudo) cannot be signalled: it is waited for."""
    try:
        os.kill(pid, number)
        os.kill(pid, signal.SIGCONT)
    except (ProcessLookupError, PermissionError):
        pass


def grace_of(pid: int) -> float:
    """The grace period that a process was started with, in seconds."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            found = [entry for entry in file.read().split(b"\0") if entry.startswith(b"HUBTUI_GRACE=")]
        return float(found[0].partition(b"=")[2])
    except (OSError, IndexError, ValueError):
        return GRACE


def end_all(deadlines: dict[int, float]) -> None:
    """TERM what is left, KILL each after its grace, until nothing is: orphans of the orphans land here too."""
    while left := _reap():
        tell_new(left, deadlines)
        for pid in left:
            if time.monotonic() > deadlines[pid]:
                signal_both(pid, signal.SIGKILL)
        time.sleep(0.02)


def _reap() -> list[int]:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return []
    return children()


if __name__ == "__main__":
    sys.exit(main())
