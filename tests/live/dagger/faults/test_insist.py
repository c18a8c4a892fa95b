"""The same end asked for twice, on an engine whose services and whose session take their time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hubtui.models import ServiceState, StepState
from tests.doubles.dagger import Double
from tests.doubles.reporter import until
from tests.live.dagger.faults.bench import Bench

STOPPED, STOPPING, RUNNING = ServiceState.STOPPED, ServiceState.STOPPING, ServiceState.RUNNING
DEAF = {"command": ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done"], "stop_grace_period": "60s"}
Make = Callable[[Mapping[str, Mapping[str, Any]]], Bench]


@pytest.fixture
async def make(tmp_path: Path, double: Double) -> AsyncIterator[Make]:
    """Makes a bench, and sees in the end that nothing is left of it."""
    made: list[Bench] = []

    def one(services: Mapping[str, Mapping[str, Any]]) -> Bench:
        made.append(Bench(tmp_path / f"bench{len(made)}", double, services))
        return made[-1]

    yield one
    for bench in made:
        bench.engine.insist()
        await bench.close()
        await until(lambda bench=bench: not bench.processes(), 5)  # type: ignore[misc]
        assert not bench.engine.holding


async def seconds(task: asyncio.Task[None]) -> float:
    """Until it is over; what it raised is nothing here."""
    began = time.monotonic()
    await asyncio.wait([task], timeout=20)
    assert task.done()
    return time.monotonic() - began


async def test_a_stop_in_order_is_hurried_and_the_next_one_is_not(make: Make) -> None:
    bench = make({"base": DEAF, "user": {**DEAF, "depends_on": ["base"]}, "other": DEAF})
    await bench.up()
    stop = asyncio.create_task(bench.engine.stop(["user", "base"]))
    await until(lambda: bench.states["user"] is STOPPING)
    bench.engine.insist()
    assert await seconds(stop) < 5
    assert bench.states == {"base": STOPPED, "user": STOPPED, "other": RUNNING}
    stop = asyncio.create_task(bench.engine.stop(["other"]))
    await until(lambda: bench.states["other"] is STOPPING)
    await asyncio.wait([stop], timeout=1)
    assert not stop.done()
    bench.engine.insist()
    assert await seconds(stop) < 5
    assert bench.states["other"] is STOPPED


async def test_what_a_cancelled_start_takes_back_is_hurried_and_so_is_the_stop_after_it(make: Make) -> None:
    never = {"healthcheck": {"test": ["CMD", "false"], "start_period": "60s"}}
    bench = make({"base": DEAF, "web": {**DEAF, **never, "depends_on": ["base"]}})
    starting = asyncio.create_task(bench.up())
    await until(lambda: bench.states.get("web") is RUNNING)
    await until(lambda: bench.reporter.steps["service:base"].state is StepState.DONE)
    starting.cancel()
    await until(lambda: bench.states["web"] is STOPPING)
    bench.engine.insist()
    assert await seconds(starting) < 5
    assert bench.states == {"base": RUNNING, "web": STOPPED}
    assert await seconds(asyncio.create_task(bench.engine.stop(["base", "web"]))) < 5  # the same end goes on
    assert bench.states == {"base": STOPPED, "web": STOPPED}
    assert not bench.engine.holding


async def test_a_start_that_hangs_is_not_waited_for(make: Make, double: Double) -> None:
    """What the same start has brought up ends with it, and needs no asking."""
    bench = make({"base": {}, "web": {"depends_on": ["base"]}})
    double.switch("start_hangs", value="web")
    starting = asyncio.create_task(bench.up())
    await until(lambda: bench.states.get("web") is ServiceState.STARTING)
    starting.cancel()
    await until(lambda: bench.states["web"] is STOPPING)
    bench.engine.insist()
    assert await seconds(starting) < 5
    await bench.engine.stop(["base", "web"])
    assert bench.states == {"base": STOPPED, "web": STOPPED}
    assert not bench.engine.holding
    await until(lambda: not bench.processes(), 5)


async def test_a_session_that_closes_slowly_is_hurried(make: Make, double: Double) -> None:
    bench = make({"web": {}})
    await bench.up()
    await bench.engine.stop(None)
    double.switch("close_hangs")
    closing = asyncio.create_task(bench.engine.close())
    await until(lambda: "close" in bench.reporter.steps)
    await asyncio.wait([closing], timeout=0.5)
    assert not closing.done()
    bench.engine.insist()
    assert await seconds(closing) < 5
    assert bench.reporter.steps["close"].message == "its CLI had to be killed"
    assert bench.processes() == []
