"""The two programs that are compared on a terminal: the dashboard on a state folder, and the bare Textual app."""

from __future__ import annotations

import sys

from benchmarks import scratch
from benchmarks.terminal import Terminal
from tests.doubles.host import Host

BARE = "bare Textual app:"


def dashboard(here: Host) -> Terminal:
    """`hubtui`, just started."""
    return Terminal(scratch.hubtui(), scratch.environment(HUBTUI_HOME=str(here.home.root)))


def bare_app() -> Terminal:
    """The bare app, just started."""
    return Terminal([sys.executable, "-P", str(scratch.HERE / "bare_app.py")], scratch.environment())
