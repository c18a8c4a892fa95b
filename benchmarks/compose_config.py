"""A compose file of 200 services resolved, the whole process from exec to exit, output to nowhere: `hubtui config`
beside `docker compose config`, where there is one (see tests/compose/binary.py)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks import scratch
from benchmarks.table import Figure, Row
from tests.compose import binary

SERVICES = 200
NAME = f"a file of {SERVICES} services resolved"
_SERVICE = """  s{n}:
    image: "registry.example/app:${{TAG:-1}}"
    environment: {{A: "{n}", B: "${{B:-two}}"}}
    ports: ["{port}:80"]
    volumes: ["data:/data", "./files:/files:ro"]
    depends_on: {below}
    healthcheck: {{test: [CMD, "true"], interval: 10s}}
    deploy: {{resources: {{limits: {{cpus: "0.5", memory: 64M}}}}}}
"""


def measure(runs: int) -> Sequence[Row]:
    with scratch.folder() as root:
        file = _write(root / "compose.yaml")
        env = scratch.environment()
        mine = [*scratch.hubtui(), "config", "-f", str(file), "--format", "json"]
        call = binary.compose()
        if call is None:
            alone = Figure.median([scratch.timed(mine, env) for _ in range(runs)], "s")
            return [Row(NAME, alone, "there is no docker compose here to compare with")]
        peer = [*call, "-f", str(file), "config", "--format", "json"]
        ours, theirs = scratch.interleaved(runs, lambda: scratch.timed(mine, env), lambda: scratch.timed(peer, env))
    named = f"docker compose {binary.version()}:"
    return [Row(NAME, Figure.median(ours, "s"), Figure.median(theirs, "s", named))]


def _write(file: Path) -> Path:
    services = (_SERVICE.format(n=n, port=20_000 + n, below=f"[s{n - 1}]" if n % 4 else "[]") for n in range(SERVICES))
    file.write_text("name: big\nservices:\n" + "".join(services) + "volumes: {data: {}}\n", encoding="utf-8")
    return file
