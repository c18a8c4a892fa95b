"""Processes that cannot be mistaken for others, and trees of them, read from Linux' /proc alone.

A pid is only a number that comes back; a process here is (pid, start time, boot). Nothing is signalled that was not
pinned by a pidfd and compared first, so a signal meets its process or nobody.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from hubtui.stacks.engines.base import ProcessIdentity

if TYPE_CHECKING:
    import asyncio
    import subprocess

MARKER = "HUBTUI_RUN"  # in the environment of every process of a run
SERVICE = "HUBTUI_SERVICE"  # and beside it the service it belongs to,
GRACE = "HUBTUI_GRACE"  # and the seconds it has between TERM and KILL: the guard may have to keep that promise

UMASK = "HUBTUI_UMASK"  # in a runner's: the umask of its services, in octal

claimed: set[int] = set()
"""Children of this process that somebody here waits for; whoever reaps orphans must leave these alone."""


class Stat(NamedTuple):
    """What /proc/PID/stat says: times in clock ticks, memory in bytes."""

    pid: int
    name: str
    state: str
    parent: int
    session: int
    cpu_ticks: int
    threads: int
    start_ticks: int
    rss: int

    @property
    def dead(self) -> bool:
        """A zombie: gone but for its parent's wait. (A leader that left its threads behind also shows as Z.)"""
        return self.state in "ZX" and self.threads <= 1


_PAGE = os.sysconf("SC_PAGE_SIZE")


def _read(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(fd, 65536)
        if len(data) < 3072:  # /proc hands out all but whole pages as long as there is more
            return data
        while more := os.read(fd, 65536):
            data += more
        return data
    finally:
        os.close(fd)


def stat(pid: int) -> Stat | None:
    """The process as it is now, or None where there is none."""
    try:
        data = _read(f"/proc/{pid}/stat")
    except OSError:
        return None
    head, _, tail = data.rpartition(b")")  # a process may be called "a) S 1 2": only the last one counts
    f = tail.split()
    if len(f) < 22:
        return None
    return Stat(
        pid=pid,
        name=head.partition(b"(")[2].decode(errors="replace"),
        state=f[0].decode(),
        parent=int(f[1]),
        session=int(f[3]),
        cpu_ticks=int(f[11]) + int(f[12]),
        threads=int(f[17]),
        start_ticks=int(f[19]),
        rss=int(f[21]) * _PAGE,
    )


@cache
def boot_id() -> str:
    """The id of this boot of the host."""
    return _read("/proc/sys/kernel/random/boot_id").decode().strip()


def start_ticks(pid: int) -> int:
    """When it started, in clock ticks since boot. Raises ProcessLookupError."""
    found = stat(pid)
    if found is None:
        raise ProcessLookupError(pid)
    return found.start_ticks


def state(pid: int) -> str | None:
    """The kernel's letter: R, S, D (uninterruptible), T (stopped), Z (zombie); None where there is no such process."""
    found = stat(pid)
    return found.state if found else None


def name_of(pid: int) -> str:
    """What the process is called; "?" where there is none."""
    found = stat(pid)
    return found.name if found else "?"


def waits_in(pid: int) -> str:
    """The kernel function a sleeping process waits in ("" where the kernel does not say)."""
    try:
        name = _read(f"/proc/{pid}/wchan").decode(errors="replace").strip()
    except OSError:
        return ""
    return "" if name == "0" else name


def identity(pid: int) -> ProcessIdentity:
    """Who has this pid now. Raises ProcessLookupError."""
    return ProcessIdentity(pid, start_ticks(pid), boot_id())


def open_verified(who: ProcessIdentity) -> int | None:
    """A pidfd for exactly that living process, or None. The caller closes it.

    The order matters: pin the number first, compare then, and look last whether it still lives.
    """
    if who.boot_id != boot_id():
        return None
    try:
        fd = os.pidfd_open(who.pid)
    except OSError:
        return None
    found = stat(who.pid)
    if found and found.start_ticks == who.start_ticks and not exited(fd):
        return fd
    os.close(fd)
    return None


def exited(pidfd: int) -> bool:
    """Whether the process behind a pidfd has ended (a zombie has)."""
    poll = select.poll()  # not select(): a descriptor may well be above 1024
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(0))


def send(pidfd: int, number: signal.Signals) -> None:
    """Signal the process behind a pidfd; nothing happens where it has ended or is not ours."""
    with contextlib.suppress(OSError):
        signal.pidfd_send_signal(pidfd, number)


def children(pid: int) -> list[int]:
    """The children of all threads of a process, zombies included."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                found += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
    except OSError:
        pass
    return found


def descendants(pid: int) -> list[int]:
    """Everything below a process, parents before their children."""
    found, todo = [], [pid]
    while todo:
        below = children(todo.pop())
        found += below
        todo += below
    return found


def environment(pid: int) -> dict[str, str]:
    """The variables a process was started with; {} where it is gone or somebody else's."""
    try:
        data = _read(f"/proc/{pid}/environ")
    except OSError:
        return {}
    pairs = (item.decode(errors="surrogateescape").partition("=") for item in data.split(b"\0") if item)
    return {name: value for name, _, value in pairs}


def umask() -> int:
    """The umask for what a service runs, as subprocess.Popen takes it: that of the shell which its runner was started
    from, because the runner's own lets nobody read a file; -1 (this process's) outside of a runner."""
    said = os.environ.get(UMASK, "")
    return int(said, 8) if re.fullmatch(r"[0-7]{1,4}", said) else -1


def find_marked(marker: str) -> list[ProcessIdentity]:
    """Living processes of this user that carry HUBTUI_RUN=marker, this one excepted."""
    wanted = os.fsencode(f"{MARKER}={marker}")
    found = [_living(pid) for pid, items in of_this_user("environ") if wanted in items]
    return [who for who in found if who is not None]


class Marked(NamedTuple):
    """A living process with the value of its HUBTUI_RUN, and the service it belongs to ("" where it carries none)."""

    who: ProcessIdentity
    marker: str
    service: str


def all_marked(prefix: str) -> list[Marked]:
    """Living processes of this user whose HUBTUI_RUN begins so, this one excepted."""
    wanted, service = os.fsencode(f"{MARKER}={prefix}"), f"{SERVICE}=".encode()
    found: list[Marked] = []
    for pid, items in of_this_user("environ"):
        mark = next((item for item in items if item.startswith(wanted)), None)
        if mark is not None and (who := _living(pid)):
            name = next((item for item in items if item.startswith(service)), b"")
            values = [item.partition(b"=")[2].decode(errors="surrogateescape") for item in (mark, name)]
            found.append(Marked(who, *values))
    return found


def of_this_user(file: str) -> Iterator[tuple[int, list[bytes]]]:
    """(pid, what stands between the zeros of /proc/PID/`file`) for each process of this user but this one."""
    me = os.geteuid()
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            if os.stat(f"/proc/{entry}").st_uid == me:
                yield int(entry), _read(f"/proc/{entry}/{file}").split(b"\0")
        except OSError:
            continue


def _living(pid: int) -> ProcessIdentity | None:
    there = stat(pid)
    return ProcessIdentity(there.pid, there.start_ticks, boot_id()) if there and not there.dead else None


def watch(process: subprocess.Popen[bytes]) -> asyncio.Future[int]:
    """Resolves with the exit code (negative: the signal) as soon as the process itself has ended, whoever still holds
    its pipes; reaps it. No thread, no SIGCHLD. Raises OSError where no pidfd can be had: the process is ended then."""
    import asyncio  # not for those who only look who is there: 50 ms

    loop = asyncio.get_running_loop()
    done: asyncio.Future[int] = loop.create_future()
    try:
        fd = os.pidfd_open(process.pid)
    except OSError:
        process.kill()
        process.wait()
        raise
    claimed.add(process.pid)

    def look() -> None:
        code = process.poll()
        if code is None:  # readable, yet not to be reaped for another moment (traced): ask again
            return
        loop.remove_reader(fd)
        os.close(fd)
        claimed.discard(process.pid)
        if not done.done():
            done.set_result(code)

    loop.add_reader(fd, look)
    return done
