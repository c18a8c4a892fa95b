"""A screen of 50 log lines, 200 cells wide, from bytes to rows that a widget paints: `hubtui.widgets.log.line` beside
the same lines as Textual's Content without any colour, and as Rich's `Text.from_ansi`. And the level of one line. Time
of the processor, since nothing here waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from io import StringIO

from rich.console import Console
from rich.text import Text
from textual.style import Style
from textual.theme import BUILTIN_THEMES
from textual.visual import RenderOptions

from benchmarks import scratch
from benchmarks.table import Figure, Row
from hubtui.logs.levels import level_of
from hubtui.logs.lines import Line
from hubtui.safetext import safe_bytes
from hubtui.widgets.log.ink import Palette
from hubtui.widgets.log.line import Manner, rows
from hubtui.widgets.plain import plain

LINES, WIDTH = 50, 200
AIM, LEVEL_AIM = 3.0, 2.0  # ms a screen; microseconds a line
_TAIL = " and what else there is to say of it, up to the end of the row" * 3
KINDS = {
    "plain": "2026-11-26 03:12:15,123 INFO app.views request served in 12 ms for user {n} path=/api/views" + _TAIL,
    "coloured": "\x1b[2m2026-11-26T03:12:15.12Z\x1b[0m \x1b[33m WARN\x1b[0m \x1b[2mapp{n}\x1b[0m: \x1b[1mslow\x1b[0m"
    + _TAIL,
    "JSON": '{{"level":30,"time":1764126735123,"pid":{n},"hostname":"a","path":"/api/views","ms":12.5,"msg":"served'
    + _TAIL
    + '"}}',
    "CJK": "2026-11-26 03:12:15 ERROR データベース接続プール {n} 🎉" + "漢字" * 40,
}


def measure(runs: int) -> Sequence[Row]:
    found = [row for kind, form in KINDS.items() for row in _drawn(kind, form, runs)]
    raws = [form.format(n=n).encode() for n in range(250) for form in KINDS.values()]
    begun = [_microseconds(lambda: [level_of(raw) for raw in raws]) / len(raws) for _ in range(runs)]
    level = Figure.median(begun, "µs")
    return [*found, Row("the level of one line", level, "", f"< {LEVEL_AIM:.0f} µs", level.value < LEVEL_AIM)]


def _drawn(kind: str, form: str, runs: int) -> list[Row]:
    lines = [
        Line(n, n + 1, raw, len(raw), n % 3, 1764126735.0 + n)
        for n in range(LINES)
        if (raw := form.format(n=n).encode())
    ]
    theme = BUILTIN_THEMES["textual-dark"]
    variables = theme.to_color_system().generate()
    base = Style.parse("$foreground on $background", variables)
    palette = Palette(base, variables, dark=theme.dark)
    manner = Manner(WIDTH, times="clock", sources=("web", "store", "edge"))
    options = RenderOptions(lambda style: Style.parse(style, variables) if isinstance(style, str) else style, {})
    console = Console(file=StringIO(), width=WIDTH, color_system="truecolor", force_terminal=True)
    rich = console.options.update(no_wrap=True, overflow="ellipsis")

    def ours() -> None:
        for line in lines:
            rows(line, manner, palette)

    def content() -> None:
        for line in lines:
            shown = plain(safe_bytes(line.raw)).truncate(WIDTH, ellipsis=True, pad=True)
            shown.render_strips(WIDTH, 1, base, options)

    def from_ansi() -> None:
        for line in lines:
            console.render_lines(Text.from_ansi(line.raw.decode()), rich)

    sides: list[Callable[[], None]] = [ours, content, from_ansi]
    taken = scratch.interleaved(runs, *(lambda side=side: _microseconds(side) / 1000 for side in sides))
    mine, textual, by_rich = (Figure.median(one, "ms") for one in taken)
    return [
        Row(f"a screen of 50 {kind} lines", mine, _named(textual, "Content"), f"< {AIM:.0f} ms", mine.value < AIM),
        Row("... beside Rich", mine, _named(by_rich, "Text.from_ansi")),
    ]


def _named(figure: Figure, what: str) -> Figure:
    return Figure(figure.value, figure.unit, what, figure.low, figure.high)


def _microseconds(side: Callable[[], object]) -> float:
    begun = time.thread_time()
    side()
    return (time.thread_time() - begun) * 1e6
