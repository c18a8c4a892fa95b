"""Stages on Dagger: what is tried again, and how long all of it has."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hubtui.errors import EngineError
from hubtui.models import ServiceState, StepState
from hubtui.stacks.spec.model import Stage
from tests.doubles.dagger import Double
from tests.doubles.reporter import until
from tests.live.dagger.faults.bench import Bench

RUNNING, STOPPED, FAILED = ServiceState.RUNNING, ServiceState.STOPPED, ServiceState.FAILED
NEVER = {"healthcheck": {"test": ["CMD", "false"], "start_period": "60s"}}
Make = Callable[..., Bench]


@pytest.fixture
async def make(tmp_path: Path, double: Double) -> AsyncIterator[Make]:
    """Makes a bench whose stack has these stages, and sees in the end that nothing is left of it."""
    made: list[Bench] = []

    def one(services: Mapping[str, Mapping[str, Any]], *stages: Stage) -> Bench:
        bench = Bench(tmp_path / f"bench{len(made)}", double, services)
        bench.stack = replace(bench.stack, stages=stages)
        made.append(bench)
        return bench

    yield one
    for bench in made:
        await bench.close()
        await until(lambda bench=bench: not bench.processes(), 5)  # type: ignore[misc]
        assert not bench.engine.holding


def shell(script: str, **more: Any) -> dict[str, Any]:
    return {"command": ["sh", "-c", script.replace("$", "$$")], **more}


async def test_what_fails_is_tried_again(make: Make, tmp_path: Path) -> None:
    lives = tmp_path / "lives"
    twice = f"echo >> {lives}; [ $(wc -l < {lives}) -gt 2 ] || exit 2; exec sleep 600"
    test = ["CMD-SHELL", f"[ $$(wc -l < {lives}) -gt 2 ]"]
    api = shell(twice, healthcheck={"test": test, "interval": "100ms", "start_period": "60s"})
    bench = make(
        {"api": api, "web": {"depends_on": {"api": {"condition": "service_healthy"}}}},
        Stage("core", ("api",), retries=3, retry_delay=0.1),
    )
    await bench.up()
    row = bench.reporter.steps["service:api"]
    assert [m[:8] for m in row.messages if ": exited with code 2" in m] == ["try 2 of", "try 3 of"]
    assert row.state is StepState.DONE
    assert row.message.endswith(", try 3 of 4")
    assert bench.states == {"api": RUNNING, "web": RUNNING}


async def test_a_cancel_between_two_tries_is_at_once(make: Make) -> None:
    bench = make(
        {"api": {**shell("exit 2"), **NEVER}, "base": {}}, Stage("core", ("api", "base"), retries=3, retry_delay=30)
    )
    starting = asyncio.create_task(bench.up())
    await until(lambda: bench.states.get("api") is ServiceState.RESTARTING and bench.states["base"] is RUNNING)
    assert bench.engine.holding
    began = time.monotonic()
    starting.cancel()
    await asyncio.wait([starting], timeout=10)
    await bench.engine.stop(["base", "api"])
    assert time.monotonic() - began < 5
    assert bench.states == {"api": STOPPED, "base": STOPPED}
    assert not bench.engine.holding


async def test_a_stage_that_is_too_late_names_what_it_waits_for(make: Make) -> None:
    bench = make({"api": NEVER, "base": {}}, Stage("core", ("base", "api"), timeout=3))
    with pytest.raises(EngineError, match=r"stage core was not ready within 3\.0 s: it still waits for api") as late:
        await bench.up()
    assert late.value.kind == "stage_timeout"
    assert bench.states == {"api": FAILED, "base": RUNNING}
    await until(lambda: len(bench.processes()) == 2, 5)  # the CLI and the other
