"""The same over a real SSH line: the connection is killed and opened again."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubtui.stacks import proctree
from tests.doubles import stacks
from tests.doubles.terminal import Terminal
from tests.doubles.waiting import eventually
from tests.pty.conftest import Demo

SSHD = shutil.which("sshd") or ("/usr/sbin/sshd" if Path("/usr/sbin/sshd").exists() else None)

pytestmark = [
    pytest.mark.pty,
    pytest.mark.sshd,
    pytest.mark.skipif(SSHD is None, reason="needs sshd (Debian: openssh-server)"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root to run an sshd"),
]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[list[str]]:
    """An ssh command line into this machine, through an sshd of the test's own on 127.0.0.1."""
    Path("/run/sshd").mkdir(exist_ok=True)
    port = stacks.free_ports(1)[0]
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / key], check=True)
    (tmp_path / "authorized").write_text((tmp_path / "user.pub").read_text())
    config = tmp_path / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/authorized\n"
        f"PermitRootLogin yes\nStrictModes no\nUsePAM no\nPidFile none\nAcceptEnv *\nLogLevel ERROR\n"
    )
    server = subprocess.Popen([str(SSHD), "-D", "-e", "-f", config], stderr=subprocess.PIPE, text=True)

    def listening() -> bool:
        assert server.poll() is None, server.stderr.read() if server.stderr else ""
        return proctree.stat(server.pid) is not None and _answers(port)

    eventually(listening)
    yield [
        "ssh", "-tt", "-F", "none", "-p", str(port), "-i", str(tmp_path / "user"), "-o", "StrictHostKeyChecking=no",
        "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", f"{getpass.getuser()}@127.0.0.1",
    ]  # fmt: skip
    server.terminate()
    server.wait()


def _answers(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


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
