"""The same over a real SSH line: the connection is killed and opened again."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.stacks import proctree
from tests.doubles import sshd
from tests.doubles.terminal import Terminal
from tests.pty.conftest import Demo

pytestmark = [pytest.mark.pty, *sshd.needed]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[list[str]]:
    """An ssh command line into this machine."""
    server = sshd.Sshd(tmp_path)
    yield ["ssh", "-tt", *server.options, "-p", str(server.port), server.login]
    server.close()


def open_over(line: list[str], demo: Demo) -> Terminal:
    variables = " ".join(f"{k}={v}" for k, v in demo.environment.items())
    remote = f"env {variables} LANG=C.UTF-8 {sys.executable} -m hubtui demo"
    terminal = Terminal([*line, remote], {**os.environ, "TERM": "xterm-256color"})
    terminal.wait_for("harbor", "reef")
    return terminal


def test_the_connection_is_killed_and_opened_again(demo: Demo, line: list[str]) -> None:
    first = open_over(line, demo)
    first.press("s")
    first.wait_for("4/4", "SUCCESS", seconds=40)
    runner, processes = demo.host.runner("harbor"), sorted(demo.host.processes("harbor"))
    os.kill(first.pid, signal.SIGKILL)  # the line drops: sshd hangs its terminal up
    first.wait_end()
    again = open_over(line, demo)
    again.wait_for("4/4", "start #1", "SUCCESS")
    assert demo.host.runner("harbor") == runner
    assert sorted(demo.host.processes("harbor")) == processes
    assert "<html" in demo.page()
    again.press("x")
    again.wait_for("stop #2", "stopped")
    again.press("q")
    assert again.wait_end() == 0
    first.close()
    again.close()


def test_the_whole_login_session_is_killed(demo: Demo, line: list[str]) -> None:
    """As logind does with KillUserProcesses=no: the session's own processes go, the runner is in none of them."""
    first = open_over(line, demo)
    first.press("s")
    first.wait_for("4/4", "SUCCESS", seconds=40)
    runner = demo.host.runner("harbor")
    sessions = {os.getsid(p) for p in proctree.descendants(os.getpid())}
    assert os.getsid(runner) not in sessions
    os.kill(first.pid, signal.SIGKILL)
    first.wait_end()
    assert "<html" in demo.page()
    assert demo.host.view("harbor").project.run.runner.responsive  # type: ignore[union-attr]
    first.close()
