"""Writing lines of a view to a file, in slices between everything else that its reader does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hubtui.errors import HubtuiError
from hubtui.logs.lines import Line, Lines, Place
from hubtui.logs.marks import Mark
from hubtui.messages import LogExported
from hubtui.safetext import safe_text
from hubtui.when import to_the_millisecond
from hubtui.workers.log.goals import soon
from hubtui.workers.log.wishes import Errand, Task

What = Literal["visible", "filtered", "marked", "whole"]
TELL_PACE = 0.2  # seconds between two words about how far it is


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written, and where to. `begin` and `end` are the places of the screen, for what is visible; `marks`
    are for what is marked."""

    what: What
    path: Path
    raw: bool = False
    overwrite: bool = False
    begin: Place = None
    end: Place = None
    marks: tuple[Mark, ...] = ()


def export(wanted: Wanted) -> Errand:
    """Write it; a file that is not whole is not there."""

    def errand(lines: Lines) -> Task:
        from hubtui.logs.export import Export, Words
        from hubtui.logs.filtered import Filtered
        from hubtui.logs.marks import Marked
        from hubtui.logs.new_file import NewFile

        unfiltered = wanted.what in ("whole", "marked")
        source = lines.base if unfiltered and isinstance(lines, Filtered) else lines
        visible = wanted.what == "visible"
        begin, end = (wanted.begin, wanted.end) if visible else (None, None)
        try:
            words = Words(raw=wanted.raw, head=_Heads(source))
            file = NewFile(wanted.path, overwrite=wanted.overwrite)
            written = Marked(source, wanted.marks) if wanted.what == "marked" else source
            with Export(written, file, words, begin, end) as writing:
                told = time.monotonic()
                while not writing.go(soon()):
                    news = time.monotonic() >= told + TELL_PACE
                    told = time.monotonic() if news else told
                    yield LogExported(wanted.path, writing.written, writing.part) if news else None
                yield LogExported(wanted.path, writing.written, 1.0, over=True)
        except HubtuiError as error:
            yield LogExported(wanted.path, 0, 1.0, over=True, trouble=error.message)

    return errand


class _Heads:
    """What stands before a line of hubtui's own: its time, and its service where they are several."""

    def __init__(self, lines: Lines) -> None:
        names = [safe_text(source.name) for source in lines.sources]
        width = max(map(len, names), default=0)
        self._names = [f"{name:{width}} | " for name in names] if len(names) > 1 else []

    def __call__(self, line: Line) -> str:
        clock = ""
        if line.stream and line.time is not None:
            whole, milliseconds = to_the_millisecond(line.time)
            clock = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{milliseconds:03}Z "
        return clock + (self._names[line.source] if line.source < len(self._names) else "")
