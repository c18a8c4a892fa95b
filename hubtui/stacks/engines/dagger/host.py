"""Which Dagger engine is used, and why: one that the settings name, else a named and pinned one of hubtui's own.

The schemes and the parameters of image:// are those of engine/client/drivers in Dagger's source, the same in 0.19 to
0.21. Without `container=` and `cleanup=false` the CLI would remove other people's engines, with their volumes.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from hubtui.stacks.engines.dagger.settings import DaggerSettings

VARIABLE, STORE = "_EXPERIMENTAL_DAGGER_RUNNER_HOST", "_EXPERIMENTAL_DAGGER_RUNNER_IMAGESTORE"
CONTAINER, VOLUME = "hubtui-engine", "hubtui-dagger"
IMAGE = "registry.dagger.io/engine"
_MIB = 1024**2


@dataclass(frozen=True, slots=True)
class RunnerHost:
    """An engine's address as the CLI takes it, and one clause on why it is this one."""

    url: str
    why: str

    @property
    def scheme(self) -> str:
        return self.url.partition("://")[0]

    @property
    def container(self) -> str:
        """The name of the container that the engine runs in; "" where it is not known to be in one."""
        name, _, query = self.url.partition("://")[2].partition("?")
        if self.scheme.startswith(("container", "docker-container")):
            return name
        return parse_qs(query).get("container", [""])[0]

    @property
    def provisions(self) -> bool:
        """Whether the CLI creates that container where there is none."""
        return self.scheme.startswith(("image", "docker-image"))

    @property
    def local_images(self) -> bool:
        """Whether the CLI can read images of a container engine's store on this host: by the engine's address, or
        because its environment names the store (engine/client/client.go)."""
        return self.scheme.startswith(("image", "container", "docker-")) or bool(os.environ.get(STORE))


def choose(
    settings: DaggerSettings,
    cli_version: str,
    environ: Mapping[str, str] = os.environ,
    cores: int = os.cpu_count() or 1,
) -> RunnerHost:
    """The engine for a new session; `cli_version` such as v0.21.8 pins the one that hubtui asks for. Docker gives no
    container more than the `cores` of its host."""
    if settings.runner_host:
        return RunnerHost(settings.runner_host, "dagger.runner_host of the settings")
    if environ.get(VARIABLE):
        return RunnerHost(environ[VARIABLE], f"{VARIABLE} of the environment")
    parameters = {
        "container": CONTAINER,
        "volume": VOLUME,
        "cleanup": "false",
        "cpus": f"{min(settings.cpus, cores):g}",
        "memory": f"{settings.memory // _MIB}m",
    }
    url = f"image://{IMAGE}:{cli_version or 'latest'}?{urlencode(parameters)}"
    why = "no engine is named in the settings: hubtui's own, by name, with its own volume and limits"
    if settings.cpus > cores:
        why += f"; {settings.cpus:g} cores were asked for, this host has {cores}"
    return RunnerHost(url, why)


def waiting_for(host: RunnerHost) -> str:
    """What opening a session has to wait for, as far as the container engine on this host tells. Blocks for 2 s at
    most."""
    if not host.provisions:
        return f"connects to {host.url}"
    image, _, _ = host.url.partition("://")[2].partition("?")
    program = host.scheme.partition("+")[2] or "docker"
    if _answers([program, "container", "inspect", host.container]):
        return f"starts the engine's container {host.container}"
    if _answers([program, "image", "inspect", image]):
        return f"creates the engine's container {host.container or 'by its default name'}"
    return f"pulls the engine's image {image}, which may take minutes"


def _answers(argv: list[str]) -> bool:
    try:
        return subprocess.run(argv, capture_output=True, timeout=1).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
