"""Where the daemon is that `docker` would talk to: DOCKER_HOST, else the current context, else the usual sockets.

The order is that of the docker CLI (cli/command/cli.go, `resolveContextName`): DOCKER_HOST wins over DOCKER_CONTEXT,
and that over `currentContext` of the CLI's config file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT = "/var/run/docker.sock"
PODMAN = ("/run/podman/podman.sock",)  # of root; a user's own lies in XDG_RUNTIME_DIR


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`url` as it is shown, `why` it is this one, `path` of its socket where it is a unix socket of this host; without
    one it is reached through `docker system dial-stdio`."""

    url: str
    why: str
    path: str = ""


def find(environ: Mapping[str, str] | None = None) -> Endpoint:
    """The endpoint. Nothing is connected to; a context that cannot be read is left to `docker` itself."""
    environ = os.environ if environ is None else environ
    if host := environ.get("DOCKER_HOST", ""):
        return _of(host, "DOCKER_HOST")
    folder = Path(environ.get("DOCKER_CONFIG") or Path(environ.get("HOME") or os.path.expanduser("~")) / ".docker")
    name, why = environ.get("DOCKER_CONTEXT", ""), "DOCKER_CONTEXT"
    if not name:
        name, why = str(_json(folder / "config.json").get("currentContext") or ""), "the current context"
    if name and name != "default":
        meta = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest() / "meta.json"
        host = _json(meta).get("Endpoints", {}).get("docker", {}).get("Host", "")
        return _of(str(host) or f"context {name}", f"{why} {name}")
    return _usual(environ)


def _usual(environ: Mapping[str, str]) -> Endpoint:
    own = f"{environ.get('XDG_RUNTIME_DIR') or f'/run/user/{os.getuid()}'}/podman/podman.sock"
    if not os.path.exists(DEFAULT):
        for path in (*PODMAN, own):
            if os.access(path, os.W_OK):
                return Endpoint(f"unix://{path}", "Podman's socket", path)
    return Endpoint(f"unix://{DEFAULT}", "the default", DEFAULT)


def _of(host: str, why: str) -> Endpoint:
    return Endpoint(host, why, host.removeprefix("unix://") if host.startswith("unix://") else "")


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
