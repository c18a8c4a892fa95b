"""A cancelled start on Dagger: what it began can be stopped at once, whatever it was doing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from hubtui.models import ServiceState, StepState
from tests.doubles.dagger import Double
from tests.doubles.reporter import until
from tests.live.dagger.faults.bench import SLEEPS, Bench

NAMES = ("store", "api", "web")
NEVER = {"test": ["CMD", "false"], "start_period": "60s"}
AT_ONCE = {"test": ["CMD", "true"]}
Reached = Callable[[], bool]


class Start:
    """Three ranks, each behind the health of the one below."""

    def __init__(self, folder: Path, double: Double) -> None:
        self.folder, self.double = folder, double
        self.bench: Bench

    def begin(self, **changed: dict[str, Any]) -> asyncio.Task[None]:
        services: dict[str, dict[str, Any]] = {}
        below: dict[str, Any] = {}
        for name in NAMES:
            services[name] = {"healthcheck": AT_ONCE, "depends_on": below, **changed.get(name, {})}
            below = {name: {"condition": "service_healthy"}}
        self.bench = Bench(self.folder / "bench", self.double, services)
        return asyncio.create_task(self.bench.up())

    def state(self, name: str) -> ServiceState | None:
        return self.bench.states.get(name)


@pytest.fixture
async def start(tmp_path: Path, double: Double, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    for name in ("_START_PATIENCE", "_KILL"):
        monkeypatch.setattr(f"hubtui.stacks.engines.dagger.service.{name}", 1.0)
    found = Start(tmp_path, double)
    yield found
    await found.bench.close()
    await until(lambda: not found.bench.processes(), 5)


def opening(start: Start) -> tuple[asyncio.Task[None], Reached]:
    start.double.switch("slow_handshake", value="600")
    return start.begin(), lambda: bool(start.bench.processes())


def building(start: Start) -> tuple[asyncio.Task[None], Reached]:
    mark = start.folder / "builds"
    inline = f"FROM box:1\nRUN touch {mark}; sleep 600; exit 1\n"
    task = start.begin(api={"image": "api:1", "build": {"context": ".", "dockerfile_inline": inline}})
    return task, mark.exists


def waiting(start: Start) -> tuple[asyncio.Task[None], Reached]:
    task = start.begin(store={"healthcheck": NEVER})
    waits = ServiceState.WAITING
    return task, lambda: start.state("store") is ServiceState.RUNNING and start.state("web") is waits


def hanging(start: Start) -> tuple[asyncio.Task[None], Reached]:
    start.double.switch("start_hangs", value="api")
    return start.begin(), lambda: start.state("api") is ServiceState.STARTING


def deaf(start: Start) -> tuple[asyncio.Task[None], Reached]:
    script = "trap '' TERM; echo up; while :; do sleep 0.1; done"
    task = start.begin(api={"healthcheck": NEVER, "command": ["sh", "-c", script]})
    return task, lambda: start.state("api") is ServiceState.RUNNING


def healthy(start: Start) -> tuple[asyncio.Task[None], Reached]:
    task = start.begin(web={"healthcheck": NEVER, "command": ["sh", "-c", SLEEPS]})

    def reached() -> bool:
        row = start.bench.reporter.steps.get("service:api")
        return row is not None and row.state is StepState.DONE

    return task, reached


@pytest.mark.parametrize("insist", ["never", "between", "after"])
@pytest.mark.parametrize("phase", [opening, building, waiting, hanging, deaf, healthy])
async def test_a_stop_right_after_a_cancelled_start_leaves_nothing(
    start: Start, phase: Callable[[Start], tuple[asyncio.Task[None], Reached]], insist: str
) -> None:
    task, reached = phase(start)
    await until(reached)
    engine = start.bench.engine
    task.cancel()
    if insist == "between":
        await asyncio.sleep(0)
        engine.insist()
    await asyncio.wait([task], timeout=20)
    assert task.done()
    if insist == "after":
        engine.insist()
    await asyncio.wait_for(engine.stop(NAMES), 20)
    assert not engine.holding
    assert {start.bench.states.get(name, ServiceState.STOPPED) for name in NAMES} == {ServiceState.STOPPED}
    await until(lambda: len(start.bench.processes()) <= 1, 5)  # the CLI, which the session needs
    rows = start.bench.reporter.steps.values()
    await until(lambda: not any(row.state is StepState.RUNNING for row in rows), 2)  # telemetry is a moment behind
