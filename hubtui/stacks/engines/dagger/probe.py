"""Whether the engine that would be used is there, found out without asking it for a session: that might start one.

Bounded by `patience` seconds a question; nothing is changed.
"""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from hubtui.safetext import safe_text
from hubtui.stacks.engines.dagger.host import RunnerHost


class Presence(StrEnum):
    """How an engine stands, as far as can be seen from here."""

    RUNNING = "running"
    STARTING = "starting"
    DOWN = "down"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, and a clause that says it: "its container hubtui-engine exited with code 1: no space left"."""

    presence: Presence
    words: str


def look(host: RunnerHost, patience: float = 1.0) -> Found:
    """How the engine at this address stands."""
    rest = host.url.partition("://")[2].partition("?")[0]
    if host.scheme == "unix":
        return _answers(rest, lambda: _unix(rest, patience), patience)
    if host.scheme == "tcp":
        name, _, port = rest.rpartition(":")
        if not port.isdigit():
            return Found(Presence.DOWN, f"its address {safe_text(rest)} names no port")
        where = (name.strip("[]"), int(port))
        return _answers(rest, lambda: socket.create_connection(where, patience).close(), patience)
    if host.container:
        return _container(program(host), host.container, patience)
    return Found(Presence.UNKNOWN, f"whether it runs is not known: {host.scheme or 'this'} addresses are not looked at")


def program(host: RunnerHost) -> str:
    """The container engine's program for this address: `image+podman://` names it, else it is docker."""
    return host.scheme.partition("+")[2] or "docker"


def other_engines(patience: float = 1.0) -> list[str]:
    """Containers of Dagger engines that run in Docker on this host, whoever made them."""
    argv = ["docker", "ps", "--filter", "name=dagger-engine", "--format", "{{.Names}}"]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=patience, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return []
    return [safe_text(name) for name in done.stdout.split()] if done.returncode == 0 else []


def _unix(path: str, patience: float) -> None:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(patience)
        probe.connect(path)


def _answers(address: str, connect: Callable[[], None], patience: float) -> Found:
    shown = safe_text(address)
    try:
        connect()
    except TimeoutError:
        return Found(Presence.UNKNOWN, f"nothing answered at {shown} within {patience:g} s")
    except (OSError, OverflowError, UnicodeError) as error:
        return Found(Presence.DOWN, f"nothing answers at {shown}: {safe_text(str(error))}")
    return Found(Presence.RUNNING, f"something answers at {shown}")


def _container(program: str, name: str, patience: float) -> Found:
    argv = [program, "container", "inspect", "--format", "{{json .State}}", name]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=patience, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return Found(Presence.UNKNOWN, f"{program} gave no answer within {patience:g} s")
    except (OSError, UnicodeDecodeError):
        return Found(Presence.ABSENT, f"{program}, which its container needs, is not here")
    if done.returncode != 0:
        said = safe_text(done.stderr.strip(), 200)
        if "no such container" in said.lower():
            return Found(Presence.ABSENT, f"there is no container {name} yet")
        return Found(Presence.UNKNOWN, f"{program} could not tell: {said}")
    return _state(name, done.stdout)


def _state(name: str, text: str) -> Found:
    try:
        state = json.loads(text)
        status, code, error = str(state["Status"]), int(state.get("ExitCode", 0)), str(state.get("Error", ""))
    except (ValueError, KeyError, TypeError):
        return Found(Presence.UNKNOWN, f"the state of its container {name} could not be read")
    if status == "running":
        return Found(Presence.RUNNING, f"its container {name} is running")
    if status == "restarting" or (status == "created" and not (code or error)):
        return Found(Presence.STARTING, f"its container {name} is being started ({status})")
    why = f": {safe_text(error, 300)}" if error else ""
    killed = ", out of memory" if state.get("OOMKilled") else ""
    return Found(Presence.DOWN, f"its container {name} is {status} (exit code {code}{killed}){why}")
