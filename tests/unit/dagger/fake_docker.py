"""A `docker` on PATH that tells of one container: its state is what a file says, and there is none without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

_SCRIPT = """#!/bin/sh
case "$1 $2" in
  "container inspect")
    [ -e "{folder}/state" ] || {{ echo "Error: No such container: x" >&2; exit 1; }}
    cat "{folder}/state" ;;
  "ps --filter") cat "{folder}/engines" 2>/dev/null ;;
  *) exit 1 ;;
esac
"""


class Docker:
    """What the fake says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / "bin"
        self.path.mkdir()
        program = self.path / "docker"
        program.write_text(_SCRIPT.format(folder=folder))
        program.chmod(0o755)

    def container(self, status: str, code: int = 0, error: str = "", oom: bool = False) -> None:
        state = {"Status": status, "ExitCode": code, "Error": error, "OOMKilled": oom}
        (self._folder / "state").write_text(json.dumps(state))

    def engines(self, *names: str) -> None:
        (self._folder / "engines").write_text("\n".join(names) + "\n")


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    found = Docker(tmp_path)
    monkeypatch.setenv("PATH", f"{found.path}:/usr/bin:/bin")
    return found
