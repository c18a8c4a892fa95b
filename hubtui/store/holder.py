"""Who holds a lock that is not given back: for the sentence that a person reads, from /proc (see proc_locks(5))."""

from __future__ import annotations

import os

from hubtui.safetext import safe_text


def who(fd: int) -> str:
    """`PID 4711 (python, which is stopped)` for the holder of the flock on this file; "" where that cannot be told."""
    status = os.fstat(fd)
    key = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    try:
        with open("/proc/locks", encoding="ascii") as table:
            taken = [fields for line in table if "->" not in (fields := line.split()) and key in fields]
        pid = next(int(fields[4]) for fields in taken if fields[1] == "FLOCK")
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            head, _, tail = file.read().rpartition(")")
    except (OSError, StopIteration, ValueError):
        return ""
    name = head.partition("(")[2]
    return f"PID {pid} ({safe_text(name)}{', which is stopped' if tail.split()[0] in 'Tt' else ''})"
