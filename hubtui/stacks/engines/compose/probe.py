"""A quick look at a daemon from where no loop runs: whether it answers, which compose projects it holds. Bounded."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hubtui.stacks.engines.compose.api import endpoint
from hubtui.stacks.engines.compose.api.endpoint import Endpoint
from hubtui.stacks.engines.compose.api.named import named
from hubtui.stacks.engines.compose.labels import FOLDER, ONEOFF, PROJECT, SERVICE

PATIENCE = 0.8  # seconds for all questions of one look together


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found: the daemon's name and version ("" where none answers, and then why), and the compose projects
    of which it has containers or volumes."""

    version: str = ""
    problem: str = ""
    projects: frozenset[str] = frozenset()


def look(patience: float = PATIENCE, where: Endpoint | None = None) -> Seen:
    """Look at the daemon that `docker` would talk to."""
    where = where or endpoint.find()
    if where.path and not os.path.exists(where.path):
        return Seen(problem=f"there is no {where.path}")
    labels = quote(json.dumps({"label": [PROJECT]}))
    try:
        with _connected(where, patience) as ask:
            version = ask("/version")
            containers = ask(f"/containers/json?all=1&filters={labels}") or ()
            volumes = (ask(f"/volumes?filters={labels}") or {}).get("Volumes") or ()
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Seen(problem=_words(error))
    found = {(entry.get("Labels") or {}).get(PROJECT, "") for entry in (*containers, *volumes)}
    return Seen(named(version or {}), "", frozenset(found - {""}))


def running_by_folder(patience: float = PATIENCE) -> dict[str, tuple[str, ...]] | None:
    """The services that have a running container, by the folder of their compose project; None where no daemon says."""
    where = endpoint.find()
    filters = quote(json.dumps({"label": [PROJECT], "status": ["running", "restarting", "paused"]}))
    try:
        with _connected(where, patience) as ask:
            containers = ask(f"/containers/json?filters={filters}") or ()
    except (OSError, http.client.HTTPException, ValueError):
        return None
    found: dict[str, set[str]] = {}
    for labels in (entry.get("Labels") or {} for entry in containers):
        if labels.get(ONEOFF, "False") != "True" and labels.get(SERVICE):
            found.setdefault(labels.get(FOLDER, ""), set()).add(labels[SERVICE])
    return {folder: tuple(sorted(names)) for folder, names in found.items()}


class _Ask:
    """Questions over one connection, until the time is over."""

    def __init__(self, connected: socket.socket, patience: float) -> None:
        self._until = time.monotonic() + patience
        self._http = http.client.HTTPConnection("docker")
        self._http.sock = connected

    def __call__(self, target: str) -> Any:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._http.sock.settimeout(left)
        self._http.request("GET", target)
        answer = self._http.getresponse()
        body = answer.read()
        if answer.status >= 400:
            raise ValueError(f"it refuses {target.partition('?')[0]} ({answer.status})")
        return json.loads(body)


@contextlib.contextmanager
def _connected(where: Endpoint, patience: float) -> Iterator[_Ask]:
    with contextlib.ExitStack() as closed:
        if where.path:
            connected = socket.socket(socket.AF_UNIX)
            closed.callback(connected.close)
            connected.settimeout(patience)
            connected.connect(where.path)
        else:
            connected, theirs = socket.socketpair()
            closed.callback(connected.close)
            with theirs:
                child = subprocess.Popen(
                    ["docker", "system", "dial-stdio"],
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            closed.callback(child.wait)
            closed.callback(child.kill)
        yield _Ask(connected, patience)


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, PermissionError):
        return "permission denied on its socket"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return str(error) or type(error).__name__
