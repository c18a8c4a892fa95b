"""A field for one line that comes and goes."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.widgets import Input


class LineField(Input):
    """`entered` is called with enter. Who closes the field gives the focus to something else."""

    def __init__(self, entered: Callable[[], None]) -> None:
        super().__init__(compact=True)
        self._entered = entered
        self.cursor_blink = False  # it would keep a terminal over a slow line busy

    async def action_submit(self) -> None:
        self._entered()

    def _on_hide(self, event: events.Hide) -> None:
        """It hears of having been closed when the screen is laid out; by then it may be open again, with the focus."""
        event.prevent_default()
