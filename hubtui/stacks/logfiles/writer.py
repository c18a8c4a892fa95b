"""The one writer of a service's log: takes chunks as they come from a pipe, makes stored lines of them: stamped, cut
where too long, without secrets. The work is done on whole chunks, in C; a line costs well below a microsecond."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hubtui.safetext import MASK, SHORTEST_SECRET
from hubtui.stacks.engines.base import LogLimits
from hubtui.stacks.logfiles import format as disk
from hubtui.stacks.logfiles.storage import Lost, Storage

CUT = " …[cut]".encode()
_MASK = MASK.encode()


@dataclass(slots=True)
class _Unfinished:
    """The line of one stream whose newline has not come yet."""

    kind: bytes
    held: bytearray = field(default_factory=bytearray)
    cutting: bool = False  # its beginning is stored, the rest of it is dropped
    dropped: int = 0


class LogWriter:
    """Writes the log below `folder` as run number `run`. At most one at a time per folder, used by one thread.

    `secrets` are values that are never stored: each (of 6 bytes or more; each line of one that has several) becomes
    ••••••. `clock` gives seconds since the epoch. Nothing here raises OSError.
    """

    def __init__(
        self,
        folder: Path,
        run: int,
        limits: LogLimits,
        secrets: Iterable[str] = (),
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._line_size = limits.line_size
        self._clock = clock
        self._run = b" %d " % run
        parts = {_encoded(part.strip()) for value in secrets for part in value.split("\n")}
        self._secrets = sorted((part for part in parts if len(part) >= SHORTEST_SECRET), key=len, reverse=True)
        # A line is cut only when a secret that lies across the cut would be seen whole.
        self._hold = limits.line_size + (len(self._secrets[0]) - 1 if self._secrets else 0)
        self._streams = {name: _Unfinished(kind) for name, kind in disk.KINDS.items() if name != "hub"}
        self._closed = False
        self._storage = Storage(folder, limits, lambda: self._head(b"h"))

    @property
    def lost(self) -> Lost:
        """All that could not be stored since this writer began."""
        return self._storage.lost

    def write(self, stream: str, chunk: bytes) -> None:
        """Store what `stream` ("out" or "err") printed: any piece of any size. Its last line is kept back until it
        is complete."""
        part = self._streams[stream]
        if part.cutting:
            chunk = self._skip_rest(part, chunk)
        if b"\n" in chunk:
            data = b"".join((part.held, chunk)) if part.held else chunk
            part.held = bytearray(self._store_lines(part.kind, data))
        else:
            part.held += chunk
        if len(part.held) > self._hold:
            kept = self._keep(bytes(part.held))
            part.cutting, part.dropped = True, len(part.held) - kept
            self._storage.append(self._head(part.kind) + self._redact(bytes(part.held[:kept])) + CUT + b"\n", 1)
            part.held.clear()

    def _store_lines(self, kind: bytes, data: bytes) -> bytes:
        """Store the complete lines of `data` (there is one) and return what follows them. Copies of the whole
        chunk are most of what this costs: it makes one."""
        head = self._head(kind)
        end = data.rfind(b"\n") + 1
        rest = data[end:]
        unused = len(head) + len(rest)
        if self._may_hold_long_line(data):
            whole = [self._whole(head, line) for line in data[: end - 1].split(b"\n")]
            self._storage.append(b"".join(whole))
            return rest
        if self._secrets:  # in complete lines only: what follows may end in the middle of one
            data = self._redact(data[:end])
            unused = len(head)
        body = data.replace(b"\n", b"\n" + head)
        lines = (len(body) - len(data)) // len(head)  # the growth tells, without counting
        self._storage.append_view(head, memoryview(body)[: len(body) - unused], lines)
        return rest

    def note(self, text: str) -> None:
        """Store a marker of hubtui's own, a line for each line of `text`."""
        head = self._head(b"h")
        lines = self._redact(text.encode("utf-8", "replace")).split(b"\n")
        self._storage.append(b"".join([head + line + b"\n" for line in lines]))

    def as_stored(self, line: bytes) -> bytes:
        """What of a complete line, given without its end, is stored: without secrets, cut where it is too long."""
        return self._whole(b"", line).partition(b"\n")[0]

    def flush_partial(self, stream: str | None = None) -> None:
        """This stream (None: every one) has ended: store what it printed after its last newline."""
        for name, part in self._streams.items():
            if stream not in (None, name):
                continue
            if part.cutting:
                self._end_cut(part)
            elif part.held:
                held, part.held = bytes(part.held), bytearray()
                self._storage.append(self._whole(self._head(part.kind), held))

    def close(self) -> None:
        """Store what is unfinished and let go of the file. Further calls do nothing; what is written later is lost."""
        if not self._closed:
            self.flush_partial()
            self._closed = True
            self._storage.close()

    def _head(self, kind: bytes) -> bytes:
        return disk.stamp(self._clock()) + self._run + kind + b" "

    def _redact(self, data: bytes) -> bytes:
        for secret in self._secrets:
            data = data.replace(secret, _MASK)
        return data

    def _may_hold_long_line(self, data: bytes) -> bool:
        """A line longer than `line_size` covers a whole aligned block of half that size: a look at each is enough."""
        if len(data) <= self._line_size:
            return False
        half = max(self._line_size // 2, 1)
        return any(data.find(b"\n", at, at + half) < 0 for at in range(0, len(data) - half + 1, half))

    def _keep(self, line: bytes) -> int:
        """How many bytes of a line that is too long are stored: none of a secret that lies across the cut."""
        kept, before = self._line_size, -1
        while kept != before:
            before = kept
            for secret in self._secrets:
                at = line.find(secret, max(kept - len(secret) + 1, 0), kept + len(secret) - 1)
                kept = kept if at < 0 else at
        return kept

    def _whole(self, head: bytes, line: bytes) -> bytes:
        """A complete line as it is stored, cut and said so where it is too long."""
        if len(line) <= self._line_size:
            return head + self._redact(line) + b"\n"
        kept = self._keep(line)
        return head + self._redact(line[:kept]) + CUT + b"\n" + self._cut_text(len(line) - kept)

    def _cut_text(self, dropped: int) -> bytes:
        return self._head(b"h") + b"line cut at %d bytes, %d dropped\n" % (self._line_size, dropped)

    def _skip_rest(self, part: _Unfinished, chunk: bytes) -> bytes:
        """Drop what still belongs to a line already cut; returns what comes after it."""
        end = chunk.find(b"\n")
        part.dropped += len(chunk) if end < 0 else end
        if end < 0:
            return b""
        self._end_cut(part)
        return chunk[end + 1 :]

    def _end_cut(self, part: _Unfinished) -> None:
        self._storage.append(self._cut_text(part.dropped), 1)
        part.cutting, part.dropped = False, 0


def _encoded(text: str) -> bytes:
    """As a process prints it: surrogates that stand for single bytes become these bytes again."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
