"""How a process ended, in words, and what to do about it: exit codes as shells give them, and signals.

126 and 127 are POSIX' (Shell Command Language, 2.8.2); 128 + N is how a shell, a container or a helper between tells
that signal N ended what it ran.
"""

from __future__ import annotations

import signal

_CODES = {126: "found, but not executable", 127: "command not found"}
_CODE_HINTS = {
    126: "Make it executable (chmod +x FILE) and see that its first line names a program that is here; press s again.",
    127: "Is it installed there, and on the PATH of whoever calls it? Mend that and press s again.",
}
_OOM_HINT = "Give it more memory or let it take less (free -h); journalctl -k names what the kernel killed, and why."
_SIGNAL_HINTS = {
    signal.SIGKILL: "Somebody killed it (kill -9), or memory ran out: journalctl -k says which. Then press s again.",
    signal.SIGSEGV: "It touched memory that is not its own: a fault in it or in a library that it loads.",
    signal.SIGBUS: "It read a file that became shorter, or a full /dev/shm or disk: df -h.",
    signal.SIGILL: "It was built for another processor than this host has.",
    signal.SIGABRT: "It gave up by itself: its last lines say why (l).",
    signal.SIGFPE: "It divided by zero or the like: a fault in it.",
    signal.SIGSYS: "It made a system call that is forbidden here.",
    signal.SIGXFSZ: "It wrote a file larger than it may: ulimit -f.",
    signal.SIGXCPU: "It used up its CPU time: ulimit -t.",
    signal.SIGPIPE: "Whoever read its output went away.",
    signal.SIGTERM: "Somebody told it to end, not hubtui. Press s to start it again.",
    signal.SIGINT: "Somebody told it to end, not hubtui. Press s to start it again.",
    signal.SIGHUP: "Somebody told it to end, not hubtui. Press s to start it again.",
}


def ended(code: int | None, out_of_memory: bool = False) -> str:
    """ "exited with code 2", "exited with code 127 (command not found)", "was ended by SIGSEGV"; `code` is negative for
    a signal, None where it is not known."""
    if code is None:
        return "ended"
    if code < 0:
        if out_of_memory:
            return "was killed by the kernel (out of memory)"
        return f"was ended by {name_of(-code) or f'signal {-code}'}"
    meant = "out of memory" if out_of_memory and code == 128 + signal.SIGKILL else meaning(code)
    return f"exited with code {code}" + (f" ({meant})" if meant else "")


def meaning(code: int) -> str:
    """What an exit code means wherever it comes from: "command not found" for 127, "SIGKILL" for 137; "" for others."""
    return _CODES.get(code) or name_of(code - 128)


def hint(code: int | None, out_of_memory: bool = False) -> str:
    """What to do about such an end; "" where its log has to say. `code` may be either way of telling a signal."""
    if code is None:
        return ""
    number = -code if code < 0 else code - 128
    if out_of_memory and number == signal.SIGKILL:
        return _OOM_HINT
    if name_of(number):
        return _SIGNAL_HINTS.get(signal.Signals(number), "")
    return _CODE_HINTS.get(code, "")


def name_of(number: int) -> str:
    """SIGSEGV; "" for what is no signal, or one of the real-time ones, which mean nothing by themselves."""
    try:
        return signal.Signals(number).name if number < signal.SIGRTMIN else ""
    except ValueError:
        return ""
