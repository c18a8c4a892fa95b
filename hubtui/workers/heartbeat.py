"""The heartbeat: a file the runner's own loop rewrites every 2 s, with a counter, what its services take, and what its
engine says of each.

A file, not a row: it costs no fsync and wakes no feed. The age is told by CLOCK_MONOTONIC, which all processes of one
boot share, so that no clock step can make a runner look dead. It only says responsive or not; the lease says alive.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

INTERVAL = 2.0
SILENT_AFTER = 10.0  # seconds: five missed beats


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last beat: a counter, the runner's PID, its age in seconds; {service: {cpu_percent, memory_bytes, ...}};
    {service: state} as the engine itself knows them, {} where the runner did not say."""

    count: int
    pid: int
    age: float
    usage: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    engine: Mapping[str, str] = field(default_factory=dict)

    @property
    def responsive(self) -> bool:
        return self.age < SILENT_AFTER


def beat(
    path: Path,
    count: int,
    usage: Mapping[str, Mapping[str, Any]],
    engine: Mapping[str, str] | None = None,
) -> None:
    """Write one beat. A full disk only makes the runner look silent, so it is passed over."""
    shape = {"count": count, "pid": os.getpid(), "monotonic": time.monotonic(), "usage": usage}
    text = json.dumps({**shape, "engine": dict(engine)} if engine is not None else shape)
    draft = f"{path}.new"
    try:
        with open(draft, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(draft, path)
    except OSError:
        pass


def read(path: Path) -> Heartbeat | None:
    """The last beat, None where there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
        age = max(0.0, time.monotonic() - found["monotonic"])
        engine = found.get("engine")  # a runner of an older hubtui does not say
        told = {str(k): str(v) for k, v in engine.items()} if isinstance(engine, dict) else {}
        return Heartbeat(int(found["count"]), int(found["pid"]), age, found["usage"], told)
    except (OSError, ValueError, KeyError, TypeError):
        return None
