"""Keys are handled one after the other, however quickly they come: over a slow line several come at once.

Textual forwards each key to what has the focus when it comes in, and handles bindings once the key has bubbled up
through the queues of all widgets above (App.on_event, App._on_key). So of `:12⏎m` the `m` would be typed into the field
that ⏎ is about to close, and what opens a dialog would lose the keys after it.
"""

from __future__ import annotations

import time
from collections import deque

from textual import events
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump

PATIENCE = 1.0  # seconds after which the next key is handled, whatever became of the one before


class KeysInOrder(App[None]):
    """Holds a key back until the one before it is through: handled by all it bubbles to, the screen that it has opened
    laid out and its focus set."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Event] = deque()
        self._current: events.Event | None = None
        self._since = 0.0

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if self._current is None or time.monotonic() > self._since + PATIENCE:
            await self._handle_next()

    async def _handle_next(self) -> None:
        event = self._current = self._typed.popleft()
        self._since = time.monotonic()
        first = self.focused or self.screen
        await super().on_event(event)
        self._follow(event, first if event.is_forwarded else self)

    def _follow(self, event: Message, node: MessagePump) -> None:
        """Hear of it when this node has handled what is in its queue now, the event included."""
        if not node.call_later(self._handled, event, node):
            self.call_later(self._go_on, event)

    def _handled(self, event: Message, node: MessagePump) -> None:
        if node is not self and node._parent is not None:
            self._follow(event, node._parent)
        elif not self.screen.call_later(self.call_later, self._go_on, event):  # a new screen mounts before that
            self.call_later(self._go_on, event)

    async def _go_on(self, event: Message) -> None:
        if event is self._current:
            self._current = None
            if self._typed:
                await self._handle_next()
