"""Lines in a real app, in every theme: rows come out as drawn, whatever filters the app puts behind them."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.strip import Strip
from textual.theme import BUILTIN_THEMES
from textual.widget import Widget

from hubtui.logs.lines import Line
from hubtui.widgets.log.ink import Palette
from hubtui.widgets.log.line import Manner, rows

RAWS = [
    b"2026-11-26 03:12:15 ERROR boom",
    b"\x1b[2;31mdim red\x1b[0m \x1b[2mdim\x1b[0m \x1b[7;32mreverse\x1b[0m \x1b[30mblack\x1b[97;107mwhite\x1b[0m",
    b"\x1b[38;5;208morange\x1b[48;2;1;2;3m on dark\x1b[0m",
    b'{"level":"fatal","msg":"gone","port":80}',
    "漢字 🎉 INFO".encode(),
]


class Rows(Widget):
    """Draws as a log view does."""

    DEFAULT_CSS = "Rows { height: 1fr; width: 100%; background: $background; }"

    def render_line(self, y: int) -> Strip:
        if y >= len(RAWS):
            return Strip.blank(self.size.width, self.rich_style)
        palette = Palette(self.visual_style, self.app.theme_variables, dark=self.app.current_theme.dark)
        line = Line(y, y + 1, RAWS[y], len(RAWS[y]), stream="err", hit=y != 1)
        manner = Manner(self.size.width, times="clock", find=lambda text: [(0, 3)])
        return rows(line, manner, palette)[0]


class Colours(App[None]):
    def compose(self) -> ComposeResult:
        yield Rows()


@pytest.mark.parametrize("name", BUILTIN_THEMES)
async def test_lines_are_painted_in_every_theme(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    app = Colours()
    async with app.run_test(size=(60, 8)) as pilot:
        app.theme = name
        await pilot.pause()
        shown = [strip.text for strip in app.screen._compositor.render_strips()]
    for raw, text in zip(
        ("ERROR boom", "dim red dim reverse blackwhite", "orange on dark", "FATAL gone port=80"), shown, strict=False
    ):
        assert raw in text


@pytest.mark.parametrize("name", ["textual-dark", "ansi-dark", "ansi-light"])
async def test_without_colour_the_words_are_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Colours()
    async with app.run_test(size=(60, 8)) as pilot:
        app.theme = name
        await pilot.pause()
        shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
    assert "ERROR boom" in shown and "FATAL gone" in shown
