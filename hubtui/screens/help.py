"""Every key and what it does, from the table of commands."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from hubtui.commands import COMMANDS, log_keys
from hubtui.screens.base import SubScreen
from hubtui.screens.desk import Desk
from hubtui.widgets.key_bar import Hint, key_name
from hubtui.widgets.plain import DIM, EMPTY, Plain, fit, lines, said

_MOVING = (
    ("j k ↑ ↓", "Move the cursor; g and G go to the first and the last."),
    ("tab", "From the list to the services to the log, and around."),
    ("enter", "On a project: its services. On a service: its log."),
    ("esc", "Back; in the list, drop the filter."),
    ("^p", "Find a command by its name."),
)
_JOBS = (
    ("f t", "Of which kind: all, active, failed, done, cancelled; of which type."),
    ("/", "Find: a project, a state, a type, since:2h, or any text; words narrow it together."),
    ("p", "The jobs of this project, or of all."),
    ("r c", "Do the job under the cursor again; end it."),
    ("s", "Statistics: how often each operation failed, and how long it took."),
)
_JOB = (
    ("w", "Its steps as a tree, or as a waterfall with the critical chain."),
    ("[ ]", "The steps of an earlier or of a later try."),
    ("W", "Give it as much time again where it seems stuck."),
)
_SIGNS = (
    ("●", "$text-success", "up, and as healthy as its checks can tell"),
    ("◐", "$text-warning", "on its way, or not all of it healthy"),
    ("◌", "$text-warning", "queued: a job waits for its runner, for a slot, or for its next try"),
    ("!", "$text-warning", "stuck?: a job has given no sign of progress for long"),
    ("○", "$text-muted", "stopped"),
    ("✗", "$text-error", "failed, or lost: its runner was killed"),
    ("?", "$text-error", "unresponsive: its runner lives but does not answer"),
)


def help_text(width: int) -> Content:
    """The page, in lines of `width` cells."""
    rows = [said("COMMANDS", DIM)]
    rows += [row for c in COMMANDS for row in _rows(key_name(c.key), c.label, c.help, width)]
    rows += [EMPTY, said("MOVING", DIM)]
    rows += [row for key, told in _MOVING for row in _rows(key, "", told, width)]
    rows += [EMPTY, said("AMONG THE JOBS (h)", DIM)]
    rows += [row for key, told in _JOBS for row in _rows(key, "", told, width)]
    rows += [EMPTY, said("ON A JOB'S PAGE", DIM)]
    rows += [row for key, told in _JOB for row in _rows(key, "", told, width)]
    rows += [EMPTY, said("IN A LOG (l)", DIM)]
    rows += [row for key, told in log_keys() for row in _rows(key, "", told, width)]
    rows += [EMPTY, said("SIGNS", DIM)]
    rows += [Content.assemble("  ", fit(said(glyph, style), 10), told) for glyph, style, told in _SIGNS]
    leaving = said("Leaving stops nothing: jobs and stacks belong to their runners, not to this screen.", DIM)
    return lines([*rows, EMPTY, *leaving.wrap(max(width, 20))])


def _rows(key: str, label: str, told: str, width: int) -> list[Content]:
    """A key, its command, and what it does, going on below its own beginning."""
    head = Content.assemble("  ", fit(said(key, "bold $text-accent"), 4 if label else 10))
    if label:
        head = Content.assemble(head, fit(said(label, "bold"), 17))
    parts = said(told).wrap(max(width - head.cell_length, 20))
    return [Content.assemble(head if i == 0 else " " * head.cell_length, part) for i, part in enumerate(parts)]


class HelpScreen(SubScreen):
    """One page that scrolls; the key that opened it closes it, too."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark", "back", "back", show=False)]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._page = Plain()

    def body(self) -> ComposeResult:
        yield Plain(said("hubtui  help", "bold"), classes="screen-title")
        with VerticalScroll(id="page"):
            yield self._page

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#page").focus()

    def redraw(self) -> None:
        self._page.show(help_text(self._page.size.width or self.size.width - 3))

    def hints(self) -> list[Hint]:
        return [Hint("back", "esc", "back"), Hint("quit_app", "^q", "leave (jobs go on)")]

    def action_quit_app(self) -> None:
        self.app.exit()
