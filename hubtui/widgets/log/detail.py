"""One line of a log, whole: where it stands, its fields one a row, and what was printed. Pure: line -> Content."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style

from hubtui.logs.levels import level_of
from hubtui.logs.lines import Line
from hubtui.logs.sgr import coloured
from hubtui.logs.structured import Field, Structured, structured
from hubtui.safetext import safe_block, safe_text
from hubtui.widgets.log.cells import wrapped
from hubtui.widgets.log.clock import ago, clock
from hubtui.widgets.log.ink import LEVELS, Palette
from hubtui.widgets.plain import DIM, EMPTY, fit, joined, lines, painted, plain, said
from hubtui.widgets.units import size

SHOWN = 65536  # characters of a line that are shown; a copy has all of it
_LABEL, _KEY = 8, 24  # cells of names of facts, and of fields at most
_NESTED = 60  # characters of a nested value that stay on one row
_DEPTH, _TOKENS = 12, 4000  # of a nested value, laid out
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[][{},:]|[^][{},:"\s]++')
_STREAMS = {"out": "stdout", "err": "stderr", "hub": "hubtui itself"}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a line stands. Strings are not yet safe text; `number` counts from 1, None: nobody has counted that far."""

    source: str = ""  # the service, or the name of the file
    path: str = ""
    number: int | None = None


def detail(
    line: Line,
    whole: bytes,
    where: Standing,
    now: float,
    width: int,
    *,
    readable: bool = True,
    palette: Palette | None = None,
) -> Content:
    """The page of a line, `width` cells wide. `whole`: all its bytes; `palette`: for the colours it was printed in.
    `readable`: its fields, too, where it has any."""
    fields = structured(whole) if readable else None
    rows = _facts(line, whole, fields, where, now, width)
    if fields is not None:
        rows += [EMPTY, said("FIELDS" if fields.kind == "json" else "PAIRS", DIM)]
        if fields.before:
            rows += _rows(plain(fields.before, DIM), width)
        rows += _field_rows(fields.every, width)
    rows += [EMPTY, said("AS PRINTED", DIM), *_printed(whole, width, palette)]
    return lines(rows)


def copied(whole: bytes) -> str:
    """The text of a line to copy: all of it, and nothing in it that would act where it is put in."""
    text = whole.decode("utf-8", "replace")
    return safe_text(text, max(len(text) * 8, 1))  # a character may be shown as eight


def fields_copied(whole: bytes) -> str:
    """The fields of a line, one a row, to copy; its text where it has none."""
    fields = structured(whole)
    if fields is None:
        return copied(whole)
    return "\n".join(
        f"{safe_text(f.key)}: {safe_block(f.value)}" if f.key else safe_text(f.value) for f in fields.every
    )


def _facts(
    line: Line, whole: bytes, fields: Structured | None, where: Standing, now: float, width: int
) -> list[Content]:
    level = fields.level if fields else level_of(whole)
    found: list[tuple[str, Content]] = []
    if level is not None:
        found.append(("level", said(level.word, LEVELS[level])))
    if line.time is not None:
        found.append(("time", Content.assemble(clock(line.time, "date", now), (f"  {ago(now - line.time)}", DIM))))
    elif fields and fields.time:
        found.append(("time", plain(fields.time)))
    source = plain(where.source, "bold") if where.source else EMPTY
    stream = said(_STREAMS.get(line.stream, ""), DIM)
    if source or stream:
        found.append(("from", joined([source, stream])))
    if line.run is not None:
        found.append(("run", said(f"#{line.run}")))
    number = said(f"line {where.number:,}") if where.number is not None else EMPTY
    if where.path or number:
        found.append(("place", joined([number, plain(where.path)])))
    found.append(("size", said(f"{size(line.size)}" + _half(line, whole))))
    return [Content.assemble(fit(said(name, DIM), _LABEL), fit(told, width - _LABEL)) for name, told in found]


def _half(line: Line, whole: bytes) -> str:
    return f", the first {size(len(whole))} of it are here" if len(whole) < line.size else ""


def _field_rows(fields: tuple[Field, ...], width: int) -> list[Content]:
    keys = [safe_text(field.key) for field in fields]
    column = min(max(map(cell_len, keys), default=0), _KEY, width // 3)
    rows: list[Content] = []
    for key, field in zip(keys, fields, strict=True):
        values = [
            row
            for text in (field.value.split("\n") if field.text else laid_out(field.value))
            for row in _rows(plain(text), width - column - 2)
        ]
        if cell_len(key) > column:
            rows.append(fit(said(key, "$text-secondary"), width))
        else:
            values[0] = Content.assemble(fit(said(key, "$text-secondary"), column), "  ", values[0])
        first = len(rows)
        rows += values
        for i in range(first + (cell_len(key) <= column), len(rows)):
            rows[i] = Content.assemble(" " * (column + 2), rows[i])
    return rows


def laid_out(value: str) -> list[str]:
    """A nested value, as JSON, in rows of two blanks a level; a short one in one row. Numbers stay as printed."""
    if len(value) <= _NESTED or value[:1] not in "{[":
        return [value]
    rows: list[str] = []
    row, depth = "", 0
    for n, found in enumerate(_TOKEN.finditer(value)):
        piece = found[0]
        if n == _TOKENS:
            return [*rows, row, "…"]
        if piece in ("}", "]"):
            depth -= 1
            if depth < _DEPTH:
                if row.strip():
                    rows.append(row)
                    row = "  " * depth
                elif rows:  # nothing is in it
                    row = rows.pop() if rows[-1][-1:] in ("{", "[") else "  " * depth
        row += ": " if piece == ":" else piece
        depth += piece in ("{", "[")
        if piece in ("{", "[", ",") and depth <= _DEPTH:
            rows.append(row)
            row = "  " * depth
    return [*rows, row] if row.strip() else rows


def _printed(whole: bytes, width: int, palette: Palette | None) -> list[Content]:
    """Every character that was printed, in its colours."""
    text, spans = coloured(whole, SHOWN)
    inks = [(start, end, Style.from_rich_style(palette.style(ink))) for start, end, ink in spans] if palette else []
    return _rows(painted(text, inks), width)


def _rows(content: Content, width: int) -> list[Content]:
    """Rows of at most `width` cells; nothing is left out, so that what is copied from the screen is whole."""
    return content.divide([part.start for part in wrapped(content.plain, width)][1:]) if content else [EMPTY]
