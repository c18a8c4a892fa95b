"""Compose files of small services that run in the tests' one image, and what Docker says of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.doubles.stacks import free_ports
from tests.live.docker.images import BUSYBOX

UP = "echo up; exec sleep 600"
WILLING = "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done"  # a first process must ask for TERM


def shell(script: str, **more: Any) -> dict[str, Any]:
    """A service that is a shell script; it is killed rather than asked, unless `stop_grace_period` says otherwise."""
    command = ["sh", "-c", script.replace("$", "$$")]
    return {"image": BUSYBOX, "command": command, "stop_grace_period": "1s", "stop_signal": "SIGKILL", **more}


def willing(**more: Any) -> dict[str, Any]:
    """A service that says "up", and "bye" when it is asked to end."""
    return shell(WILLING, **{"stop_signal": "SIGTERM", "stop_grace_period": "10s", **more})


def web(**more: Any) -> tuple[int, dict[str, Any]]:
    """(port on 127.0.0.1, a service that answers "hello" there and tells each request)."""
    port = free_ports(1)[0]
    serve = "echo up; exec httpd -f -v -p 80 -h /www"
    return port, shell(serve, **{"ports": [f"127.0.0.1:{port}:80"], **more})


def healthy_when(test: str, **more: Any) -> dict[str, Any]:
    """A health check that is this shell command, asked every half second."""
    return {"test": ["CMD-SHELL", test], "interval": "500ms", "timeout": "2s", "retries": 60, **more}


def write(folder: Path, services: Mapping[str, Any], *, engine: str = "compose", **top: Any) -> Path:
    """Write the compose file of a project that is called like its folder; engine "" names none."""
    folder.mkdir(parents=True, exist_ok=True)
    own = {"x-hubtui": {"engine": engine}} if engine else {}
    document = {"name": folder.name, "services": dict(services), **own, **top}
    (folder / "compose.yaml").write_text(json.dumps(document, indent=1))
    return folder
