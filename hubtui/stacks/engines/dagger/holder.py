"""The one session of a stack: opened when it is needed, given up when it is lost, closed as a phase of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hubtui.errors import EngineError
from hubtui.models import StepState
from hubtui.stacks.engines.base import EngineContext, Reporter
from hubtui.stacks.engines.dagger.feed import Feed
from hubtui.stacks.engines.dagger.held import Held
from hubtui.stacks.engines.dagger.host import choose
from hubtui.stacks.engines.dagger.session import Pings, Session, open_session
from hubtui.stacks.engines.dagger.settings import DaggerSettings
from hubtui.stacks.logfiles import LogWriter
from hubtui.stacks.proctree import MARKER
from hubtui.stacks.supervise.hurry import Hurry


class SessionHolder:
    """`on_lost` hears when the session is gone by itself: why, and whether its engine died; `lost` keeps the reason
    until the next session."""

    def __init__(
        self,
        context: EngineContext,
        reporter: Reporter,
        settings: DaggerSettings,
        on_lost: Callable[[str, bool], None],
        pings: Pings,
        hurry: Hurry,
    ) -> None:
        self.lost = ""
        self._context, self._reporter, self._settings, self._on_lost = context, reporter, settings, on_lost
        self._pings, self._hurry = pings, hurry
        self._held: Held | None = None
        self._lock = asyncio.Lock()
        self._chatter = LogWriter(context.folder / "engine", context.run, context.log_limits)

    async def hold(self) -> Held:
        """The session, opened where there is none that lives. Raises EngineError."""
        if self._held is not None and self._held.session.lost.done():
            await self.discard()
        async with self._lock:
            if self._held is None:
                self._held = await self._open()
                self.lost = ""
            return self._held

    async def _open(self) -> Held:
        step, key = self._reporter.step, "session"
        step(key, "Dagger session", StepState.RUNNING)
        try:
            session = await open_session(
                self._settings,
                self._context.folder,
                {MARKER: self._context.marker},
                lambda message: step(key, "Dagger session", StepState.RUNNING, message=message),
                self._pings,
            )
        except EngineError as error:
            step(key, "Dagger session", StepState.FAILED, message=error.message)
            raise
        except asyncio.CancelledError:
            step(key, "Dagger session", StepState.CANCELLED, message="stopped")
            raise
        versions = ", ".join(f"{what} {version}" for what, version in session.versions.items())
        step(key, "Dagger session", StepState.DONE, message=versions)
        self._reporter.versions(session.versions)
        feed = Feed(session, self._reporter, self._keep)
        feed.open()
        session.lost.add_done_callback(lambda lost: None if lost.cancelled() else self._gone(session, lost.result()))
        return Held(session, feed, session.engine, choose(self._settings, "").local_images)

    def _keep(self, text: str) -> None:
        """The engine's own chatter, apart from what the services print."""
        self._chatter.write("out", text.encode("utf-8", "replace"))

    def _gone(self, session: Session, why: str) -> None:
        if self._held is None or self._held.session is not session:
            return
        self.lost = why
        self._on_lost(why, session.engine_died)

    async def discard(self) -> None:
        """Let go of a session that was lost, and end what is left of its CLI."""
        async with self._lock:
            held, self._held = self._held, None
            if held is not None:
                await held.feed.close()
                await held.session.close(force=True)

    async def close(self, *, force: bool = False) -> None:
        """Close the session, if there is one; `force`: at once, whatever runs in it. A hurry takes its time away."""
        async with self._lock:
            held, self._held = self._held, None
            if held is not None:
                self._reporter.step("close", "close the Dagger session", StepState.RUNNING)
                await held.feed.close()  # first: a query that comes after the goodbye would open a session again
                forced = await held.session.close(force=force, limit=self._hurry.grace)
                how = "its CLI had to be killed" if forced and not force else ""
                self._reporter.step("close", "close the Dagger session", StepState.DONE, message=how)
            self._chatter.flush_partial()
