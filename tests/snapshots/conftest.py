"""Pictures of frozen moments: the clock, the host's name and every path are the test's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator

import pytest
from textual.pilot import Pilot

from hubtui.app import HubtuiApp
from hubtui.paths import Home
from tests.conftest import Clock
from tests.pilot.stage import Stage

Ready = Callable[[Pilot[None]], Awaitable[None]]


@pytest.fixture
def stage(home: Home, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr("socket.gethostname", lambda: "build-7")
    monkeypatch.setattr("hubtui.workers.spawn.start_guard", lambda *_: None)
    made = Stage(home, clock.pass_)
    yield made
    made.close()


@pytest.fixture
def app(stage: Stage) -> Iterator[HubtuiApp]:
    made = HubtuiApp(stage.home)
    yield made
    made.hub.close()


@pytest.fixture
def settled() -> Ready:
    """Wait until the feed has told all, and the log and every read have come."""

    async def wait(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, HubtuiApp)
        for _ in range(400):
            await pilot.pause(0.02)
            if app.desk.told:
                break
        await asyncio.sleep(0.5)  # debounce, the tail's first look and one aiosqlite read; nothing repeats after it
        await pilot.pause()
        assert threading.active_count() > 1

    return wait
