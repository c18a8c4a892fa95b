"""A process engine without a runner: its reporter, its stack, and the promise that nothing of it is left."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hubtui.models import ServiceState
from hubtui.stacks import proctree
from hubtui.stacks.engines.base import EngineContext, HealthDefaults
from hubtui.stacks.engines.process.engine import ProcessEngine
from hubtui.stacks.logfiles import service_folder
from hubtui.stacks.spec.model import Condition, Dependency, HealthCheck, Service, Stack
from hubtui.stacks.supervise.restart import Pace
from tests.doubles.reporter import RecordingReporter

QUICK = Pace(first=0.05, longest=0.2, good=60, ends=5, window=600)
_SUBREAPER = 36  # of prctl(2)


class Bench:
    """One engine, its reporter and its stack."""

    def __init__(self, folder: Path, marker: str) -> None:
        self.folder = folder
        self.marker = marker
        self.reporter = RecordingReporter()
        health = HealthDefaults(interval=0.2, timeout=2, retries=2, start_period=20)
        self.context = EngineContext("demo", 7, marker, folder / "logs", folder, health=health)
        self.engine = ProcessEngine(self.context, self.reporter, QUICK)
        self.stack = Stack("demo", folder, (), {})
        self._others = set(proctree.children(os.getpid()))  # of the test run: a Docker engine, say

    def children(self) -> list[int]:
        """What this process has as children since."""
        return [pid for pid in proctree.children(os.getpid()) if pid not in self._others]

    def add(self, name: str, *process: str, needs: dict[str, Condition] | None = None, **more: Any) -> None:
        """A service; one string is a shell script."""
        argv = ("/bin/sh", "-c", *process) if len(process) == 1 else process
        depends = tuple(Dependency(other, condition) for other, condition in (needs or {}).items())
        service = replace(Service(name, process=argv, depends_on=depends, stop_grace_period=0.5), **more)
        self.stack = replace(self.stack, services={**self.stack.services, name: service})

    async def start(self, *names: str) -> None:
        chosen = names or tuple(self.stack.services)
        self.engine.check(self.stack, chosen)
        await self.engine.build(self.stack, chosen)
        await self.engine.start(self.stack, chosen)

    def state(self, name: str) -> ServiceState:
        return self.reporter.states[name]

    def pid(self, name: str) -> int:
        return self.reporter.processes[name][-1].pid

    def log(self, name: str) -> str:
        folder = service_folder(self.context.logs, name)
        return "".join(file.read_text() for file in sorted(folder.glob("*.log")))

    def has(self, name: str) -> bool:
        return (self.folder / name).exists()

    def file(self, name: str) -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else ""


@contextlib.asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Bench]:
    """A bench in a process that is what the runner is, a subreaper: whoever loses its parent below us becomes our
    child."""
    libc = ctypes.CDLL(None)
    libc.prctl(_SUBREAPER, 1, 0, 0, 0)
    bench = Bench(folder, f"test-{os.getpid()}-{folder.name}")
    try:
        yield bench
        await asyncio.wait_for(bench.engine.stop(), 20)
        await bench.engine.close()
        assert not bench.engine.holding
        assert proctree.find_marked(bench.marker) == []
    finally:
        libc.prctl(_SUBREAPER, 0, 0, 0, 0)


def beacon(path: Path) -> HealthCheck:
    """Healthy as soon as the file is there."""
    return HealthCheck(command=("test", "-e", str(path)))
