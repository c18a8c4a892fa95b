"""Rows with a filter that is typed into them."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.message import Message

from hubtui.widgets.row_list import RowList

T = TypeVar("T")
LONGEST = 60


class TypedRows(RowList[T]):
    """A RowList that takes a filter; whoever hears `Typed` lists what it lets through.

    The filter is typed into this very widget: keys that come in one burst (`/api` and enter, pasted or sent by tmux)
    would still reach the list while a field of its own is being made, and act as commands.
    """

    needle = ""
    typing = False

    class Typed(Message):
        """The filter that is being typed, or has been: `going_on` says which."""

        def __init__(self, needle: str, going_on: bool) -> None:
            super().__init__()
            self.needle = needle
            self.going_on = going_on

    def type_filter(self) -> None:
        """From now on keys are letters of the filter, until enter keeps it or escape drops it."""
        self.screen.set_focus(self)  # at once: `focus()` would come after the keys that are on their way
        self._typed(self.needle, True)

    def drop_filter(self) -> None:
        """Show all again."""
        self._typed("", False)

    def _typed(self, needle: str, going_on: bool) -> None:
        self.needle, self.typing = needle[:LONGEST], going_on
        self.post_message(self.Typed(self.needle, going_on).set_sender(self))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return self.typing and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        if not self.typing:
            return
        if event.key in ("enter", "tab", "down", "up"):
            self._typed(self.needle.strip(), False)
            if event.key != "enter":
                return  # and does what it does in the list
        elif event.key == "escape":
            self._typed("", False)
        elif event.key in ("backspace", "ctrl+h"):
            self._typed(self.needle[:-1], bool(self.needle))
        elif event.key == "ctrl+u":
            self._typed("", True)
        elif event.is_printable and event.character is not None:
            self._typed(self.needle + event.character, True)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        if self.typing:
            event.stop()
            self._typed(self.needle + "".join(c for c in event.text if c.isprintable()), True)

    def on_blur(self) -> None:
        if self.typing:
            self._typed(self.needle, False)
        super().on_blur()
