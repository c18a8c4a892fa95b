"""The same end asked for twice: it is quicker, never longer, and leaves nothing; the next one has its grace again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hubtui.models import ServiceState
from hubtui.stacks import proctree
from hubtui.stacks.spec.model import Condition
from tests.doubles.reporter import until
from tests.faults.process_bench import Bench, beacon, opened

STUBBORN = "trap ': > $HUBTUI_SERVICE.asked' TERM; touch $HUBTUI_SERVICE.up; while :; do sleep 0.05; done"
ESCAPES = "trap '' TERM; setsid sh -c \"trap '' TERM; sleep 60; sleep 60\" & touch $HUBTUI_SERVICE.up; wait; sleep 60"
STARTED, HEALTHY = Condition.STARTED, Condition.HEALTHY


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with opened(tmp_path) as bench:
        yield bench
        bench.engine.insist()  # a test that failed leaves nobody with 30 s of grace


def stubborn(bench: Bench, name: str, needs: dict[str, Condition] | None = None, script: str = STUBBORN) -> None:
    """A service that ends by force alone, 30 s after it was asked."""
    bench.add(name, script, needs=needs, health=beacon(bench.folder / f"{name}.up"), stop_grace_period=30)


async def ended(task: asyncio.Task[None], seconds: float) -> float:
    """The seconds until it was over; what it raised is nothing here."""
    began = time.monotonic()
    await asyncio.wait([task], timeout=seconds)
    assert task.done(), f"not within {seconds} s"
    return time.monotonic() - began


def nothing_left(bench: Bench) -> bool:
    return proctree.find_marked(bench.marker) == [] and not bench.engine.holding


@pytest.mark.parametrize("script", [STUBBORN, ESCAPES], ids=["stays", "escapes"])
async def test_a_stop_in_order_is_hurried_to_its_last_service(bench: Bench, script: str) -> None:
    stubborn(bench, "store", script=script)
    stubborn(bench, "api", {"store": HEALTHY}, script)
    stubborn(bench, "web", {"api": HEALTHY}, script)
    await bench.start()
    stop = asyncio.create_task(bench.engine.stop())
    await until(lambda: bench.reporter.states["web"] is ServiceState.STOPPING)
    assert bench.state("api") is ServiceState.RUNNING
    bench.engine.insist()
    assert await ended(stop, 10) < 3
    assert nothing_left(bench)
    assert bench.reporter.order(ServiceState.STOPPED) == ["web", "api", "store"]
    assert "killed as was insisted" in bench.log("web")


async def test_the_next_stop_has_its_grace_again(bench: Bench) -> None:
    for name in ("one", "two"):
        stubborn(bench, name)
    await bench.start()
    stop = asyncio.create_task(bench.engine.stop(["one"]))
    await until(lambda: bench.has("one.asked"))
    bench.engine.insist()
    await ended(stop, 5)
    stop = asyncio.create_task(bench.engine.stop(["two"]))
    await until(lambda: bench.has("two.asked"))  # it was asked, and has time
    assert not stop.done()
    assert bench.state("two") is ServiceState.STOPPING
    bench.engine.insist()
    await ended(stop, 5)
    assert nothing_left(bench)


async def test_a_stop_that_is_cancelled_tells_nobody_else_and_leaves_nobody_half_ended(bench: Bench) -> None:
    stubborn(bench, "store")
    stubborn(bench, "web", {"store": HEALTHY})
    await bench.start()
    stop = asyncio.create_task(bench.engine.stop(["web", "store"]))
    await until(lambda: bench.has("web.asked"))
    stop.cancel()
    await asyncio.wait([stop], timeout=0.3)
    assert not stop.done()
    bench.engine.insist()
    assert await ended(stop, 5) < 2
    assert (bench.state("web"), bench.state("store")) == (ServiceState.STOPPED, ServiceState.RUNNING)
    assert not bench.has("store.asked")
    await bench.start()
    assert bench.state("web") is ServiceState.RUNNING
    assert len(bench.reporter.processes["store"]) == 1


async def test_a_word_to_an_earlier_start_is_not_one_to_a_later_stop(bench: Bench) -> None:
    stubborn(bench, "one")
    bench.engine.insist()  # nothing is being ended, and nothing will be
    await bench.start()
    stop = asyncio.create_task(bench.engine.stop(["one"]))
    await until(lambda: bench.has("one.asked"))
    assert not stop.done()
    bench.engine.insist()
    await ended(stop, 5)


async def test_what_a_cancelled_start_takes_back_is_hurried_and_so_is_the_stop_after_it(bench: Bench) -> None:
    stubborn(bench, "store")
    bench.add("api", STUBBORN, needs={"store": HEALTHY}, health=beacon(bench.folder / "never"), stop_grace_period=30)
    start = asyncio.create_task(bench.start())
    await until(lambda: bench.has("api.up"))
    start.cancel()
    await until(lambda: bench.has("api.asked"))
    assert not start.done()
    bench.engine.insist()
    assert await ended(start, 5) < 2
    assert bench.state("store") is ServiceState.RUNNING
    began = time.monotonic()
    await asyncio.wait_for(bench.engine.stop(["store", "api"]), 5)  # the same end goes on
    assert time.monotonic() - began < 2
    assert not bench.has("store.asked")
    assert nothing_left(bench)


async def test_builds_that_do_not_end_are_hurried(bench: Bench) -> None:
    deaf = ("/bin/sh", "-c", "trap '' TERM; setsid sh -c \"trap '' TERM; sleep 60; :\" & sleep 60; sleep 60")
    for name in ("one", "two"):
        bench.add(name, "exec sleep 60", process_build=deaf, stop_grace_period=30)
    build = asyncio.create_task(bench.start())
    await until(lambda: len(proctree.find_marked(bench.marker)) >= 8)
    build.cancel()
    await asyncio.wait([build], timeout=0.3)
    assert not build.done()
    bench.engine.insist()
    assert await ended(build, 5) < 2
    assert nothing_left(bench)
    assert bench.reporter.steps["build:one"].state.value == "cancelled"


async def test_the_final_sweep_is_hurried(bench: Bench) -> None:
    """Whose process it is cannot be told: only the end of the whole stack ends it."""
    deaf = f"trap '' TERM; touch {bench.folder}/deaf; sleep 60; :"
    bench.add("web", f'(env -i setsid sh -c "{deaf}" &); exec sleep 60', stop_grace_period=30)
    await bench.start()
    await until(lambda: bench.has("deaf"))
    stop = asyncio.create_task(bench.engine.stop())
    await until(lambda: bench.reporter.states["web"] is ServiceState.STOPPED)
    await asyncio.wait([stop], timeout=0.3)
    assert not stop.done()
    bench.engine.insist()
    assert await ended(stop, 5) < 2
    assert bench.children() == []
