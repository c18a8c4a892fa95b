"""What is shown of one line: its text, as printed or as its fields read, and how which characters of it look."""

from __future__ import annotations

from bisect import bisect_left
from operator import itemgetter

from hubtui.logs.levels import Level, level_span
from hubtui.logs.lines import Line
from hubtui.logs.sgr import coloured, coloured_text
from hubtui.logs.structured import MORE, Field, Structured, structured
from hubtui.safetext import LIMIT, safe_bytes, safe_text
from hubtui.widgets.log.ink import LEVELS, Look
from hubtui.widgets.plain import DIM
from hubtui.widgets.units import size

Run = tuple[int, int, Look]
"""Characters from, up to (not included), and how they look. Runs are in order and do not overlap."""

SHORT: dict[Level, str] = {level: level.name for level in Level} | {Level.WARNING: "WARN"}
KEY = "$text-secondary"
_BARE = frozenset('"= \t\n')  # a value with one of these stands in quotes


def body(line: Line, *, readable: bool) -> tuple[str, list[Run]]:
    """The text of a line and its runs. `readable`: a line of fields is told, not shown as printed."""
    if line.stream == "hub":
        text = f"── {safe_bytes(line.raw)}"
        return text, [(0, len(text), f"italic {DIM}")]
    fields = structured(line.raw) if readable else None
    text, runs = _told(fields) if fields else _printed(line.raw)
    if line.size > len(line.raw):
        more = f" … {size(line.size)}"
        runs.append((len(text), len(text) + len(more), DIM))
        text += more
    if not line.hit:
        runs = [(0, len(text), DIM)]
    return text, runs


def _printed(raw: bytes) -> tuple[str, list[Run]]:
    """As printed, in the program's own colours; the word of its level in ours, where it has none there."""
    text, spans = coloured(raw)
    runs: list[Run] = list(spans)
    level = level_span(text)
    if level is not None:
        _add(runs, (level[1], level[2], LEVELS[level[0]]))
    return text, runs


def _add(runs: list[Run], run: Run) -> None:
    at = bisect_left(runs, run[1], key=itemgetter(0))  # those before it begin before its end
    if at == 0 or runs[at - 1][1] <= run[0]:
        runs.insert(at, run)


class _Text:
    """A text and its runs, as they are put together."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.runs: list[Run] = []
        self.length = 0

    def add(self, text: str, look: Look = "") -> None:
        """More text, already safe."""
        if text:
            end = self.length + len(text)
            if look:
                self.runs.append((self.length, end, look))
            self.parts.append(text)
            self.length = end

    def add_coloured(self, text: str) -> None:
        """Foreign text with the colours that are in it."""
        text, spans = coloured_text(text)
        self.runs += [(self.length + start, self.length + end, ink) for start, end, ink in spans]
        self.parts.append(text)
        self.length += len(text)

    def gap(self) -> None:
        if self.length:
            self.add(" ")

    def result(self) -> tuple[str, list[Run]]:
        text = "".join(self.parts)
        if len(text) > LIMIT:
            text = text[: LIMIT - 1] + "…"
            self.runs = [(start, min(end, LIMIT), look) for start, end, look in self.runs if start < LIMIT]
        return text, self.runs


def _told(line: Structured) -> tuple[str, list[Run]]:
    """Level, message, then what else there is: WARN  slow query  path=/x n=3  (core a.py:12)."""
    out = _Text()
    out.add(safe_text(line.before), DIM)
    if line.level is not None:
        out.gap()
        out.add(f"{SHORT[line.level]:5}", LEVELS[line.level])
    if line.message:
        out.gap()
        out.add_coloured(line.message)
    for field in line.fields:
        if out.length > LIMIT:
            break
        out.gap()
        _field(out, field)
    whence = " ".join(filter(None, (line.logger, line.caller)))
    if whence:
        out.gap()
        out.add(f"({safe_text(whence)})", DIM)
    return out.result()


def _field(out: _Text, field: Field) -> None:
    if field.key and field.key != MORE:
        out.add(f"{safe_text(field.key)}=", KEY)
    elif field.key:
        out.add("… ", DIM)
    if field.text and (not field.value or not _BARE.isdisjoint(field.value)):
        out.add('"' + safe_text(field.value.replace('"', '\\"')) + '"')
    else:
        out.add(safe_text(field.value))
