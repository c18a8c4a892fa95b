"""An sshd of the tests' own on 127.0.0.1, with a key that opens it; nobody's ~/.ssh is read or written."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from hubtui.stacks import proctree
from tests.doubles import stacks
from tests.doubles.waiting import eventually

SSHD = shutil.which("sshd") or ("/usr/sbin/sshd" if Path("/usr/sbin/sshd").exists() else None)

needed = [
    pytest.mark.sshd,
    pytest.mark.skipif(SSHD is None, reason="needs sshd (Debian: openssh-server)"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root to run an sshd"),
]


class Sshd:
    """A running sshd, its files in `folder`. Who logs in gets `variables`. Call `close` at the end."""

    def __init__(self, folder: Path, variables: Mapping[str, str] | None = None) -> None:
        Path("/run/sshd").mkdir(exist_ok=True)
        self.port = stacks.free_ports(1)[0]
        self.login = f"{getpass.getuser()}@127.0.0.1"
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
        (folder / "authorized").write_text((folder / "user.pub").read_text())
        given = " ".join(f'{name}="{value}"' for name, value in (variables or {}).items())
        config = folder / "sshd_config"
        config.write_text(
            f"ListenAddress 127.0.0.1:{self.port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
            f"PermitRootLogin yes\nStrictModes no\nUsePAM no\nPidFile none\nAcceptEnv *\nLogLevel ERROR\n"
            + (f"SetEnv {given}\n" if given else "")
        )
        self.options = [
            "-F", "none", "-i", str(folder / "user"), "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
        ]  # fmt: skip
        self._server = subprocess.Popen([str(SSHD), "-D", "-e", "-f", config], stderr=subprocess.PIPE, text=True)
        eventually(self._listens)

    def _listens(self) -> bool:
        server = self._server
        assert server.poll() is None, server.stderr.read() if server.stderr else ""
        with socket.socket() as probe:
            return proctree.stat(server.pid) is not None and probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self) -> None:
        """End it; who is logged in stays so."""
        self._server.terminate()
        self._server.wait()
