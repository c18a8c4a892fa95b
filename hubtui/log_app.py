"""`hubtui view`: the log view on any file, as an app of its own that starts at once and knows of no project."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.worker import Worker, WorkerState

from hubtui.logs.lines import Lines
from hubtui.safetext import safe_text
from hubtui.screens.keys_in_order import KeysInOrder
from hubtui.screens.log.keys import log_hints
from hubtui.screens.log.panel import LogPanel
from hubtui.screens.stylesheet import stylesheet
from hubtui.widgets.key_bar import Hint, KeyBar
from hubtui.widgets.plain import DIM, joined, plain, said


class LogApp(KeysInOrder):
    """One log view on these files, merged by time where they are several."""

    TITLE = "hubtui view"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "quit", "leave", show=False)]
    CSS_PATH = stylesheet()

    def __init__(self, files: Sequence[Path], pipe: int | None = None) -> None:
        super().__init__()
        self._files, self._pipe = files, pipe
        self._panel = LogPanel()

    def compose(self) -> ComposeResult:
        yield self._panel
        yield KeyBar([*log_hints(), Hint("quit", "q", "leave", press="q")])

    def on_load(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            try:
                asyncio.get_running_loop().add_signal_handler(number, self.exit)
            except (RuntimeError, ValueError, NotImplementedError):
                pass  # not in the main thread: a test

    def on_ready(self) -> None:
        gc.freeze()
        gc.enable()

    def on_mount(self) -> None:
        self._panel.show(
            self._open, _heading([file.name for file in self._files] + (["stdin"] if self._pipe is not None else []))
        )

    def _open(self) -> Lines:
        from hubtui.logs.opening import merge_lines, open_lines, pipe_lines

        opened = [open_lines(self._files)] if self._files else []
        if self._pipe is not None:
            opened.append(pipe_lines(self._pipe, "stdin"))
        return merge_lines(opened)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A thread that dies would leave the screen standing still without a word."""
        if event.state is WorkerState.ERROR:
            told = f"{event.worker.name} stopped: {type(event.worker.error).__name__}: {event.worker.error}"
            self.notify(safe_text(told), severity="error", markup=False, timeout=30)

    async def action_quit(self) -> None:
        """Leave; what is being written asks for a second word."""
        if self._panel.writing.may_end():
            self.exit()

    def action_help_quit(self) -> None:
        """Ctrl-C."""
        self.notify("Press q to leave.", markup=False)

    def _set_pointer_shape(self, shape: str) -> None:
        """Leave the mouse pointer as it is: Textual would send OSC 22, which ends in a BEL that old terminals ring."""


def _heading(names: Sequence[str]) -> Content:
    more = said(f"and {len(names) - 4} more" if len(names) > 4 else "", DIM)
    return joined([*(plain(name, "bold") for name in names[:4]), more])


def run_view(files: Sequence[Path], pipe: int | None = None) -> int:
    """Show these files, and what comes through this descriptor, until the user leaves; returns the exit code."""
    app = LogApp(files, pipe)
    app.run()
    return app.return_code or 0
