"""A stack of 1 and of 10 services brought up from nothing (no container, no network, no runner), from exec to exit:
`hubtui start --wait` beside `docker compose up -d --wait`, on a Docker engine of the measure's own."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import scratch
from benchmarks.table import Figure, Row
from tests.compose import binary
from tests.doubles.host import Host
from tests.live.docker import stacks
from tests.live.docker.daemon import Daemon, NoEngineError

SERVICES = (1, 10)
MORE = 0.3  # seconds that hubtui may take on top of the peer's


def measure(runs: int) -> Sequence[Row]:
    try:
        daemon = Daemon()
    except NoEngineError as error:
        return [Row("a compose stack started", None, f"not measured: {error}")]
    try:
        os.environ.update(daemon.environment)
        with scratch.host() as (here, root):
            return [_measure(daemon, here, root, count, min(runs, 10)) for count in SERVICES]
    finally:
        daemon.close()


def _measure(daemon: Daemon, here: Host, root: Path, count: int, runs: int) -> Row:
    services = {f"s{n}": stacks.shell("exec sleep 600") for n in range(count)}
    folders = [stacks.write(root / f"{side}{count}", services) for side in ("ours", "theirs")]
    project = here.add(folders[0])
    env = scratch.environment(HUBTUI_HOME=str(here.home.root))

    def ours() -> float:
        with _down_afterwards(daemon, folders[0]):
            seconds = scratch.timed([*scratch.hubtui(), "start", project, "--wait"], env)
            here.stop(project)
            scratch.free(here, project)
            return seconds

    def theirs() -> float:
        with _down_afterwards(daemon, folders[1]):
            return scratch.timed(["docker", "compose", "-f", str(folders[1] / "compose.yaml"), *_UP], env)

    mine, raw = scratch.interleaved(runs, ours, theirs)
    figure, peer = Figure.median(mine, "s"), Figure.median(raw, "s", f"docker compose {binary.version()}:")
    more = statistics.median(a - b for a, b in zip(mine, raw, strict=True))  # turn by turn: load comes and goes
    name = f"a compose stack of {count} started from nothing ({more:+.2f} s)"
    return Row(name, figure, peer, f"< {MORE} s more", more < MORE)


_UP = ("--progress", "quiet", "up", "-d", "--wait")


@contextmanager
def _down_afterwards(daemon: Daemon, folder: Path) -> Iterator[None]:
    try:
        yield
    finally:
        env = {**os.environ, **daemon.environment}
        subprocess.run(["docker", "compose", "down", "-t", "0"], cwd=folder, env=env, capture_output=True, check=True)
