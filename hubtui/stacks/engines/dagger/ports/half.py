"""One direction of a connection: what can be read on one socket is sent on the other, a chunk at a time.

Nothing is kept but the rest of one chunk that the receiver has not taken yet, and while there is one nothing more is
read: memory per connection is bounded by two chunks, and a slow receiver slows its sender, not hubtui.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Protocol

CHUNK = 1 << 18  # bytes moved at most in one turn of the loop


class Listening(Protocol):
    """Who is told what happens to a direction."""

    def moved(self, half: Half, size: int) -> None:
        """So many bytes were read."""

    def source_ended(self, half: Half) -> None:
        """All was read and sent on; nothing follows."""

    def source_broke(self, half: Half) -> None:
        """Nothing can be read any more, and not because it was all."""

    def sink_broke(self, half: Half) -> None:
        """Nothing can be sent on any more."""


class Half:
    """Bytes from `source` to `sink`. It closes neither; `room` is scratch space that all directions of a loop share."""

    __slots__ = ("_link", "_loop", "_room", "_sink", "_source", "ended", "rest", "sinking", "taken")

    def __init__(self, link: Listening, source: socket.socket, sink: socket.socket, room: memoryview) -> None:
        self._link, self._source, self._sink, self._room = link, source, sink, room
        self._loop = asyncio.get_running_loop()
        self.taken = 0  # bytes
        self.rest = b""  # read and not sent yet
        self.ended = False  # the source has said all
        self.sinking = False  # what comes is read and thrown away

    def begin(self) -> None:
        """Let it flow."""
        self._loop.add_reader(self._source, self._readable)

    def stop(self) -> None:
        """Let go of both sockets."""
        self._loop.remove_reader(self._source)
        self._loop.remove_writer(self._sink)

    def sink_into_nothing(self) -> None:
        """Nobody takes it any more: what is left and what still comes is thrown away."""
        self._loop.remove_writer(self._sink)
        self.sinking = True
        if self.rest:
            self.rest = b""
            self.begin()

    def _readable(self) -> None:
        try:
            size = self._source.recv_into(self._room)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._link.source_broke(self)
            return
        if not size:
            self.ended = True
            self._loop.remove_reader(self._source)
            self._link.source_ended(self)
            return
        self.taken += size
        self._link.moved(self, size)
        if not self.sinking:
            self._send(self._room[:size])

    def _send(self, data: memoryview) -> None:
        try:
            sent = self._sink.send(data)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            self._link.sink_broke(self)
            return
        if sent < len(data):
            self.rest = bytes(data[sent:])
            self._loop.remove_reader(self._source)
            self._loop.add_writer(self._sink, self._writable)

    def _writable(self) -> None:
        try:
            sent = self._sink.send(self.rest)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._link.sink_broke(self)
            return
        self.rest = self.rest[sent:]
        if not self.rest:
            self._loop.remove_writer(self._sink)
            self.begin()
