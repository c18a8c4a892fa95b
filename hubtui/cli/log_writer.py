"""How `logs` writes lines: with time and service as text that no terminal can misunderstand, as JSON, or as printed.

A log has many lines of one moment and one service, so what they share is put into words once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Protocol

from hubtui.cli import output
from hubtui.cli.log_streams import Printed, Stream
from hubtui.errors import HubtuiError
from hubtui.logs.lines import Line, Place
from hubtui.models import local, now
from hubtui.safetext import LIMIT, safe_text

_COLOURS = ("cyan", "magenta", "blue", "green", "yellow")
_WHOLE = 64 * 1024 * 1024  # bytes of one line that are written at most


class Sink(Protocol):
    """Where lines go. All methods may raise OSError."""

    def say(self, text: str) -> None:
        """Take safe text."""

    def write(self, data: bytes) -> None:
        """Take bytes as they are."""

    def flush(self) -> None:
        """Have it arrive."""


class Stdout:
    """stdout, in whatever encoding it has. Raises HubtuiError where it takes no more, BrokenPipeError where nobody
    reads it any more."""

    def say(self, text: str) -> None:
        with _of_stdout():
            sys.stdout.write(text)

    def write(self, data: bytes) -> None:
        with _of_stdout():
            sys.stdout.buffer.write(data)

    def flush(self) -> None:
        with _of_stdout():
            sys.stdout.flush()


@contextmanager
def _of_stdout() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise HubtuiError(f"stdout cannot be written to: {error.strerror or error}.") from error


class ToFile:
    """A new file, which has its name when it is whole: leave the `with` without an error. Raises HubtuiError."""

    def __init__(self, path: Path) -> None:
        from hubtui.logs.new_file import NewFile

        self._file = NewFile(path)

    def say(self, text: str) -> None:
        self.write(text.encode("utf-8", "replace"))

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def flush(self) -> None:
        """Nobody reads it before it is whole."""

    def __enter__(self) -> ToFile:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self._file.finish()
        else:
            self._file.drop()


class Writer:
    """Writes lines of `streams` to `sink` as `text`, `json` or `raw`. `context`: a line of dashes stands where lines of
    a service are left out between two groups."""

    def __init__(self, streams: Sequence[Stream], sink: Sink, *, form: str = "text", context: bool = False) -> None:
        self._streams, self._sink = streams, sink
        self._worded = self._as_json if form == "json" else self._as_text
        self._raw = form == "raw"
        self._dashes = context and form == "text"
        self._ends: dict[int, Place] = {}
        self._colours = isinstance(sink, Stdout) and output.colours()
        self.count = 0

    def put(self, lines: Sequence[Printed]) -> None:
        """Write these lines."""
        self.count += len(lines)
        if self._raw:
            self._sink.write(b"".join(self._as_printed(lines)))
            return
        words = self._worded(lines)
        if self._dashes:
            words = list(self._parted(lines, words))
        if words:
            words.append("")
            self._sink.say("\n".join(words))

    def flush(self) -> None:
        """Have it arrive."""
        self._sink.flush()

    def _as_printed(self, lines: Sequence[Printed]) -> Iterator[bytes]:
        """The services' own bytes; what hubtui said in between is left out."""
        for _, number, line in lines:
            if line.stream != "hub":
                yield self._bytes(number, line) + b"\n"

    def _bytes(self, number: int, line: Line) -> bytes:
        return line.raw if line.size == len(line.raw) else self._streams[number].lines.whole(line, _WHOLE)

    def _as_json(self, lines: Sequence[Printed]) -> list[str]:
        words: list[str] = []
        services = [output.as_text(stream.service) for stream in self._streams]
        known, clock = -1.0, ""
        for moment, number, line in lines:
            if moment != known:
                known, clock = moment, output.as_text(_date(moment)) if moment else "null"
            text = encode_basestring_ascii(self._bytes(number, line).decode("utf-8", "surrogateescape"))
            if "\x7f" in text:
                text = text.replace("\x7f", "\\u007f")
            run = "null" if line.run is None else line.run
            shared = f'{{"time": {clock}, "service": {services[number]}, "stream": "{line.stream}", "run": {run}'
            words.append(f'{shared}, "line": {text}}}')
        return words

    def _as_text(self, lines: Sequence[Printed]) -> list[str]:
        words: list[str] = []
        labels, today = self._labels(), local(now()).date()
        known, clock = -1.0, ""
        for moment, number, line in lines:
            if moment != known:
                known, clock = moment, _clock(moment, today) if moment else "--:--:--"
            text = line.raw.decode("utf-8", "surrogateescape")
            if len(text) > LIMIT or not (text.isascii() and text.isprintable()):  # most need no call
                text = safe_text(text)
            if self._colours and (line.stream == "hub" or not line.hit):
                text = output.paint(text, "dim")
            words.append(f"{clock} {labels[number]} | {text}")
        return words

    def _labels(self) -> list[str]:
        labels = [safe_text(stream.label) for stream in self._streams]
        width = max(map(len, labels), default=0)
        if not self._colours:
            return [label.ljust(width) for label in labels]
        return [output.paint(label.ljust(width), _COLOURS[n % len(_COLOURS)]) for n, label in enumerate(labels)]

    def _parted(self, lines: Sequence[Printed], words: Sequence[str]) -> Iterator[str]:
        for (_, number, line), text in zip(lines, words, strict=True):
            if self._ends.get(number, line.place) != line.place:
                yield "--"
            self._ends[number] = line.after
            yield text


def _clock(moment: float, today: date) -> str:
    """A time of today as 12:00:01, of another day with its date."""
    there = local(_date(moment))
    return there.strftime("%H:%M:%S" if there.date() == today else "%Y-%m-%d %H:%M:%S")


def _date(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
