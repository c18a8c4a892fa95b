"""What a session tells by itself: spans, logs and metrics from its own streams, handed to whom they belong.

Every stream is followed from the session's beginning, so nothing is missed however late it is opened; a break is
resumed where it was. A stream that finds the session gone says so to the session.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from hubtui.stacks.engines.base import Reporter
from hubtui.stacks.engines.dagger.session import Session
from hubtui.stacks.engines.dagger.telemetry import otlp
from hubtui.stacks.engines.dagger.telemetry.ancestry import Ancestry
from hubtui.stacks.engines.dagger.telemetry.life import Ended, Lives
from hubtui.stacks.engines.dagger.telemetry.metrics import Meter
from hubtui.stacks.engines.dagger.telemetry.steps import Row, StepTree
from hubtui.stacks.engines.dagger.telemetry.stream import SessionGone, follow

BEHIND = 0.4  # seconds; the engine hands out telemetry ten times a second


class Listener(Protocol):
    """A service, as the streams see it."""

    def hear(self, record: otlp.LogRecord) -> None:
        """It printed something."""

    def ended(self, life: Ended) -> None:
        """Its process has ended."""


class Feed:
    """The three streams of one session."""

    def __init__(self, session: Session, reporter: Reporter, chatter: Callable[[str], None]) -> None:
        self._session, self._reporter, self._chatter = session, reporter, chatter
        self._listeners: dict[str, Listener] = {}
        self._steps: dict[str, str] = {}  # by operation, the step that its spans belong below
        self._ancestry = Ancestry()
        self._tree, self._lives, self._meter = StepTree(self._ancestry), Lives(self._ancestry), Meter()
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Begin to listen."""
        takers = {"/v1/traces": self._take_spans, "/v1/logs": self._take_logs, "/v1/metrics": self._take_metrics}
        self._tasks = [
            asyncio.create_task(self._follow(path, take), name=f"dagger {path}") for path, take in takers.items()
        ]

    async def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def attend(self, trace: str, listener: Listener) -> None:
        """What carries this trace id belongs to this service."""
        self._listeners[trace] = listener

    def show(self, operation: str, step: str) -> None:
        """The spans of this operation are rows below this step."""
        self._steps[operation] = step
        self._tree.open(operation)

    def hide(self, operation: str, *, well: bool) -> None:
        """The operation is over, and `well` or not. The streams are a moment behind: until that has passed, its rows
        are told."""
        asyncio.get_running_loop().call_later(BEHIND, self._close, operation, well)

    def _close(self, operation: str, well: bool) -> None:
        for row in self._tree.close(operation, time.time(), well=well):
            self._tell(row)
        self._steps.pop(operation, None)

    def usage(self, trace: str) -> tuple[float | None, int | None]:
        """Per cent of one core and bytes of this service; None where the engine's host does not say."""
        return self._meter.read(trace)

    async def _follow(self, path: str, take: Callable[[Mapping[str, Any]], None]) -> None:
        while True:
            try:
                await follow(self._session.http, path, take)
            except SessionGone:
                await self._session.ping()
                if self._session.lost.done():
                    return
            await asyncio.sleep(0.2)

    def _take_spans(self, data: Mapping[str, Any]) -> None:
        spans = list(otlp.spans(data))
        for span in spans:  # first: within one event children may come before their parents
            self._ancestry.take(span)
        for span in spans:
            ended, listener = self._lives.take(span), self._listeners.get(span.trace)
            if ended and listener:
                listener.ended(ended)
            for row in self._tree.take(span):
                self._tell(row)

    def _tell(self, row: Row) -> None:
        if step := self._steps.get(row.root):
            times = (row.began, row.ended)
            self._reporter.step(f"span:{row.key}", row.name, row.state, parent=step, message=row.message, times=times)

    def _take_logs(self, data: Mapping[str, Any]) -> None:
        for record in otlp.logs(data):
            if record.verbose:
                continue
            listener = self._listeners.get(record.trace)
            if listener is None or (not record.stream and not record.eof):
                self._chatter(record.text)
            else:
                listener.hear(record)

    def _take_metrics(self, data: Mapping[str, Any]) -> None:
        for gauge in otlp.gauges(data):
            self._meter.take(gauge)
