"""A start that fails or is cancelled: what it began can be stopped at once, whatever it was doing, and the next start
goes on where this one ended."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hubtui.errors import EngineError
from hubtui.models import ServiceState, StepState
from hubtui.stacks import proctree
from hubtui.stacks.spec.model import Condition
from tests.doubles.reporter import until
from tests.faults.process_bench import Bench, beacon, opened

HEALTHY = Condition.HEALTHY
NAMES = ("store", "api", "web")
SERVE = "touch $HUBTUI_SERVICE.up; exec sleep 60"
DEAF = "trap '' TERM; touch $HUBTUI_SERVICE.began; setsid sh -c \"trap '' TERM; sleep 60; :\" & wait; sleep 60; :"
UP = "setsid sleep 60 & touch $HUBTUI_SERVICE.began; until [ -e $HUBTUI_SERVICE.go ]; do sleep 0.02; done; " + SERVE


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with opened(tmp_path) as bench:
        yield bench


def three_ranks(bench: Bench, build: str = "") -> None:
    """Each service begins when the one below is healthy, and is healthy once it may `go`."""
    below: dict[str, Condition] = {}
    for name in NAMES:
        more = {"process_build": ("/bin/sh", "-c", build)} if build else {}
        bench.add(name, UP, needs=below, health=beacon(bench.folder / f"{name}.up"), stop_grace_period=0.3, **more)
        below = {name: HEALTHY}


def go(bench: Bench, *names: str) -> None:
    for name in names:
        (bench.folder / f"{name}.go").touch()


def done(bench: Bench, name: str) -> bool:
    row = bench.reporter.steps.get(f"service:{name}")
    return row is not None and row.state is StepState.DONE


# Going on where it failed


async def test_a_second_start_touches_only_what_is_not_up(bench: Bench) -> None:
    three_ranks(bench, "echo >> $HUBTUI_SERVICE.builds")
    web = bench.stack.services["web"]
    fails = replace(web, process=("/bin/sh", "-c", f"[ -e mended ] || exit 3; {UP}"))
    bench.stack = replace(bench.stack, services={**bench.stack.services, "web": fails})
    go(bench, *NAMES)
    with pytest.raises(EngineError, match="web exited with code 3"):
        await bench.start()
    before = {name: bench.pid(name) for name in NAMES}
    (bench.folder / "mended").touch()
    bench.reporter.steps.clear()
    await bench.start()
    assert [bench.pid(name) == before[name] for name in NAMES] == [True, True, False]
    assert all(bench.state(name) is ServiceState.RUNNING for name in NAMES)
    assert [len(bench.file(f"{name}.builds").splitlines()) for name in NAMES] == [1, 1, 2]
    assert [key for key in bench.reporter.steps if key.startswith("build:")] == ["build:web"]
    assert [bench.reporter.steps[f"service:{name}"].message for name in NAMES[:2]] == ["already up"] * 2


# Ending what it began


def building(bench: Bench) -> Callable[[], bool]:
    three_ranks(bench, DEAF)
    return lambda: bench.has("store.began")


def waiting(bench: Bench) -> Callable[[], bool]:
    three_ranks(bench)
    return lambda: bench.has("store.began") and bench.reporter.states.get("web") is ServiceState.WAITING


def starting(bench: Bench) -> Callable[[], bool]:
    three_ranks(bench)
    go(bench, "store")
    return lambda: bench.has("api.began")


def healthy(bench: Bench) -> Callable[[], bool]:
    three_ranks(bench)
    go(bench, *NAMES)
    return lambda: done(bench, "web") or (done(bench, "api") and bench.has("web.began"))


@pytest.mark.parametrize("insist", ["never", "at once", "late"])
@pytest.mark.parametrize("phase", [building, waiting, starting, healthy])
async def test_a_stop_right_after_a_cancelled_start_leaves_nothing(
    bench: Bench, phase: Callable[[Bench], Callable[[], bool]], insist: str
) -> None:
    reached = phase(bench)
    start = asyncio.create_task(bench.start())
    await until(reached)
    start.cancel()
    if insist == "at once":
        bench.engine.insist()
    await asyncio.wait([start], timeout=10)
    assert start.done()
    if insist == "late":
        bench.engine.insist()
    await asyncio.wait_for(bench.engine.stop(NAMES), 10)
    assert not bench.engine.holding
    assert proctree.find_marked(bench.marker) == []
    assert {bench.reporter.states.get(name, ServiceState.STOPPED) for name in NAMES} == {ServiceState.STOPPED}
    assert not [row.name for row in bench.reporter.steps.values() if row.state is StepState.RUNNING]


@pytest.mark.parametrize("phase", [building, waiting, starting, healthy])
async def test_a_stop_that_does_not_wait_for_the_cancelled_start_leaves_nothing(
    bench: Bench, phase: Callable[[Bench], Callable[[], bool]]
) -> None:
    reached = phase(bench)
    start = asyncio.create_task(bench.start())
    await until(reached)
    start.cancel()
    await asyncio.wait_for(bench.engine.stop(NAMES), 10)
    await asyncio.wait([start], timeout=10)
    assert start.done()
    assert not bench.engine.holding
    assert proctree.find_marked(bench.marker) == []


async def test_a_cancel_while_what_a_build_left_is_being_ended_does_not_spare_it(bench: Bench) -> None:
    left = "trap '' TERM; touch left; sleep 60; :"
    three_ranks(bench, f'setsid sh -c "{left}" & echo $$ > main; until [ -e left ]; do sleep 0.02; done')
    go(bench, *NAMES)
    start = asyncio.create_task(bench.start())
    await until(lambda: bench.has("left") and bench.file("main").endswith("\n"))
    await until(lambda: proctree.state(int(bench.file("main"))) is None)  # over, but for what it left
    start.cancel()
    await asyncio.wait([start], timeout=10)
    await bench.engine.stop(NAMES)
    assert (bench.engine.holding, proctree.find_marked(bench.marker)) == (False, [])


async def test_whenever_it_is_cancelled_nothing_is_left_and_the_next_start_works(bench: Bench) -> None:
    three_ranks(bench, "sleep 0.03; setsid sleep 60 & :")
    go(bench, *NAMES)
    chance = random.Random(5)
    for _ in range(20):
        start = asyncio.create_task(bench.start())
        await asyncio.sleep(chance.uniform(0, 0.5))
        start.cancel()
        await asyncio.wait([start], timeout=10)
        assert start.done()
        await asyncio.wait_for(bench.engine.stop(NAMES), 10)
        assert (bench.engine.holding, proctree.find_marked(bench.marker)) == (False, [])
    await bench.start()
    await until(lambda: len(proctree.find_marked(bench.marker)) == 6)  # health checks come and go
