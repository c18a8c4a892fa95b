"""A stand-in for the `dagger` program and its engine, for machines that have none: found on PATH as the real one is,
spoken to by the real SDK. Services are processes of this host, tunnels are TCP proxies, and telemetry is shaped like
what real engines were recorded to say.

What it cannot show: containers (a service sees this host's files; mount points are replaced in its command and
environment), networks (ports are this host's: each service needs its own), and the engine's own timing.
"""

from __future__ import annotations

import contextlib
import shlex
import socket
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Double:
    """One engine. `environment` makes hubtui find it; a switch is a file that its sessions look for:

    `502`, `hang`: every query is answered so, or not at all · `killed_session`: the CLI ends · `dead`: the engine is
    gone, its CLI is not, its services are orphans · `lost_term`: the next TERM does nothing · `start_hangs`,
    `stop_hangs`: a start or stop never returns (with a value: of the service with that host name) · `close_hangs`:
    the CLI does not end with its stdin · `no_provision`: there is no session · `slow_handshake`: it takes so many
    seconds · `cut_logs`: the stream of logs breaks off in the middle of each of these rows, once."""

    folder: Path
    version: str
    environment: dict[str, str] = field(default_factory=dict)

    def switch(self, name: str, on: bool = True, value: str = "") -> None:
        """Turn a failure on or off."""
        file = self.folder / "switch" / name
        if on:
            fresh = self.folder / "switch" / f".{name}"
            fresh.write_text(value)
            fresh.rename(file)  # nobody sees half of it
        else:
            file.unlink(missing_ok=True)

    def hung(self, name: str) -> bool:
        """Whether a start or a stop has begun to hang by this switch."""
        return (self.folder / "switch" / f"{name}.hung").exists()


@contextlib.contextmanager
def installed(folder: Path, version: str = "") -> Iterator[Double]:
    """A new engine below `folder`, of the SDK's version unless another is named. Something listens at its address."""
    from importlib import metadata

    version = version or f"v{metadata.version('dagger-io')}"
    for name in ("bin", "switch", "volumes", "scratch"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    program = folder / "bin" / "dagger"
    words = shlex.join([sys.executable, "-P", "-m", "tests.doubles.dagger.main", str(folder), version])
    program.write_text(f'#!/bin/sh\nexport PYTHONPATH={shlex.quote(str(ROOT))}\nexec {words} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    with listening(folder) as address:
        yield Double(folder, version, {"HUBTUI_DAGGER__CLI": str(program), "HUBTUI_DAGGER__RUNNER_HOST": address})


@contextlib.contextmanager
def listening(folder: Path) -> Iterator[str]:
    """The address of an engine that answers, as far as can be seen without asking it for a session."""
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(f"{folder}/engine.sock")
        engine.listen(128)
        yield f"unix://{folder}/engine.sock"
