"""Stages: services that are tried again, a time for all of them, and a line that says how it went."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from hubtui.errors import EngineError
from hubtui.models import ServiceState, StepState
from hubtui.stacks import proctree
from hubtui.stacks.spec.model import Condition, HealthCheck, Stage
from hubtui.stacks.supervise.restart import backoff
from tests.doubles.reporter import until
from tests.faults.process_bench import Bench, beacon, opened

STARTED, HEALTHY = Condition.STARTED, Condition.HEALTHY
SERVE = "touch $HUBTUI_SERVICE.up; exec sleep 60"
RESTARTING, STOPPED, FAILED = ServiceState.RESTARTING, ServiceState.STOPPED, ServiceState.FAILED


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with opened(tmp_path) as bench:
        yield bench


def serves(bench: Bench, name: str, script: str = SERVE, needs: dict[str, Condition] | None = None) -> None:
    """A service that is healthy once it has made its file."""
    bench.add(name, script, health=beacon(bench.folder / f"{name}.up"), needs=needs)


def staged(bench: Bench, *stages: Stage) -> None:
    bench.stack = replace(bench.stack, stages=stages)


def fails(times: int, then: str = SERVE) -> str:
    """A script that exits with 2 so often."""
    return f"echo >> $HUBTUI_SERVICE.lives; [ $(wc -l < $HUBTUI_SERVICE.lives) -gt {times} ] || exit 2; {then}"


# Trying again


async def test_what_fails_is_tried_again_while_the_next_stage_waits(bench: Bench) -> None:
    serves(bench, "api", fails(2))
    bench.add("web", "exec sleep 60", needs={"api": HEALTHY})
    staged(bench, Stage("core", ("api",), retries=3, retry_delay=0.05), Stage("edge", ("web",)))
    await bench.start()
    assert len(bench.reporter.processes["api"]) == 3 and len(bench.reporter.processes["web"]) == 1
    row = bench.reporter.steps["service:api"]
    pauses = [m for m in row.messages if " in " in m]
    assert len(pauses) == 2
    assert re.fullmatch(r"try 2 of 4 in 0\.\d s: exited with code 2 after 0\.\d s", pauses[0])
    assert pauses[1].startswith("try 3 of 4 in ")
    assert row.state is StepState.DONE and row.message.endswith(", try 3 of 4")
    said = [s.message for s in bench.reporter.said if s.service == "api" and s.state is RESTARTING]
    assert said == pauses
    assert ServiceState.WAITING in bench.reporter.history("web")
    assert bench.reporter.messages["web"] == ""
    assert " h try 2 of 4 in " in bench.log("api")


async def test_when_no_try_is_left_the_failure_stands(bench: Bench) -> None:
    serves(bench, "api", "exit 2")
    bench.add("web", "exec sleep 60", needs={"api": HEALTHY})
    staged(bench, Stage("core", ("api",), retries=2, retry_delay=0.02), Stage("edge", ("web",)))
    with pytest.raises(EngineError, match=r"^api exited with code 2 after 0\.\d s \(try 3 of 3\)$") as failed:
        await bench.start()
    assert (failed.value.kind, failed.value.service) == ("service_exited", "api")
    assert len(bench.reporter.processes["api"]) == 3
    assert bench.state("api") is FAILED and bench.reporter.messages["web"] == "api failed"
    assert bench.reporter.steps["stage:core"].state is StepState.FAILED
    assert not bench.engine.holding


async def test_one_that_is_unhealthy_is_ended_before_it_is_tried_again(bench: Bench) -> None:
    sick = f"[ -e second ] && {{ {SERVE}; }}; touch second; setsid sleep 60 & exec sleep 60"
    check = replace(beacon(bench.folder / "api.up"), start_period=0.5, interval=0.05)
    bench.add("api", sick, health=check)
    staged(bench, Stage("core", ("api",), retries=1, retry_delay=0.02))
    await bench.start()
    first, second = bench.reporter.processes["api"]
    assert proctree.open_verified(first) is None
    await until(lambda: [who.pid for who in proctree.find_marked(bench.marker)] == [second.pid])  # checks come and go
    assert "is unhealthy: test exited with code 1" in "".join(bench.reporter.steps["service:api"].messages)


async def test_what_could_not_even_be_run_is_not_tried_again(bench: Bench) -> None:
    bench.add("api", "no-such-program-here", "now")
    staged(bench, Stage("core", ("api",), retries=5, retry_delay=30))
    with pytest.raises(EngineError) as failed:
        await asyncio.wait_for(bench.start(), 5)
    assert failed.value.kind == "cannot_run"


@pytest.mark.timed
@pytest.mark.parametrize("how", ["cancel", "stop it", "stop all"])
async def test_an_end_between_two_tries_is_at_once(bench: Bench, how: str) -> None:
    serves(bench, "store")
    bench.add("api", "setsid sleep 60 & sleep 0.1; exit 2", health=HealthCheck(command=("false",)))
    bench.add("web", "exec sleep 60", needs={"api": HEALTHY})
    staged(bench, Stage("core", ("api", "store"), retries=3, retry_delay=30))
    start = asyncio.create_task(bench.start())
    await until(lambda: bench.reporter.states.get("api") is RESTARTING and bench.has("store.up"))
    await until(lambda: bench.reporter.steps["service:store"].state is StepState.DONE)
    assert bench.engine.holding
    began = time.monotonic()
    if how == "cancel":
        start.cancel()
    else:
        await bench.engine.stop(["api"] if how == "stop it" else None)
    await asyncio.wait([start], timeout=5)
    assert start.done() and time.monotonic() - began < 1
    assert bench.state("api") is STOPPED and len(bench.reporter.processes["api"]) == 1
    left = {proctree.environment(who.pid).get("HUBTUI_SERVICE") for who in proctree.find_marked(bench.marker)}
    assert left - {None} == (set() if how == "stop all" else {"store"})


def test_pauses_double_up_to_a_minute_and_never_overflow() -> None:
    for tries, middle in ((1, 2), (2, 4), (3, 8), (6, 60), (5000, 60)):
        assert 0.8 * middle <= backoff(2, 60, tries) <= 1.2 * middle


# The time a stage has


async def test_a_stage_that_is_too_late_names_what_it_waits_for(bench: Bench) -> None:
    check = HealthCheck(command=("/bin/sh", "-c", "echo warming up; exit 1"))
    serves(bench, "store")
    bench.add("api", "setsid sleep 60 & exec sleep 60", health=check)
    bench.add("worker", "exec sleep 60", needs={"api": HEALTHY})
    bench.add("web", "exec sleep 60", needs={"worker": STARTED})
    staged(bench, Stage("core", ("store", "api", "worker"), timeout=1.5), Stage("edge", ("web",)))
    began = time.monotonic()
    with pytest.raises(EngineError) as late:
        await bench.start()
    assert 1.5 <= time.monotonic() - began < 5
    assert late.value.message == (
        "stage core was not ready within 1.5 s: it still waits for api to be healthy"
        " (sh exited with code 1: warming up), worker (waits for api to be healthy)"
    )
    assert (late.value.kind, late.value.service) == ("stage_timeout", "api")
    states = {name: bench.state(name).value for name in ("store", "api", "worker", "web")}
    assert states == {"store": "running", "api": "failed", "worker": "stopped", "web": "stopped"}
    assert bench.reporter.messages["api"] == "was not ready within 1.5 s, the time of its stage"
    await until(lambda: [who.pid for who in proctree.find_marked(bench.marker)] == [bench.pid("store")])
    assert bench.reporter.steps["stage:core"].state is StepState.FAILED
    assert bench.reporter.steps["stage:core"].message.startswith("1 of 3 ready after 1.")


async def test_waiting_for_an_earlier_stage_costs_a_stage_nothing_of_its_time(bench: Bench) -> None:
    serves(bench, "store", f"sleep 1.5; {SERVE}")
    serves(bench, "api", needs={"store": HEALTHY})
    staged(bench, Stage("base", ("store",)), Stage("core", ("api",), timeout=1.4))
    await bench.start()
    assert bench.state("api") is ServiceState.RUNNING


async def test_the_time_of_a_stage_ends_its_tries_too(bench: Bench) -> None:
    serves(bench, "api", "exit 2")
    staged(bench, Stage("core", ("api",), retries=9, retry_delay=30, timeout=0.3))
    with pytest.raises(EngineError, match=r"still waits for api \(try 2 of 10 in .*: exited with code 2 after") as late:
        await asyncio.wait_for(bench.start(), 5)
    assert late.value.kind == "stage_timeout"
    assert bench.state("api") is FAILED and not bench.engine.holding


# What it says of itself


async def test_a_stage_says_what_it_waits_for_and_how_it_went(bench: Bench) -> None:
    serves(bench, "postgres", f"sleep 0.5; {SERVE}")
    serves(bench, "redis")
    serves(bench, "api", needs={"postgres": HEALTHY, "redis": HEALTHY})
    serves(bench, "worker", needs={"redis": HEALTHY, "postgres": HEALTHY, "api": STARTED})
    staged(bench, Stage("base", ("postgres", "redis")), Stage("core", ("api", "worker")))
    await bench.start()
    base, core = bench.reporter.steps["stage:base"], bench.reporter.steps["stage:core"]
    assert re.fullmatch(r"2 of 2 ready after 0\.[5-9] s", base.message)
    assert core.messages[0] == ""
    assert core.messages[1:3] == [
        "waits for postgres to be healthy, redis to be healthy",
        "waits for postgres to be healthy",
    ]
    assert re.fullmatch(r"2 of 2 ready after \d\.\d s, waited 0\.[5-9] s for postgres", core.message)
    assert core.states.index(StepState.RUNNING) == core.messages.index("", 1)


async def test_a_stage_that_was_kept_from_beginning_says_by_whom(bench: Bench) -> None:
    serves(bench, "store", "sleep 0.2; exit 1")
    serves(bench, "api", needs={"store": HEALTHY})
    staged(bench, Stage("base", ("store",)), Stage("core", ("api",)))
    with pytest.raises(EngineError, match="store exited with code 1"):
        await bench.start()
    core = bench.reporter.steps["stage:core"]
    assert core.state is StepState.CANCELLED
    assert re.fullmatch(r"0 of 1 ready, waited \d\.\d s for store", core.message)
