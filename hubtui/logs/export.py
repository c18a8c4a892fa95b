"""Lines written to a file: what is in view, what filters leave, what is marked, or everything.

Sanitised as they are on the screen, or raw when that is asked for; secret values are masked either way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Protocol

from hubtui.errors import HubtuiError
from hubtui.logs.lines import Chunk, Line, Place
from hubtui.logs.new_file import NewFile
from hubtui.safetext import MASK, SHORTEST_SECRET, mask, safe_bytes

_LINES = 500  # read at once
_HELD = 1024 * 1024  # bytes written at once
_WIDEST = 8  # characters that one byte can be shown as: a tab


class Words:
    """A line as it is written. `head` gives what stands before it (a time, a service), as safe text; `raw`: its bytes
    as they were printed, without a head. `masked`: values that stand in neither."""

    def __init__(
        self, *, raw: bool = False, head: Callable[[Line], str] | None = None, masked: Iterable[str] = ()
    ) -> None:
        self._raw, self._head = raw, head
        self._masked = sorted({value for value in masked if len(value) >= SHORTEST_SECRET}, key=len, reverse=True)

    def __call__(self, line: Line, whole: bytes) -> bytes:
        """With its newline."""
        if self._raw:
            for value in self._masked:
                whole = whole.replace(value.encode("utf-8", "surrogateescape"), MASK.encode())
            return whole + b"\n"
        text = mask(safe_bytes(whole, len(whole) * _WIDEST + 1), self._masked)
        head = self._head(line) if self._head is not None else ""
        return f"{head}{text}\n".encode("utf-8", "replace")


class Written(Protocol):
    """What a writing needs of `Lines`."""

    @property
    def start(self) -> Place: ...

    @property
    def end(self) -> Place: ...

    def read(self, place: Place, n: int, *, until: float) -> Chunk: ...

    def fraction(self, place: Place) -> float: ...

    def whole(self, line: Line, limit: int) -> bytes: ...


class Export:
    """Lines on their way to a file. Call `go` until it says True, or `cancel`, which leaving a `with` does as well.

    `begin` and `end` are places; None: the start, and the end there is at this moment. What is written while it is
    under way is counted in `written`, in lines.
    """

    def __init__(
        self, lines: Written, file: NewFile, words: Words, begin: Place | None = None, end: Place | None = None
    ) -> None:
        self._lines, self._file, self._words = lines, file, words
        self._at = self._begin = lines.start if begin is None else begin
        self._end = lines.end if end is None else end
        self.written = 0
        self.over = False

    def __enter__(self) -> Export:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()

    @property
    def part(self) -> float:
        """How much of it is done, 0 to 1."""
        begin, here, end = map(self._lines.fraction, (self._begin, self._at, self._end))
        return 1.0 if self.over or end <= begin else min(max((here - begin) / (end - begin), 0.0), 1.0)

    def go(self, until: float) -> bool:
        """Write on until then; whether all is written. Raises HubtuiError; nothing of the file is left then."""
        try:
            while not self.over:
                self._some(until)
                if time.monotonic() >= until:
                    break
        except BaseException:
            self.cancel()
            raise
        return self.over

    def cancel(self) -> None:
        """Write no more. Nothing is left of a file that is not whole."""
        if not self.over:
            self.over = True
            self._file.drop()

    def _some(self, until: float) -> None:
        """The next lines: at least one, as long as there is time."""
        try:
            chunk = self._lines.read(self._at, _LINES, until=until)
            end = self._lines.fraction(self._end)
            ready, at, last = self._ready(chunk.lines, end, until)
        except OSError as error:
            raise HubtuiError(f"The log cannot be read: {error.strerror}.", "Nothing of it was kept.") from error
        self._put(ready)
        self._at = chunk.reached if at is None else at
        if last or (at is None and (chunk.done or self._lines.fraction(self._at) >= end)):
            self._file.finish()
            self.over = True

    def _ready(self, lines: Iterable[Line], end: float, until: float) -> tuple[list[bytes], Place | None, bool]:
        """Lines as they are written, where that stopped before the last of them, and whether at the end."""
        ready: list[bytes] = []
        held = 0
        for line in lines:
            if self._lines.fraction(line.place) >= end:
                return ready, line.place, True
            if ready and (held > _HELD or time.monotonic() >= until):
                return ready, line.place, False
            ready.append(self._words(line, self._lines.whole(line, line.size)))
            held += len(ready[-1])
        return ready, None, False

    def _put(self, ready: list[bytes]) -> None:
        if ready:
            self._file.write(b"".join(ready))
            self.written += len(ready)
