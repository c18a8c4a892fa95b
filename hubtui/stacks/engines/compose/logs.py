"""A service's containers as lines of its log: followed while they run, attached again at every start, none missed and
none twice, whoever stored the ones before."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from hubtui.stacks.engines.compose.api.client import Docker
from hubtui.stacks.engines.compose.api.http import Refused, Unreachable
from hubtui.stacks.engines.compose.containers import Container
from hubtui.stacks.engines.compose.lines import Lines, Printed
from hubtui.stacks.engines.compose.stamps import Clock, since
from hubtui.stacks.logfiles import LogReader, LogWriter
from hubtui.stacks.logfiles.format import stamp as shown_stamp

AT_FIRST = 5000  # lines of a container that was started by somebody else
_LOOKED_AT = 5000  # stored lines that are compared with what comes
_OVERLAP = timedelta(seconds=2)  # of several containers one may have been behind the others
_DRAIN = 2.0  # seconds that the last lines of a container that ended may take
Key = tuple[bytes, str, bytes]


class Sink(Protocol):
    """The service whose log it is."""

    name: str
    heard_at: float | None

    def log(self) -> LogWriter: ...


class Stored:
    """What the log holds already, at its end: by time, stream and text, with how often. `begin` is the stamp from which
    on all of it is known, "" where nothing is stored."""

    def __init__(self, reader: LogReader) -> None:
        self.begin = ""
        self._known: Counter[Key] = Counter()
        with contextlib.suppress(OSError):
            tail = reader.tail(_LOOKED_AT)[0]
            if lines := [line for line in tail if line.stream != "hub"]:
                cut = len(tail) == _LOOKED_AT  # more of the first one's millisecond may stand before it
                first = lines[0].time + timedelta(milliseconds=cut)
                begin = max(lines[-1].time - _OVERLAP, first)
                self.begin = begin.strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
                self._known.update(
                    (shown_stamp(x.time.timestamp() + 1e-5), x.stream, x.line.encode("utf-8", "surrogateescape"))
                    for x in lines
                    if x.time >= begin
                )

    def take(self, key: Key) -> bool:
        """Whether this line is stored already; each counts once."""
        if self._known[key] <= 0:
            return False
        self._known[key] -= 1
        return True

    def __bool__(self) -> bool:
        return bool(self._known)


class Feeds:
    """Follows all containers of one service."""

    def __init__(self, docker: Docker, sink: Sink, reader: LogReader) -> None:
        self._docker, self._sink, self._reader = docker, sink, reader
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._life: dict[str, str] = {}  # container -> the start that is followed, or was
        self._last: dict[str, str] = {}  # container -> stamp of its last line that was stored
        self._coarse: set[str] = set()  # containers whose lines are stamped with whole seconds
        self.at_most = "all"  # lines of a container of which nothing is stored
        self._stored: Stored | None = None
        self._clock = Clock()

    def follow(self, containers: Mapping[str, Container]) -> None:
        """See that every life of these containers is followed."""
        for container in containers.values():
            if not container.started or self._life.get(container.id) == container.started:
                continue
            before = self._tasks.get(container.id)
            self._life[container.id] = container.started
            task = asyncio.create_task(self._follow(container, before), name=f"log of {container.name}")
            self._tasks[container.id] = task
        for gone in self._life.keys() - containers.keys():
            if gone not in self._tasks or self._tasks[gone].done():
                self._life.pop(gone)
                self._last.pop(gone, None)

    async def drained(self) -> None:
        """What the containers that have ended printed is stored, or it takes too long."""
        if live := [task for task in self._tasks.values() if not task.done()]:
            await asyncio.wait(live, timeout=_DRAIN)

    def again(self) -> None:
        """The daemon was away: what runs is attached anew."""
        for identity, task in self._tasks.items():
            if task.done():
                self._life.pop(identity, None)

    async def close(self) -> None:
        """Follow nobody any more."""
        live = [task for task in self._tasks.values() if not task.done()]
        for task in live:
            task.cancel()
        if live:
            await asyncio.wait(live)

    async def _follow(self, container: Container, before: asyncio.Task[None] | None) -> None:
        if before is not None and not before.done():
            await asyncio.wait([before], timeout=_DRAIN)
            before.cancel()
        begin, tail, known = self._begin(container)
        with contextlib.suppress(Unreachable, Refused):  # gone by now, or so is the daemon: see `again`
            await self._read(container, begin, tail, known, follow=True)
            # Docker ends the stream of a container that ends before it has sent a last line that has no line end
            last = self._last.get(container.id)
            begin = self._since(container.id, last) if last else begin
            await self._read(container, begin, tail, None if last else known, follow=False)

    async def _read(self, container: Container, begin: str, tail: str, known: Stored | None, *, follow: bool) -> None:
        lines = Lines(tty=container.tty)
        try:
            async with self._docker.logs(container.id, begin, tail, follow=follow) as answer:
                async for chunk in answer.chunks():
                    self._store(container.id, lines.feed(chunk), known)
                    if lines.coarse:
                        self._coarse.add(container.id)
        finally:
            self._store(container.id, lines.end(), known)

    def _begin(self, container: Container) -> tuple[str, str, Stored | None]:
        """From where on, how many lines at most, and what of them is stored already."""
        if last := self._last.get(container.id):
            return self._since(container.id, last), "all", None
        if self._stored is None:
            self._stored = Stored(self._reader)
        if self._stored.begin:
            return since(self._stored.begin), "all", self._stored
        return "0", self.at_most, None

    def _since(self, identity: str, last: str) -> str:
        """From its last line on, or from the beginning of that one's second."""
        return since(f"{last[:19]}Z" if identity in self._coarse else last)

    def _store(self, identity: str, lines: Sequence[Printed], known: Stored | None) -> None:
        """Into the log, what is of one millisecond and stream at once."""
        log, last = self._sink.log(), self._last.get(identity, "").encode()
        run: list[bytes] = []
        first: Printed | None = None
        for printed in lines:
            if printed.stamp <= last and known is None:
                continue  # the end of what came before a restart
            if known and printed.stamp[:23] < known.begin[:23].encode():
                continue  # older than what was asked for: Podman counts in whole seconds
            if known and known.take((printed.stamp[:23] + b"Z", printed.stream, log.as_stored(printed.line))):
                continue
            if first is not None and (first.stamp[:23], first.stream) != (printed.stamp[:23], printed.stream):
                self._write(log, first, run)
                first = None
            if first is None:
                first, run = printed, []
            run.append(printed.line)
        if first is not None:
            self._write(log, first, run)
        if lines:
            self._last[identity] = max(lines[-1].stamp, last).decode("ascii", "replace")

    def _write(self, log: LogWriter, printed: Printed, run: Sequence[bytes]) -> None:
        try:
            self._sink.heard_at = self._clock.read(printed.stamp)
        except ValueError:
            self._sink.heard_at = None
        log.write(printed.stream, b"\n".join(run) + b"\n")
        self._sink.heard_at = None
