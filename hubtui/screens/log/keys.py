"""The keys of a log view, from the table of commands: bindings, and what the last line says."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding

from hubtui.commands import LOG_KEYS
from hubtui.widgets.key_bar import Hint

LOG_BINDINGS = [
    *(Binding(k.keys, k.action, k.label, show=False, priority=k.first) for k in LOG_KEYS),
    Binding("question_mark", "keys", "help", show=False),
]


def log_hints(own: Sequence[Hint] = ()) -> list[Hint]:
    """What the last line says of a log, with the screen's own among it."""
    hints = [Hint("follow", "G", "end", press="G"), *own]
    hints += [Hint(k.action, k.key, k.label, press=k.keys.split(",")[0]) for k in LOG_KEYS if k.help]
    return [*hints, Hint("help", "?", "help", press="question_mark")]
