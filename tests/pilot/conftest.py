"""A stage, and dashboards on it. Runners are never started: that one function is replaced, and counted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.worker import WorkerState

from hubtui.app import HubtuiApp
from hubtui.paths import Home
from tests.conftest import Clock
from tests.pilot.stage import Stage


@pytest.fixture
def guards(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The projects for which a guard would have been started."""
    started: list[str] = []
    monkeypatch.setattr("hubtui.workers.spawn.start_guard", lambda home, project, timeout=2.0: started.append(project))
    return started


@pytest.fixture
def stage(home: Home, guards: list[str]) -> Iterator[Stage]:
    made = Stage(home)
    yield made
    made.close()


@pytest.fixture
def timed_stage(home: Home, guards: list[str], clock: Clock) -> Iterator[Stage]:
    """A stage whose time is the test's."""
    made = Stage(home, clock.pass_)
    yield made
    made.close()


class Board:
    """A running dashboard and what a person sees of it."""

    def __init__(self, app: HubtuiApp, pilot: Pilot[None], posted: list[Message]) -> None:
        self.app = app
        self.pilot = pilot
        self.posted = posted

    @property
    def text(self) -> str:
        """What is on the screen now."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    @property
    def toasts(self) -> str:
        return "\n".join(note.message for note in self.app._notifications)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, look: Callable[[], object], seconds: float = 8.0) -> None:
        """Wait until `look` is true; AssertionError with the screen after `seconds`."""
        for _ in range(int(seconds / 0.02)):
            if look():
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"not within {seconds:g} s; the screen:\n{self.text}\ntoasts: {self.toasts}")

    async def shows(self, *words: str) -> None:
        await self.until(lambda: all(word in self.text for word in words))


@asynccontextmanager
async def board(home: Home, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Board]:
    """A dashboard that has heard from its feed."""
    posted: list[Message] = []
    app = HubtuiApp(home)
    try:
        async with app.run_test(size=size, notifications=True, message_hook=posted.append) as pilot:
            found = Board(app, pilot, posted)
            await found.until(lambda: app.desk.told or app.desk.trouble is not None)
            await pilot.pause()
            yield found
            broken = [w for w in app.workers if w.state is WorkerState.ERROR]
            assert not broken, [w.error for w in broken]
            assert "mistake in hubtui" not in found.toasts
    finally:
        app.hub.close()
