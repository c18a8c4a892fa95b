"""Every key and what it does, from the table of commands."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from hubtui.commands import COMMANDS
from hubtui.screens.base import SubScreen
from hubtui.widgets.key_bar import Hint, key_name
from hubtui.widgets.plain import DIM, EMPTY, Plain, fit, lines, said

_MOVING = (
    ("j k ↑ ↓", "Move the cursor; g and G go to the first and the last."),
    ("tab", "From the list to the services to the log, and around."),
    ("enter", "On a project: its services. On a service: its log."),
    ("esc", "Back; in the list, drop the filter."),
    ("^p", "Find a command by its name."),
)
_SIGNS = (
    ("●", "$text-success", "up, and as healthy as its checks can tell"),
    ("◐", "$text-warning", "on its way, or not all of it healthy"),
    ("◌", "$text-warning", "queued: a job waits for its runner or for a slot"),
    ("○", "$text-muted", "stopped"),
    ("✗", "$text-error", "failed, or lost: its runner was killed"),
    ("?", "$text-error", "unresponsive: its runner lives but does not answer"),
)


def help_text() -> Content:
    """The page."""
    rows = [said("COMMANDS", DIM)]
    rows += [_row(key_name(c.key), c.label, c.help) for c in COMMANDS]
    rows += [EMPTY, said("MOVING", DIM)]
    rows += [_row(key, "", told) for key, told in _MOVING]
    rows += [EMPTY, said("SIGNS", DIM)]
    rows += [Content.assemble("  ", fit(said(glyph, style), 9), told) for glyph, style, told in _SIGNS]
    rows += [EMPTY, said("Leaving stops nothing: jobs and stacks belong to their runners, not to this screen.", DIM)]
    return lines(rows)


def _row(key: str, label: str, told: str) -> Content:
    name = fit(said(label, "bold"), 16) if label else EMPTY
    return Content.assemble("  ", fit(said(key, "bold $text-accent"), 9), name, told)


class HelpScreen(SubScreen):
    """One page that scrolls."""

    def body(self) -> ComposeResult:
        yield Plain(said("hubtui  help", "bold"), classes="screen-title")
        with VerticalScroll(id="page"):
            yield Plain(help_text(), classes="wrapping")

    def hints(self) -> list[Hint]:
        return [Hint("back", "esc", "back"), Hint("quit_app", "^q", "leave (jobs go on)")]

    def action_quit_app(self) -> None:
        self.app.exit()
