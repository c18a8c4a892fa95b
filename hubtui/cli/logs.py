"""`logs`: what services printed, merged by time; with -f also what they print from now on."""

from __future__ import annotations

import contextlib
import heapq
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import attrgetter

import click

from hubtui.cli import options, output
from hubtui.cli.target import Target, targets
from hubtui.commands import by_id
from hubtui.models import LogLine, local
from hubtui.paths import Home
from hubtui.safetext import safe_text
from hubtui.stacks.logfiles import START, LogReader, Position, merge_tail, service_folder

POLL = 0.1
BATCH = 500  # lines written at once
_COLOURS = ("cyan", "magenta", "blue", "green", "yellow")


@click.command("logs", help=by_id("logs").help.split(".")[0] + ". All of it, unless -n says how many lines.")
@options.many_targets
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("-n", "--tail", "count", type=click.IntRange(min=0), metavar="N", help="Only the last N lines.")
@options.as_json
def logs_verb(words: tuple[str, ...], follow: bool, count: int | None, as_json: bool) -> int:
    with options.opened() as hub, contextlib.closing(hub.reader()) as con:
        wanted = targets(con, words, "logs")
        sources = Sources(hub.home, con, wanted)
        printer = Printer(sources, as_json=as_json)
        try:
            _print_all(sources, printer, count)
            if not printer.count and not follow:
                output.note("Nothing was printed yet.")
            if follow:
                _follow(sources, printer)
        except KeyboardInterrupt:
            names = ", ".join(sorted({t.project.name for t in wanted}))
            raise options.left(f"Only the looking has ended; {names} goes on.") from None
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            from hubtui.errors import HubtuiError

            raise HubtuiError(f"A log cannot be read: {error}.", "Run `hubtui doctor`.") from error
    return 0


class Sources:
    """The readers of all services asked for, by a label; services that come to a project later join."""

    def __init__(self, home: Home, con: sqlite3.Connection, wanted: Sequence[Target]) -> None:
        self._home, self._con, self._wanted = home, con, wanted
        self._several = len({t.project.name for t in wanted}) > 1
        self.readers: dict[str, LogReader] = {}
        self.positions: dict[str, Position] = {}
        self.refresh()

    def refresh(self) -> None:
        """Look for services that are new."""
        from hubtui.store import services

        for target in self._wanted:
            name = target.project.name
            for service in target.services or [s.name for s in services.OF_PROJECT.all(self._con, name)]:
                label = f"{name}/{service}" if self._several else service
                if label not in self.readers:
                    self.readers[label] = LogReader(service_folder(self._home.logs(name), service), label)
                    self.positions[label] = START

    def stream(self, label: str) -> Iterator[LogLine]:
        """All lines of one service from its position on, to the end there is now."""
        while True:
            lines, self.positions[label] = self.readers[label].read(self.positions[label])
            if not lines:
                return
            yield from lines


def _print_all(sources: Sources, printer: Printer, count: int | None) -> None:
    """What there is already: everything in the order of its times, however long, or the last `count` lines."""
    if count is None:
        for one in heapq.merge(*map(sources.stream, sources.readers), key=attrgetter("time")):
            printer.put(one)
    else:
        lines, positions = merge_tail(sources.readers.values(), count)
        sources.positions.update(positions)
        for one in lines:
            printer.put(one)
    printer.flush()


def _follow(sources: Sources, printer: Printer) -> None:
    """Look at the files ten times a second; a reader holds none of them open."""
    looks = 0
    while True:
        looks += 1
        if looks % 20 == 0:
            sources.refresh()
        found: list[LogLine] = []
        for label, reader in sources.readers.items():
            lines, sources.positions[label] = reader.read(sources.positions[label])
            found += lines
        for one in sorted(found, key=attrgetter("time")):
            printer.put(one)
        if found:
            printer.flush()
        else:
            time.sleep(POLL)


class Printer:
    """Writes log lines: JSON, or time, service and text that no terminal can misunderstand.

    A log has many lines of one moment and one service, so what they share is put into words once.
    """

    def __init__(self, sources: Sources, *, as_json: bool) -> None:
        self._sources = sources
        self._words = self._json if as_json else self._plain
        self._colours = output.colours()
        self._prefix: dict[str, str] = {}
        self._width = 0
        self._moment: datetime | None = None
        self._clock = ""
        self._held: list[str] = []
        self.count = 0

    def put(self, one: LogLine) -> None:
        """Take one line; it is written with others, at the latest by `flush`."""
        self.count += 1
        self._held.append(self._words(one))
        if len(self._held) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what was taken."""
        if self._held:
            self._held.append("")
            sys.stdout.write("\n".join(self._held))
            self._held.clear()
        sys.stdout.flush()

    def _json(self, one: LogLine) -> str:
        if one.time != self._moment:
            self._moment, self._clock = one.time, output.as_text(one.time)
        service = self._prefix.get(one.service)
        if service is None:
            service = self._prefix[one.service] = output.as_text(one.service.rpartition("/")[2])
        run = "null" if one.run is None else one.run
        shared = f'{{"time": {self._clock}, "service": {service}, "stream": "{one.stream}", "run": {run}, "line": '
        return f"{shared}{output.as_text(one.line)}}}"

    def _plain(self, one: LogLine) -> str:
        if one.time != self._moment:
            self._moment, self._clock = one.time, local(one.time).strftime("%H:%M:%S")
        text = safe_text(one.line)
        if one.stream == "hub" and self._colours:
            text = output.paint(text, "dim")
        return f"{self._clock} {self._label(one.service)} | {text}"

    def _label(self, service: str) -> str:
        if service not in self._prefix:
            labels = {label: safe_text(label) for label in self._sources.readers}
            self._width = max((len(label) for label in labels.values()), default=0)
            for n, (label, shown) in enumerate(labels.items()):
                padded = shown.ljust(self._width)
                self._prefix[label] = output.paint(padded, _COLOURS[n % len(_COLOURS)]) if self._colours else padded
        return self._prefix.get(service, service)
