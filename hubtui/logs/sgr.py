"""The colours a program printed: what its SGR sequences (ECMA-48, and xterm's) mean for which characters.

The text is that of `safetext`: everything else a sequence can do is gone. What hides text is never passed on: blinking,
concealing, and a background in the text's own colour. Hyperlinks go with the other sequences.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from hubtui.safetext import LIMIT, safe_coloured

Colour = int | tuple[int, int, int]
"""0 to 15: the terminal's own; 16 to 255: xterm's palette; or red, green, blue."""


class Ink(NamedTuple):
    """How characters are drawn, beside the default."""

    fg: Colour | None = None
    bg: Colour | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    reverse: bool = False


PLAIN = Ink()
_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike", 21: "underline"}
_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 27: ("reverse",), 29: ("strike",)}


class Span(NamedTuple):
    """Characters from `start` up to `end` (not included) and how they are drawn."""

    start: int
    end: int
    ink: Ink


def coloured(raw: bytes, limit: int = LIMIT) -> tuple[str, list[Span]]:
    """The text of one line as `safe_bytes` gives it, and its spans that are not plain: in order, not overlapping."""
    return coloured_text(raw.decode("utf-8", "replace"), limit)


def coloured_text(s: str, limit: int = LIMIT) -> tuple[str, list[Span]]:
    """As `coloured`, of text: `safe_text` of it and its spans."""
    text, said = safe_coloured(s, limit)
    return text, spans(said, len(text)) if said else []


def spans(said: Sequence[tuple[int, str]], length: int) -> list[Span]:
    """What these sequences (where, parameters) mean for a text of this length."""
    found: list[Span] = []
    ink, start = PLAIN, 0
    for place, params in said:
        following = after(ink, params)
        if following == ink:
            continue
        _add(found, start, place, ink)
        ink, start = following, place
    _add(found, start, length, ink)
    return found


def _add(found: list[Span], start: int, end: int, ink: Ink) -> None:
    if end <= start or ink == PLAIN:
        return
    if ink.bg is not None and ink.fg == ink.bg:
        ink = ink._replace(bg=None)
    if found and found[-1].end == start and found[-1].ink == ink:
        start = found.pop().start
    found.append(Span(start, end, ink))


@lru_cache(maxsize=2048)
def after(ink: Ink, params: str) -> Ink:
    """How it is drawn after a sequence with these parameters ("", "0", "1;31", "38;5;208", "38:2::255:0:0")."""
    parts = params.split(";")
    i = 0
    while i < len(parts):
        if ":" in parts[i]:
            ink = _with_subparameters(ink, parts[i].split(":"))
            i += 1
            continue
        code = _number(parts[i])
        i += 1
        if code in (38, 48, 58):
            colour, used = _colour(parts[i : i + 4])
            i += used
            ink = ink if colour is None else _painted(ink, code, colour)
        else:
            ink = _changed(ink, code)
    return ink


def _changed(ink: Ink, code: int | None) -> Ink:
    if code == 0:
        return PLAIN
    if code in _ON:
        return ink._replace(**{_ON[code]: True})
    if code in _OFF:
        return ink._replace(**dict.fromkeys(_OFF[code], False))
    if code is None or not 30 <= code <= 107:
        return ink
    tens, colour = divmod(code, 10)
    if colour == 9 and tens in (3, 4):
        return _painted(ink, code - 1, None)
    if colour > 7:
        return ink
    return {
        3: ink._replace(fg=colour),
        4: ink._replace(bg=colour),
        9: ink._replace(fg=colour + 8),
        10: ink._replace(bg=colour + 8),
    }.get(tens, ink)


def _painted(ink: Ink, code: int, colour: Colour | None) -> Ink:
    """38: of the text, 48: behind it. 58 is the colour of an underline, which no view shows."""
    return ink._replace(fg=colour) if code == 38 else ink._replace(bg=colour) if code == 48 else ink


def _with_subparameters(ink: Ink, parts: list[str]) -> Ink:
    code = _number(parts[0])
    if code == 4:
        return ink._replace(underline=_number(parts[1]) != 0)  # 4:3 is a wave
    if code not in (38, 48):
        return ink
    if parts[1] == "2" and len(parts) > 5:
        del parts[2]  # the colour space
    colour, _ = _colour(parts[1:])
    return ink if colour is None else _painted(ink, code, colour)


def _colour(parts: list[str]) -> tuple[Colour | None, int]:
    """A colour as 5;N or 2;R;G;B, and how many parameters it took. None: there is no such colour."""
    kind = _number(parts[0]) if parts else None
    if kind == 5 and len(parts) > 1:
        n = _number(parts[1])
        return (n if n is not None and n < 256 else None), 2
    if kind == 2 and len(parts) > 3:
        red, green, blue = map(_number, parts[1:4])
        if red is None or green is None or blue is None or max(red, green, blue) > 255:
            return None, 4
        return (red, green, blue), 4
    return None, len(parts)


def _number(part: str) -> int | None:
    """A parameter; an empty one is 0. None: larger than any that means something."""
    if not part:
        return 0
    return int(part) if part.isdecimal() and len(part) < 5 else None
