"""The last line of every screen: what can be pressed now. Each word can be clicked as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual import events
from textual.content import Content

from hubtui.commands import COMMANDS
from hubtui.widgets.plain import DIM, Plain, plain

KEY_NAMES = {"slash": "/", "question_mark": "?", "equals_sign": "=", "escape": "esc", "ctrl+p": "^p"}
_KEPT = ("help", "quit", "back", "leave_panel")  # never left out for want of room
_GOES_FIRST = ("filter", "history", "add")


@dataclass(frozen=True, slots=True)
class Hint:
    """A key, what it does, and whether that makes sense now. A click runs the screen's action, or presses `press`."""

    action: str
    key: str
    label: str
    useful: bool = True
    press: str = ""


def key_name(key: str) -> str:
    """A key as it is printed on a keyboard."""
    return KEY_NAMES.get(key, key)


def command_hints(useful: frozenset[str]) -> list[Hint]:
    """The footer of the dashboard, from the table of commands; what is asked for rarely comes when it makes sense."""
    return [
        Hint(c.id, key_name(c.key), "leave (jobs go on)" if c.id == "quit" else c.label, c.id in useful)
        for c in COMMANDS
        if c.footer or c.id in useful
    ]


_OF_SERVICE = ("restart_service", "stop_service", "logs", "copy_url")
_OF_ALL = ("start", "stop", "restart")


def service_hints(useful: frozenset[str]) -> list[Hint]:
    """The footer while the cursor is on a service: what is about that one first, and what is about all says so."""
    told = {hint.action: hint for hint in command_hints(useful) if hint.useful}
    first = [told.pop(name) for name in _OF_SERVICE if name in told]
    last = [Hint("leave_panel", "esc", "list"), told.pop("help"), replace(told.pop("quit"), label="leave")]
    rest = [replace(h, label=f"{h.label} all") if h.action in _OF_ALL else h for h in told.values()]
    return [*first, *rest, *last]


def fitting(hints: Sequence[Hint], width: int) -> list[Hint]:
    """Those that there is room for: what makes no sense now goes first, how to get help and how to leave never go."""
    kept = list(hints)
    spare = [h for h in reversed(kept) if not h.useful and h.action not in _KEPT]
    spare += [h for name in _GOES_FIRST for h in kept if h.action == name and h.useful]
    spare += [h for h in reversed(kept) if h.useful and h.action not in (*_KEPT, *_GOES_FIRST)]
    for hint in spare:
        if _length(kept) <= width:
            break
        kept.remove(hint)
    return kept


def _length(hints: Sequence[Hint]) -> int:
    return sum(len(h.key) + 1 + len(h.label) for h in hints) + 2 * (len(hints) - 1)


def bar_line(hints: Sequence[Hint]) -> Content:
    """The line itself."""
    parts: list[Content | str] = []
    for index, hint in enumerate(hints):
        style = ("bold $text-accent", "") if hint.useful else (DIM, DIM)
        parts += ["  " if index else "", plain(hint.key, style[0]), " ", plain(hint.label, style[1])]
    return Content.assemble(*parts)


class KeyBar(Plain):
    """Shows hints; a click on one runs its action on the screen."""

    def __init__(self, hints: Sequence[Hint] = ()) -> None:
        super().__init__(classes="key-bar")
        self._hints = list(hints)

    def set_hints(self, hints: Sequence[Hint]) -> None:
        """Show these."""
        self._hints = list(hints)
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self.size.width:
            self.show(bar_line(fitting(self._hints, self.content_size.width)))

    async def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is None:
            return
        start = 0
        for hint in fitting(self._hints, self.content_size.width):
            end = start + len(hint.key) + 1 + len(hint.label)
            if start <= at.x < end:
                if hint.press:
                    self.app.simulate_key(hint.press)
                else:
                    await self.screen.run_action(f"screen.{hint.action}")
                return
            start = end + 2
