"""The user's own Compose: which program it is, and which version."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hubtui.errors import EngineError
from hubtui.stacks.spec.shell import without_compose

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_PLUGINS = (  # cli-plugins/manager of the docker CLI, `defaultSystemPluginDirs`
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)
JSON_SINCE = (2, 29)  # `--progress json`


@dataclass(frozen=True, slots=True)
class Program:
    """`argv` that Compose's own arguments follow, `docker` the CLI that reaches other hosts, () where there is none."""

    argv: tuple[str, ...]
    docker: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """As a person would type it."""
        return " ".join([os.path.basename(self.argv[0]), *self.argv[1:]])


def find(environ: Mapping[str, str] | None = None) -> Program:
    """`docker compose`, else `docker-compose`, else `podman compose`. Starts nothing. Raises EngineError with what to
    install."""
    environ = os.environ if environ is None else environ
    path = environ.get("PATH")
    docker, podman = shutil.which("docker", path=path), shutil.which("podman", path=path)
    if docker and plugin(environ):
        return Program((docker, "compose"), (docker,))
    if standalone := shutil.which("docker-compose", path=path):
        return Program((standalone,), (docker,) if docker else ())
    if podman:
        return Program((podman, "compose"), (docker,) if docker else ())
    if docker:
        raise EngineError(
            "Docker is here, but not its compose plugin.",
            "Install it (apt install docker-compose-plugin, or docker-compose-v2), then press t to try again.",
            kind="compose_missing",
        )
    raise EngineError(
        "There is no docker program on PATH.",
        "Install Docker with its compose plugin (https://docs.docker.com/engine/install), or Podman; hubtui doctor.",
        kind="docker_missing",
    )


def plugin(environ: Mapping[str, str]) -> Path | None:
    """The compose plugin where the docker CLI looks for it."""
    own = environ.get("DOCKER_CONFIG") or os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".docker")
    folders = (os.path.join(own, "cli-plugins"), *_PLUGINS)
    found = (Path(folder, "docker-compose") for folder in folders)
    return next((path for path in found if os.access(path, os.X_OK)), None)


def parse_version(text: str) -> tuple[int, ...]:
    """(2, 26, 1) of "2.26.1-4" or "Docker Compose version v2.26.1"; () where there is none in it."""
    found = _VERSION.search(text)
    return tuple(int(part) for part in found.groups() if part) if found else ()


def environment() -> dict[str, str]:
    """What Compose gets: ours, without what would name other files or profiles than were read, colour, animate or
    ask."""
    return without_compose() | {
        "COMPOSE_ANSI": "never",
        "COMPOSE_MENU": "false",
        "BUILDKIT_PROGRESS": "plain",
        "NO_COLOR": "1",
    }
