"""A field for one line that comes and goes: it takes keys in the order they are pressed, however quickly they come."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.widgets import Input


class LineField(Input):
    """`entered` is called with enter. Keys that reach it after it has given the focus away are pressed again, so that
    they reach what has the focus now."""

    def __init__(self, entered: Callable[[], None]) -> None:
        super().__init__(compact=True)
        self._entered = entered
        self.cursor_blink = False  # it would keep a terminal over a slow line busy

    async def action_submit(self) -> None:
        self._entered()

    async def _on_key(self, event: events.Key) -> None:
        if self.has_focus:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        self.app.post_message(events.Key(event.key, event.character))
