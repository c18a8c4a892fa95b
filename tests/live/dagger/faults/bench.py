"""A Dagger engine without a runner, on the stand-in, with less patience than people get."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hubtui.models import ServiceState
from hubtui.stacks import proctree
from hubtui.stacks.engines.base import EngineContext, HealthDefaults
from hubtui.stacks.engines.dagger.engine import DaggerEngine
from hubtui.stacks.engines.dagger.session import Pings
from hubtui.stacks.engines.dagger.settings import DaggerSettings
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.supervise.restart import Pace
from tests.doubles.dagger import Double
from tests.doubles.reporter import RecordingReporter

QUICK = Pace(first=0.1, longest=0.2, good=60, ends=3, window=600)
PINGS = Pings(every=0.5, patience=0.5, soon=0.1)
SLEEPS = "echo up; exec sleep 600"


class Bench:
    """One engine, its reporter and its stack, whose services are shell scripts."""

    def __init__(self, folder: Path, double: Double, services: Mapping[str, Mapping[str, Any]]) -> None:
        self.marker = f"{folder}:1"
        self.reporter = RecordingReporter()
        folder.mkdir(parents=True)
        shaped = {
            name: {"image": "box:1", "command": ["sh", "-c", SLEEPS], "stop_grace_period": "1s", **more}
            for name, more in services.items()
        }
        (folder / "compose.yaml").write_text(json.dumps({"name": "bench", "services": shaped}))
        self.stack = load_stack(folder, environ={})
        health = HealthDefaults(interval=0.2, timeout=2, retries=2, start_period=20)
        context = EngineContext("bench", 1, self.marker, folder / "logs", folder / "engine", health=health)
        settings = DaggerSettings(
            Path(double.environment["HUBTUI_DAGGER__CLI"]), double.environment["HUBTUI_DAGGER__RUNNER_HOST"]
        )
        self.engine = DaggerEngine(context, self.reporter, settings, QUICK, PINGS)

    @property
    def states(self) -> dict[str, ServiceState]:
        return self.reporter.states

    @property
    def notes(self) -> dict[str, str]:
        """What was said of the run as a whole: the last message of each kind."""
        return dict(self.reporter.notes)

    async def up(self, *names: str) -> None:
        """Build and start these services, all where none is named."""
        wanted = names or tuple(self.stack.services)
        await self.engine.build(self.stack, wanted)
        await self.engine.start(self.stack, wanted)

    def processes(self) -> list[int]:
        """All that live of it: CLIs and services."""
        return [who.pid for who in proctree.find_marked(self.marker)]

    async def close(self) -> None:
        """As a runner ends its stack."""
        async with asyncio.timeout(30):
            await self.engine.stop(None)
            await self.engine.close()
