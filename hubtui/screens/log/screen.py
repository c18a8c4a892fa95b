"""The log of a service, of several or of all merged by time, on the whole screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from hubtui.logs.lines import Lines
from hubtui.paths import Home
from hubtui.screens.base import SubScreen
from hubtui.screens.desk import Desk
from hubtui.screens.log.keys import log_hints
from hubtui.screens.log.panel import LogPanel
from hubtui.widgets.key_bar import Hint
from hubtui.widgets.log.picker import picker, whose
from hubtui.widgets.plain import DIM, Plain, joined, plain, said

SERVICE_KEYS = (
    ("0", "All services, merged by time; 1 to 9 one of them."),
    ("[ ] tab", "The service before, the next one."),
    ("s", "Choose which services are merged."),
    ("esc", "Back."),
)


class LogsScreen(SubScreen):
    """Begins with one service, or all (None); digits, brackets and a chooser change which."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"pick({n})", "service", show=False) for n in range(10)),
        Binding("right_square_bracket,tab", "turn(1)", "next service", show=False),
        Binding("left_square_bracket,shift+tab", "turn(-1)", "service before", show=False),
        Binding("s", "choose", "services", show=False),
    ]

    def __init__(self, desk: Desk, project: str, service: str | None) -> None:
        super().__init__(desk)
        self.project = project
        self.chosen: tuple[str, ...] = (service,) if service is not None else ()
        self._picker = Plain(id="picker")
        self.panel = LogPanel(below_title=self._picker, more_keys=SERVICE_KEYS)
        self.panel.view.look(times="clock")

    @property
    def services(self) -> tuple[str, ...]:
        """All of the project's services."""
        view = self.desk.view(self.project)
        return tuple(s.name for s in view.services) if view is not None else ()

    def body(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        super().on_mount()
        self.desk.tail.rest()
        self._watch()

    def _watch(self) -> None:
        names = self.chosen or self.services
        home, project = self.desk.home, self.project
        heading = joined([plain(project, "bold"), said("log", DIM), whose(self.chosen)])
        self._picker.show(picker(self.services, self.chosen))
        self.panel.show(lambda: open_services(home, project, names), heading)

    def hints(self) -> list[Hint]:
        own = [Hint("choose", "0-9 s", "services", press="s")]
        return [*log_hints(own), Hint("back", "esc", "back")]

    def action_back(self) -> None:
        """Return to the screen below; what is being written asks for a second word."""
        if self.panel.writing.may_end():
            super().action_back()

    def action_pick(self, number: int) -> None:
        """0 is all of them, merged."""
        if number <= len(self.services):
            self._choose((self.services[number - 1],) if number else ())

    def action_turn(self, by: int) -> None:
        """The next service; all of them stand between the last and the first."""
        ring = [(), *((name,) for name in self.services)]
        at = ring.index(self.chosen) if self.chosen in ring else 0
        self._choose(ring[(at + by) % len(ring)])

    def action_choose(self) -> None:
        """Any of them, merged."""
        from hubtui.screens.log.choose_services import LogServices

        self.app.push_screen(LogServices(self.services, self.chosen or self.services), self._chosen)

    def _chosen(self, names: tuple[str, ...] | None) -> None:
        if names is not None:
            self._choose(() if names == self.services else names)

    def _choose(self, names: tuple[str, ...]) -> None:
        if names != self.chosen:
            self.chosen = names
            self._watch()


def open_services(home: Home, project: str, names: Sequence[str]) -> Lines:
    """Their logs, merged where they are several. Raises OSError."""
    from hubtui.logs.opening import merge_lines, service_lines
    from hubtui.stacks.logfiles import service_folder

    logs = home.logs(project)
    return merge_lines([service_lines(service_folder(logs, name), name) for name in names])
