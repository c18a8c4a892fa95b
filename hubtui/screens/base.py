"""What all screens have in common: the desk, a last line of keys, and a word where the terminal is too small."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from hubtui.safetext import safe_text
from hubtui.screens.desk import Desk
from hubtui.widgets.key_bar import Hint, KeyBar
from hubtui.widgets.plain import Plain, said

SMALLEST = 40, 10


class HubScreen(Screen[None]):
    """A screen with a desk. Subclasses yield their parts in `body` and name their keys in `hints`."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Screen declares it
        (0, "-tiny"),
        (SMALLEST[0], "-narrow"),
        (70, "-normal"),
        (120, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (SMALLEST[1], "-tall")]  # noqa: RUF012

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.keys = KeyBar()

    def compose(self) -> ComposeResult:
        yield Plain(said(f"too small: hubtui needs {SMALLEST[0]}x{SMALLEST[1]}", "bold"), classes="too-small wrapping")
        yield from self.body()
        yield self.keys

    def body(self) -> ComposeResult:
        """The screen's own widgets."""
        yield from ()

    def on_mount(self) -> None:
        self.keys.set_hints(self.hints())

    def on_resize(self) -> None:
        self.redraw()
        self.call_after_refresh(self.redraw)  # what a tiny terminal had hidden has its width only then

    def redraw(self) -> None:
        """Show what depends on the width anew."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A mistake in a screen's own reading must not leave a blank page in silence."""
        if event.state is WorkerState.ERROR:
            error = event.worker.error
            self.tell(f"{type(error).__name__}: {error}", "This is a mistake in hubtui.", severity="error")

    def hints(self) -> list[Hint]:
        """What the last line says."""
        return []

    def tell(self, sentence: str, hint: str = "", *, severity: SeverityLevel = "information") -> None:
        """Say something in the corner: one sentence, and what to do next."""
        text = f"{safe_text(sentence)}\n{safe_text(hint)}" if hint else safe_text(sentence)
        self.notify(text, severity=severity, markup=False)


class SubScreen(HubScreen):
    """A screen above the dashboard: escape and q go back to it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", show=False),
        Binding("j", "page_by(1)", "down", show=False),
        Binding("k", "page_by(-1)", "up", show=False),
        Binding("g", "page_edge(0)", "top", show=False),
        Binding("G", "page_edge(1)", "bottom", show=False),
    ]

    def action_back(self) -> None:
        """Return to the screen below."""
        self.app.pop_screen()

    def action_page_by(self, rows: int) -> None:
        """Scroll a page of text, where this screen is one."""
        for page in self.query("#page"):
            page.scroll_relative(y=rows, animate=False)

    def action_page_edge(self, end: int) -> None:
        """Its first or its last line."""
        for page in self.query("#page"):
            page.scroll_to(y=page.max_scroll_y if end else 0, animate=False)

    def action_help(self) -> None:
        """Every key and what it does."""
        from hubtui.screens.help import HelpScreen

        if not isinstance(self, HelpScreen):
            self.app.push_screen(HelpScreen(self.desk))
