"""An engine on another machine, by a context over ssh: through a real sshd, as a user would have it."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles import sshd
from tests.doubles.host import Host
from tests.live.docker.conftest import Cli
from tests.live.docker.daemon import Daemon
from tests.live.docker.test_contexts import lent, used

pytestmark = sshd.needed


@pytest.fixture
def over_ssh(docker: Daemon, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The name of a context for the engine behind a login: who comes in by this sshd finds it as the default one."""
    line = tmp_path / "line"
    line.mkdir()
    server = sshd.Sshd(line, docker.environment)
    ssh = line / "ssh"
    ssh.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} {shlex.join(server.options)} "$@"\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{line}:{os.environ['PATH']}")
    try:
        yield from lent(docker, f"ssh://{server.login}:{server.port}", monkeypatch)
    finally:
        server.close()


def test_an_engine_behind_a_login(
    host: Host, cli: Cli, docker: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, over_ssh: str
) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", over_ssh)
    used(host, cli, docker, tmp_path / "far")
