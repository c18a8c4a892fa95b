"""The body of /containers/ID/logs as lines with their times. Pure.

Without a terminal (https://docs.docker.com/reference/api/engine/ "Stream format") it is frames: one byte for the stream
(1 out, 2 err), three of nothing, four for the length, then a stamp, a space, and a line; one longer than 16 KiB comes
in several frames, each with the same stamp. With a terminal it is the bare lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hubtui.stacks.engines.compose.stamps import LENGTH, as_dockers

LONGEST = 1 << 20  # bytes of a line; what is longer is several
_STREAMS = {1: "out", 2: "err"}


class Printed(NamedTuple):
    """A complete line, without its end."""

    stamp: bytes
    stream: str
    line: bytes


class Lines:
    """Of one answer. `coarse`: its stamps have no decimals, so that a second is the least that can be asked for."""

    def __init__(self, *, tty: bool) -> None:
        self.coarse = False
        self._tty = tty
        self._rest = b""
        self._second, self._number = b"", 0  # of a coarse answer: the second, and the line of it
        self._parts: dict[str, tuple[bytes, bytearray]] = {}

    def feed(self, chunk: bytes) -> list[Printed]:
        """The lines that are complete with this chunk."""
        data = self._rest + chunk if self._rest else chunk
        return list(self._bare(data) if self._tty else self._framed(data))

    def end(self) -> list[Printed]:
        """The body has ended: what had no line end."""
        if self._tty and len(self._rest) > LENGTH:
            stamp, text = self._split("out", self._rest)
            self._parts["out"] = stamp, bytearray(text)
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
            stamp, text = self._split(stream, data[at + 8 : end])
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
            stamp, text = self._split("out", line)
            if len(stamp) == LENGTH:
                yield Printed(stamp, "out", text.rstrip(b"\r"))

    def _split(self, stream: str, text: bytes) -> tuple[bytes, bytes]:
        """(stamp as Docker prints it, what follows it)."""
        if text[LENGTH - 1 : LENGTH + 1] == b"Z ":
            return text[:LENGTH], text[LENGTH + 1 :]
        written, _, text = text.partition(b" ")
        if b"." in written:
            return as_dockers(written, 0), text
        self.coarse = True
        stamp, part = self._parts.get(stream, (b"", b""))
        if part and as_dockers(written, 0)[:19] == stamp[:19]:
            return stamp, text  # the line goes on
        self._number = self._number + 1 if written == self._second else 0
        self._second = written
        return as_dockers(written, self._number), text
