"""What takes a person's patience, with less of it: pings without an answer, starts and stops that hang."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hubtui.errors import EngineError
from hubtui.models import ServiceState
from tests.doubles.dagger import Double
from tests.doubles.reporter import until
from tests.live.dagger.faults.bench import PINGS, Bench

RUNNING, STOPPED, STOPPING, FAILED = (
    ServiceState.RUNNING,
    ServiceState.STOPPED,
    ServiceState.STOPPING,
    ServiceState.FAILED,
)
Make = Callable[[Mapping[str, Mapping[str, Any]]], Bench]


@pytest.fixture
async def make(tmp_path: Path, double: Double, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Makes a bench, and sees in the end that nothing is left of it."""
    for name in ("_START_PATIENCE", "_KILL"):
        monkeypatch.setattr(f"hubtui.stacks.engines.dagger.service.{name}", 1.0)
    made: list[Bench] = []

    def one(services: Mapping[str, Mapping[str, Any]]) -> Bench:
        made.append(Bench(tmp_path / f"bench{len(made)}", double, services))
        return made[-1]

    yield one
    for bench in made:
        await bench.close()
        await until(lambda bench=bench: not bench.processes(), 5)  # type: ignore[misc]


async def lose(bench: Bench, double: Double) -> None:
    """End the session's CLI."""
    lost = [kind for kind, _ in bench.reporter.notes].count("session_lost")
    double.switch("killed_session")
    await until(lambda: [kind for kind, _ in bench.reporter.notes].count("session_lost") > lost)
    double.switch("killed_session", on=False)


async def waits_for_a_word(bench: Bench, double: Double) -> asyncio.Task[None]:
    """`other` runs, the start of `web` hangs and was cancelled: it waits for a second cancel."""
    await bench.up("other")
    double.switch("start_hangs", value="web")
    starting = asyncio.create_task(bench.up("web"))
    await until(lambda: bench.states.get("web") is ServiceState.STARTING)
    starting.cancel()
    await until(lambda: "cancel once more" in bench.reporter.messages["web"])
    return starting


async def test_pings_without_an_answer_are_a_lost_session(make: Make, double: Double) -> None:
    bench = make({"kept": {"restart": "always"}, "once": {}})
    await bench.up()
    before = set(bench.processes())
    double.switch("hang")
    began = time.monotonic()
    await until(lambda: "session_lost" in bench.notes, 15)
    assert time.monotonic() - began >= PINGS.patience * PINGS.count
    assert "3 pings in a row had no answer" in bench.notes["session_lost"]
    double.switch("hang", on=False)
    await until(lambda: bench.states == {"kept": RUNNING, "once": FAILED}, 10)
    assert "3 pings in a row had no answer" in bench.reporter.messages["once"]
    await until(lambda: not before & set(bench.processes()), 5)
    assert bench.engine.lost == ""


async def test_an_engine_that_stays_away_is_given_up(make: Make, double: Double) -> None:
    bench = make({"kept": {"restart": "always"}})
    await bench.up()
    double.switch("502")
    await until(lambda: bench.states["kept"] is FAILED and not bench.engine.holding, 15)
    assert "its engine is gone (502" in bench.reporter.messages["kept"]
    assert "given up" in bench.notes["session_failed"]
    assert "its engine is gone (502" in bench.engine.lost
    assert ServiceState.RESTARTING in bench.reporter.history("kept")
    await until(lambda: not bench.processes(), 5)
    double.switch("502", on=False)
    await bench.up()
    assert (bench.states["kept"], bench.engine.lost) == (RUNNING, "")


async def test_what_was_started_while_others_come_back_comes_back_with_them(make: Make, double: Double) -> None:
    bench = make({"kept": {"restart": "always"}, "late": {"restart": "always"}, "once": {}})
    await bench.up("kept")
    double.switch("start_hangs", value="kept")
    await lose(bench, double)
    await until(lambda: bench.states["kept"] is ServiceState.STARTING)
    await bench.up("late", "once")
    await lose(bench, double)
    double.switch("start_hangs", on=False)
    await until(lambda: bench.states == {"kept": RUNNING, "late": RUNNING, "once": FAILED})
    assert len(bench.processes()) == 3


async def test_a_start_that_returns_after_all_ends_alone(make: Make, double: Double) -> None:
    bench = make({"web": {}, "other": {}})
    starting = await waits_for_a_word(bench, double)
    double.switch("start_hangs", on=False)
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert bench.states == {"web": STOPPED, "other": RUNNING}
    assert not bench.notes
    await until(lambda: len(bench.processes()) == 2, 5)  # the CLI and the other


async def test_a_session_lost_while_a_hanging_start_waits_for_a_word_ends_the_waiting(
    make: Make, double: Double
) -> None:
    bench = make({"web": {"restart": "always"}, "other": {}})
    starting = await waits_for_a_word(bench, double)
    double.switch("killed_session")
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(asyncio.shield(starting), 10)
    await until(lambda: bench.states == {"web": STOPPED, "other": FAILED})


async def test_without_a_policy_the_others_go_with_a_session_that_was_closed_for_one(
    make: Make, double: Double
) -> None:
    bench = make({"web": {}, "other": {}})
    starting = await waits_for_a_word(bench, double)
    bench.engine.insist()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(asyncio.shield(starting), 10)
    await until(lambda: bench.states == {"web": STOPPED, "other": FAILED} and not bench.engine.holding)
    assert "web could not be ended in another way" in bench.reporter.messages["other"]
    assert "web could not be ended in another way" in bench.engine.lost
    await until(lambda: not bench.processes(), 5)


async def test_one_that_the_engine_does_not_end_is_said_and_the_others_go_on(make: Make, double: Double) -> None:
    bench = make({"web": {}, "other": {}, "base": {}, "user": {"depends_on": ["base"]}})
    await bench.up()
    double.switch("stop_hangs", value="web")
    with pytest.raises(EngineError, match="web could not be ended") as caught:
        await bench.engine.stop(["web", "user", "base"])
    assert (caught.value.kind, "other" in caught.value.hint) == ("stop_hangs", True)
    assert bench.states == {"web": STOPPING, "other": RUNNING, "base": STOPPED, "user": STOPPED}
    assert "could not be ended" in bench.reporter.messages["web"]
    double.switch("stop_hangs", on=False)
    await bench.engine.stop(["web"])
    assert bench.states["web"] is STOPPED


async def test_one_that_ends_after_its_stop_was_given_up_is_stopped(make: Make, double: Double) -> None:
    bench = make({"web": {"command": ["sh", "-c", "trap '' TERM; echo up; sleep 3"]}, "other": {}})
    await bench.up()
    double.switch("stop_hangs", value="web")
    with pytest.raises(EngineError):
        await bench.engine.stop(["web"])
    await until(lambda: bench.states["web"] is STOPPED, 10)


async def test_a_whole_stop_ends_what_the_engine_does_not(make: Make, double: Double) -> None:
    bench = make({"web": {}, "other": {"restart": "always"}})
    await bench.up()
    double.switch("stop_hangs")
    await bench.engine.stop(None)
    assert bench.states == {"web": STOPPED, "other": STOPPED}
    await until(lambda: not bench.processes(), 5)
    assert not bench.engine.holding


async def test_an_engine_that_hangs_at_the_stop_is_not_waited_for(make: Make, double: Double) -> None:
    bench = make({"web": {}, "other": {"depends_on": ["web"]}})
    await bench.up()
    double.switch("hang")
    began = time.monotonic()
    await bench.close()
    assert time.monotonic() - began < 10
    assert bench.states == {"web": STOPPED, "other": STOPPED}
    await until(lambda: not bench.processes(), 5)
