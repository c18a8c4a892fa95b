"""Noticing that the terminal is gone.

The kernel sends SIGHUP only to the session's leader: under `make run`, or any leader that waits for its children, the
dashboard would never hear of it, and Textual's input thread would read end-of-file for ever.
"""

from __future__ import annotations

import os
import select
import signal
import threading


def signal_when_gone(fd: int = 0) -> None:
    """Send this process a SIGHUP when the terminal on `fd` hangs up. Costs nothing until then."""
    if not os.isatty(fd):
        return

    def wait() -> None:
        poll = select.poll()
        poll.register(fd, 0)  # POLLHUP and POLLERR are told unasked (poll(2))
        poll.poll()
        os.kill(os.getpid(), signal.SIGHUP)

    threading.Thread(target=wait, name="hubtui-hangup", daemon=True).start()
