"""A Docker engine of the tests' own: its socket, its data, its networks; nobody else's Docker is asked or touched.

It needs root, `dockerd`, `containerd`, `docker`, `ip`, a `busybox` that is static, and a real `docker compose`
(`.ci/compose-binary` fetches one); `missing` says what is not here. `.ci/run` installs them on Debian.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import Any

from hubtui.stacks import proctree
from tests.compose import binary
from tests.live.docker import images, keeper

PREFIX = "hubtui-docker-"  # short: a path of a socket has 107 bytes
_PROGRAMS = ("dockerd", "containerd", "docker", "ip", "busybox")


class NoEngineError(Exception):
    """There can be no engine here; the message says why."""


class Daemon:
    """A running engine. `environment` is what a user of it has; `close` ends it with all that it holds. With
    `live_restore` its containers outlive dockerd; without, the next dockerd ends them, as Docker does by itself."""

    def __init__(self, *, live_restore: bool = False) -> None:
        if said := missing():
            raise NoEngineError(said)
        sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
        self.folder.chmod(0o755)  # so that a test may try the socket as another user
        self.socket = self.folder / "s"
        network = _free_network()
        (self.folder / "daemon.json").write_text(json.dumps({"live-restore": live_restore}))
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.live.docker.keeper", str(self.folder), network],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd=Path(__file__).parents[3],
        )
        self.keeper = self._keeper.pid
        owner = proctree.identity(self._keeper.pid)
        (self.folder / "owner").write_text(json.dumps([owner.pid, owner.start_ticks, network]))
        self.config = self.folder / "config"
        (self.config / "cli-plugins").mkdir(parents=True)
        call = binary.compose()
        assert call is not None
        if len(call) == 1:
            (self.config / "cli-plugins" / "docker-compose").symlink_to(str(shutil.which(call[0])))
        self.environment = {"DOCKER_HOST": f"unix://{self.socket}", "DOCKER_CONFIG": str(self.config)}
        try:
            self.start()
            images.load(self)
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Bring dockerd up and wait until it answers. Raises NoEngineError with its last words."""
        self.begin()
        deadline = time.monotonic() + 30
        while not self.answers():
            if time.monotonic() > deadline:
                raise NoEngineError(f"dockerd does not start here: {self.last_words()}")
            time.sleep(0.02)

    def begin(self) -> None:
        """Start dockerd without waiting for it."""
        self._tell("start")

    def kill(self) -> None:
        """dockerd alone dies by SIGKILL."""
        self._tell("kill")

    def term(self) -> None:
        """dockerd ends in order."""
        self._tell("term")

    @property
    def pid(self) -> int | None:
        """The living dockerd's, None where there is none."""
        below = [proctree.stat(pid) for pid in proctree.children(self._keeper.pid)]
        return next((found.pid for found in below if found and found.name == "dockerd" and not found.dead), None)

    def answers(self) -> bool:
        return self.docker("version", check=False).returncode == 0

    def docker(
        self,
        *words: str,
        check: bool = True,
        input: bytes | None = None,  # noqa: A002
        folder: Path | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Call the docker client on this engine."""
        done = subprocess.run(
            ["docker", *words],
            env={**os.environ, **self.environment},
            input=input,
            cwd=folder,
            capture_output=True,
            timeout=60,
        )
        assert not check or done.returncode == 0, (words, done.stdout, done.stderr)
        return done

    def containers(self, project: str, service: str = "", *, all: bool = True) -> list[dict[str, Any]]:  # noqa: A002
        """What Docker knows of a compose project's containers, one-off ones left out, by name."""
        labels = {"project": project, "oneoff": "False"} | ({"service": service} if service else {})
        wanted = [
            word for name, value in labels.items() for word in ("--filter", f"label=com.docker.compose.{name}={value}")
        ]
        ids = self.docker("ps", "-q", "--no-trunc", *(["-a"] if all else []), *wanted).stdout.decode().split()
        found: list[dict[str, Any]] = json.loads(self.docker("inspect", *ids).stdout) if ids else []
        return sorted(found, key=lambda container: str(container["Name"]))

    def empty(self) -> None:
        """Remove every container, network, volume and image but the tests' own image."""
        if ids := self.docker("ps", "-aq").stdout.decode().split():
            self.docker("rm", "-fv", *ids)
        self.docker("network", "prune", "-f")
        if names := self.docker("volume", "ls", "-q").stdout.decode().split():
            self.docker("volume", "rm", "-f", *names)
        named = self.docker("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "dangling=false")
        if made := [name for name in named.stdout.decode().split() if name != images.BUSYBOX]:
            self.docker("rmi", "-f", *made)

    @cached_property
    def version(self) -> str:
        return self.docker("version", "--format", "{{.Server.Version}}").stdout.decode().strip()

    def last_words(self) -> str:
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return " / ".join(lines[-3:])

    def close(self) -> None:
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait(60)
        assert not self.folder.exists(), "the keeper left its folder"

    def _tell(self, word: str) -> None:
        assert self._keeper.stdin is not None
        assert self._keeper.stdout is not None
        print(word, file=self._keeper.stdin, flush=True)
        said = self._keeper.stdout.readline().strip()
        assert said == "ok", said or "the keeper is gone"


def missing() -> str:
    """Why no engine can be started here, "" where one may be tried."""
    if os.geteuid() != 0:
        return "only root can start a Docker engine"
    if absent := [name for name in _PROGRAMS if shutil.which(name) is None]:
        return f"there is no {', '.join(absent)}: apt-get install docker.io iproute2 busybox-static"
    if binary.compose() is None:
        return "there is no docker compose: .ci/compose-binary fetches one"
    if not images.static(Path(str(shutil.which("busybox")))):
        return "this busybox is not static: apt-get install busybox-static"
    return ""


def _free_network() -> str:
    """The first two numbers of addresses that no link, no route and no other engine of tests has."""
    shown = [subprocess.run(["ip", "-4", what], capture_output=True, text=True).stdout for what in ("address", "route")]
    shown += [owner.read_text() for owner in Path("/tmp").glob(f"{PREFIX}*/owner")]
    words = re.split(r'[\s"]', " ".join(shown))
    free = [n for n in range(64, 254) if not any(word.startswith(f"10.{n}.") or word == f"10.{n}" for word in words)]
    return f"10.{free[os.getpid() % len(free)]}"


def sweep() -> None:
    """End and remove what tests left whose keeper was killed, too."""
    for folder in Path("/tmp").glob(f"{PREFIX}*"):
        try:
            pid, ticks, network = json.loads((folder / "owner").read_text())
        except (OSError, ValueError):
            continue
        found = proctree.stat(pid)
        if found is None or found.start_ticks != ticks:
            keeper.end_processes(lambda folder=folder: _processes_of(folder))  # type: ignore[misc]
            keeper.clear(folder, network, pid)


def _processes_of(folder: Path) -> list[int]:
    """Who has this folder in its command line (dockerd, containerd, their shims), and all that is below them."""
    found = []
    for pid in [int(name) for name in os.listdir("/proc") if name.isdigit()]:
        with contextlib.suppress(OSError):
            if f"{folder}/".encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                found += [pid, *proctree.descendants(pid)]
    return found
