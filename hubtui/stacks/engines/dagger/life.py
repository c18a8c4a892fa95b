"""One life of a container: what it prints, what the helper beside it finds, and how it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hubtui.stacks.engines.dagger.inside import Markers
from hubtui.stacks.engines.dagger.telemetry.otlp import LogRecord

if TYPE_CHECKING:
    from hubtui.stacks.engines.dagger.service import DaggerService

_DRAIN = 1.0  # seconds for output that is still on its way when the process has ended


class Life:
    """`over` resolves with its exit code (None: unknown); `operation` is the id of the start that began it; `unseen`
    are the volumes that it does not go on without, as long as nothing is known of them."""

    def __init__(self, service: DaggerService, token: str, saw: Callable[[str, str], None]) -> None:
        self.began = time.monotonic()
        self.operation = ""
        self.over: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self.lost = ""
        self.lost_volume = ""
        self.unseen: set[str] = set()
        self._kept = asyncio.Event()
        self._service, self._saw = service, saw
        self._markers = {stream: Markers(token, self._marked) for stream in ("out", "err")}
        self._open = set(self._markers)
        self._silent = asyncio.Event()

    def hear(self, record: LogRecord) -> None:
        """It printed something, or closed a stream."""
        stream = record.stream or "out"
        if record.text:
            self._service.heard_at = record.time
            if clean := self._markers[stream].clean(record.text.encode("utf-8", "surrogateescape")):
                self._service.log().write(stream, clean)
        if record.eof:
            self._open.discard(stream)
            if not self._open:
                self._silent.set()

    def end(self, code: int | None) -> None:
        """Its process has ended."""
        if not self.over.done():
            self.over.set_result(code)

    def lose(self, why: str) -> None:
        """Its session is no more."""
        self.lost = why
        self._silent.set()
        self.end(None)

    async def has_its_volumes(self) -> None:
        """Wait until the service goes on with its volumes, or is over."""
        if self.unseen:
            waiting = asyncio.create_task(self._kept.wait())
            either: list[asyncio.Future[Any]] = [waiting, self.over]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()

    async def drained(self) -> None:
        """Wait until all that it printed has come, a second at most, and store unfinished lines."""
        try:
            await asyncio.wait_for(self._silent.wait(), _DRAIN)
        except TimeoutError:
            pass
        for stream, markers in self._markers.items():
            if rest := markers.rest():
                self._service.log().write(stream, rest)
        self._service.log().flush_partial()
        self._service.heard_at = None

    def _marked(self, text: str) -> None:
        what, _, rest = text.partition(" ")
        if what == "lost":
            self.lost_volume = rest
        elif what == "kept":
            self.unseen.discard(rest)
            if not self.unseen:
                self._kept.set()
        self._saw(what, rest)
