"""Small real stacks for tests: compose files whose services are Python one-liners, and ports that are free."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
]
ESCAPEE = ["/bin/sh", "-c", "setsid sh -c 'trap \"\" TERM; setsid sleep 600 & sleep 600' & exec sleep 600"]


def http(port: int) -> list[str]:
    """A service that answers 200 on `port`."""
    return [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]


def free_ports(count: int) -> list[int]:
    """Ports that nobody listened on a moment ago, below those that the kernel gives to whoever asks for any."""
    ports: list[int] = []
    while len(ports) < count:
        port = 10_000 + secrets.randbelow(22_000)
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("0.0.0.0", port))
            if port not in ports:
                ports.append(port)
    return ports


def write(folder: Path, services: Mapping[str, Mapping[str, Any]], name: str = "") -> Path:
    """Write a compose file (JSON is YAML) into `folder`; each service's `process` and `health` go under x-hubtui."""
    shaped = {}
    for service, keys in services.items():
        own = {k: v for k, v in keys.items() if k in ("process", "health", "build_process")}
        if "build_process" in own:
            own["build"] = own.pop("build_process")
        rest = {k: v for k, v in keys.items() if k not in ("process", "health", "build_process")}
        shaped[service] = {"image": "scratch", **rest, "x-hubtui": own}
    folder.mkdir(parents=True, exist_ok=True)
    document = {"name": name or folder.name, "services": shaped, "x-hubtui": {"engine": "process"}}
    (folder / "compose.yaml").write_text(json.dumps(document, indent=2))
    return folder
