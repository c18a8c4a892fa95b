"""What `hubtui doctor` says about Docker: the client, its Compose, and the daemon behind them. Two seconds at most."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

from hubtui.errors import EngineError
from hubtui.models import Finding
from hubtui.stacks.engines.compose import probe, program
from hubtui.stacks.engines.compose.api import endpoint

CHECK, DAEMON = "docker compose", "docker daemon"
_TIMEOUT = 1.0
_PERMISSION = "sudo usermod -aG docker $USER, then log in anew (that group is as mighty as root)."
_START = "systemctl start docker; or name another: DOCKER_HOST, docker context use NAME."


def examine() -> Iterator[Finding]:
    """The findings. Docker is only ever ok or warn: the process engine needs none."""
    try:
        found = program.find()
    except EngineError as error:
        yield Finding(CHECK, "ok", f"{error.message} The process engine needs none.", error.hint)
        return
    version = _version(found.argv)
    told = f"{found.shown} {version}" if version else f"{found.shown}, which tells no version"
    old = bool(version) and program.parse_version(version)[:1] < (2,)
    hint = "Compose 2 or newer is needed: apt install docker-compose-plugin." if old else ""
    yield Finding(CHECK, "ok" if version and not old else "warn", f"{told} ({found.argv[0]})", hint)
    where = endpoint.find()
    seen = probe.look(where=where)
    at = f"{where.url} ({where.why})"
    if seen.version:
        held = f"; compose projects there: {len(seen.projects)}" if seen.projects else ""
        yield Finding(DAEMON, "ok", f"{seen.version} answers at {at}{held}")
    else:
        denied = "permission" in seen.problem
        yield Finding(DAEMON, "warn", f"none answers at {at}: {seen.problem}", _PERMISSION if denied else _START)


def _version(argv: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(
            [*argv, "version", "--short"],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            stdin=subprocess.DEVNULL,
            check=False,
            cwd=os.sep,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    lines = [line.strip() for line in done.stdout.splitlines() if program.parse_version(line)]
    return lines[-1].lstrip("v") if lines else ""
