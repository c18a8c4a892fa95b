"""The second start of an unchanged four-service stack on a real Dagger engine, from asking to all of them healthy,
beside a script over the SDK alone that does the same (peers/raw_dagger.py). Two images are built, which the engine's
cache has; each side begins without a session and waits until every port answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import scratch
from benchmarks.table import Figure, Row
from hubtui.models import JobState, JobType
from tests.doubles.stacks import free_ports
from tests.live.dagger import engines

AIM = 1.1  # times the script's


def measure(runs: int) -> Sequence[Row]:
    place = engines.real()
    if isinstance(place, str):
        return [Row("second start of four services on Dagger", None, f"not measured: {place}")]
    os.environ.update(place.environment)
    runs = min(runs, 10)
    with scratch.host() as (here, root):
        folder, ports = root / "four", free_ports(8)
        _write(folder, place.image, ports[:4])
        project = here.add(folder)

        def ours() -> float:
            begun = time.perf_counter()
            job = here.finished(here.ask(JobType.START, project), 120)
            seconds = time.perf_counter() - begun
            assert job.state is JobState.SUCCESS, job.error
            here.stop(project)
            scratch.free(here, project)
            return seconds

        def theirs() -> float:
            begun = time.perf_counter()
            argv = [sys.executable, "-m", "benchmarks.peers.raw_dagger", str(folder), place.image]
            with subprocess.Popen(
                [*argv, *map(str, ports[4:])], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_as_dagger(place)
            ) as script:
                assert script.stdin is not None
                assert script.stdout is not None
                assert script.stdout.readline() == b"up\n"
                seconds = time.perf_counter() - begun
                script.stdin.close()
            return seconds

        ours()  # the first start of all: whatever must be built is built now
        mine, raw = scratch.interleaved(runs, ours, theirs)
    figure, peer = Figure.median(mine, "s"), Figure.median(raw, "s", "SDK script:")
    row = Row("second start of four services on Dagger", figure, peer, f"<= {AIM} x", figure.value <= AIM * peer.value)
    return [row]


def _as_dagger(place: engines.Place) -> dict[str, str]:
    """The environment that the SDK itself reads."""
    cli, host = place.environment["HUBTUI_DAGGER__CLI"], place.environment["HUBTUI_DAGGER__RUNNER_HOST"]
    return {**os.environ, engines.CLI: cli, engines.HOST: host, "DAGGER_SILENT": "1"}


def _write(folder: Path, image: str, ports: Sequence[int]) -> None:
    folder.mkdir()
    (folder / "Dockerfile").write_text(f"FROM {image}\nRUN echo built > /built\nCOPY compose.yaml /src/\n")

    def service(name: str, number: int, **more: object) -> dict[str, object]:
        argv = ["python3", *engines.program(8001 + number)]
        return {
            "command": argv,
            "environment": {"NAME": name},
            "ports": [f"127.0.0.1:{ports[number]}:{8001 + number}"],
            **more,
        }

    ready = {"condition": "service_healthy"}
    services = {
        "store": service("store", 0, image=image),
        "queue": service("queue", 1, image=image),
        "backend": service("backend", 2, build=".", depends_on={"store": ready, "queue": ready}),
        "frontend": service("frontend", 3, build=".", depends_on={"backend": ready}),
    }
    document = {"name": "four", "x-hubtui": {"engine": "dagger"}, "services": services}
    (folder / "compose.yaml").write_text(json.dumps(document))
