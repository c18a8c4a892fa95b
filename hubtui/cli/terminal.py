"""Whether there is a terminal that something can be drawn on."""

from __future__ import annotations

import os
import sys

from hubtui.errors import UsageError


def need_terminal(what: str, instead: str) -> None:
    """Raises UsageError where there is none: `what` needs it, `instead` is what to do."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(f"{what} needs a terminal, and here stdin or stdout is none.", instead)
    if os.environ.get("TERM", "dumb") in ("dumb", ""):
        raise UsageError(
            f"{what} cannot draw on this terminal (TERM is dumb or unset).",
            f"Set TERM, for example TERM=xterm-256color. {instead}",
        )
