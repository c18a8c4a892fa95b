"""The body of /containers/ID/logs as lines with their times. Pure.

Without a terminal (https://docs.docker.com/reference/api/engine/ "Stream format") it is frames: one byte for the stream
(1 out, 2 err), three of nothing, four for the length, then a stamp, a space, and a line; one longer than 16 KiB comes
in several frames, each with the same stamp. With a terminal it is the bare lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hubtui.stacks.engines.compose.stamps import LENGTH

LONGEST = 1 << 20  # bytes of a line; what is longer is several
_STREAMS = {1: "out", 2: "err"}


class Printed(NamedTuple):
    """A complete line, without its end."""

    stamp: bytes
    stream: str
    line: bytes


class Lines:
    """Of one answer. `partial` is what came after the last line end."""

    def __init__(self, *, tty: bool) -> None:
        self._tty = tty
        self._rest = b""
        self._parts: dict[str, tuple[bytes, bytearray]] = {}

    def feed(self, chunk: bytes) -> list[Printed]:
        """The lines that are complete with this chunk."""
        data = self._rest + chunk if self._rest else chunk
        return list(self._bare(data) if self._tty else self._framed(data))

    def end(self) -> list[Printed]:
        """The body has ended: what had no line end."""
        if self._tty and len(self._rest) > LENGTH:
            self._parts["out"] = self._rest[:LENGTH], bytearray(self._rest[LENGTH + 1 :])
        left = [Printed(stamp, stream, bytes(part)) for stream, (stamp, part) in self._parts.items() if part]
        self._parts, self._rest = {}, b""
        return left

    def _framed(self, data: bytes) -> Iterator[Printed]:
        at, size = 0, len(data)
        while at + 8 <= size:
            end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
            if end > size:
                break
            stream = _STREAMS.get(data[at], "err")
            stamp, text = data[at + 8 : at + 8 + LENGTH], data[at + 9 + LENGTH : end]
            at = end
            if stream not in self._parts and text.endswith(b"\n"):
                yield Printed(stamp, stream, text[:-1])
            else:
                yield from self._piece(stamp, stream, text)
        self._rest = data[at:]

    def _piece(self, stamp: bytes, stream: str, text: bytes) -> Iterator[Printed]:
        first, part = self._parts.get(stream, (stamp, bytearray()))
        if (
            first != stamp and part
        ):  # pieces of one line have one stamp: what came before was the end of an earlier life
            yield Printed(first, stream, bytes(part))
            part = bytearray()
        self._parts[stream] = stamp, part
        part += text
        if part.endswith(b"\n") or len(part) > LONGEST:
            del self._parts[stream]
            yield Printed(stamp, stream, bytes(part.removesuffix(b"\n")))

    def _bare(self, data: bytes) -> Iterator[Printed]:
        *lines, self._rest = data.split(b"\n")
        for line in lines:
            if len(line) >= LENGTH:
                yield Printed(line[:LENGTH], "out", line[LENGTH + 1 :].rstrip(b"\r"))
