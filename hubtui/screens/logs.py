"""The log of a service, or of all of them merged by time, on the whole screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from hubtui.messages import LogArrived
from hubtui.screens.base import SubScreen
from hubtui.screens.desk import Desk
from hubtui.widgets.key_bar import Hint
from hubtui.widgets.log_tail import LIMIT, LogTail
from hubtui.widgets.plain import DIM, Plain, joined, plain, said, spread
from hubtui.widgets.words import size

KEY = "bold $text-accent"


def picker(services: tuple[str, ...], chosen: str | None) -> Content:
    """`0 all  1 store  2 api ...`, the chosen one marked."""
    names = [("0", "all", chosen is None)] + [(str(i), name, name == chosen) for i, name in enumerate(services, 1)]
    return joined(
        [
            Content.assemble((key if int(key) < 10 else " ", KEY), " ", plain(name, "bold reverse" if on else ""))
            for key, name, on in names
        ]
    )


class LogsScreen(SubScreen):
    """Follows the end until the user scrolls up, then says how much came since."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"pick({n})", "service", show=False) for n in range(10)),
        Binding("right,n,tab", "turn(1)", "next service", show=False),
        Binding("left,p,shift+tab", "turn(-1)", "previous service", show=False),
        Binding("f", "follow", "follow", show=False),
        Binding("w", "wrap", "wrap", show=False),
        Binding("t", "times", "times", show=False),
        Binding("question_mark", "help", "help", show=False),
    ]

    def __init__(self, desk: Desk, project: str, service: str | None) -> None:
        super().__init__(desk)
        self.project = project
        self.service = service
        self.log_tail = LogTail(id="full-log")
        self._title, self._picker = Plain(classes="screen-title"), Plain(id="picker")
        self._epoch = 0
        self._note = ""

    @property
    def services(self) -> tuple[str, ...]:
        """All of the project's services."""
        view = self.desk.view(self.project)
        return tuple(s.name for s in view.services) if view is not None else ()

    def body(self) -> ComposeResult:
        yield self._title
        yield self._picker
        yield self.log_tail

    def on_mount(self) -> None:
        super().on_mount()
        self.log_tail.clock = True
        self.log_tail.focus()
        self.desk.log.subscribe(self, self._on_log)

    def on_screen_resume(self) -> None:
        self._watch()

    def on_resize(self) -> None:
        self._draw()

    def _watch(self) -> None:
        names = (self.service,) if self.service is not None else self.services
        self._names = names
        self._note = ""
        self._epoch = self.desk.tail.watch(self.project, names, LIMIT)
        self._draw()

    _names: tuple[str, ...] = ()

    def _on_log(self, news: LogArrived) -> None:
        if news.epoch != self._epoch:
            return
        if news.fresh:
            self.log_tail.begin(self._names, news.lines)
        else:
            self.log_tail.append(news.lines)
        if news.skipped or news.trouble:
            self._note = news.trouble or f"{size(news.skipped)} came too fast to show; the file has them"
        self._draw()

    def on_log_tail_followed(self) -> None:
        self._draw()

    def _draw(self) -> None:
        tail = self.log_tail
        if tail.following:
            state = said("follow", "$text-success") if tail.lines else said("nothing was printed yet", DIM)
        else:
            told = f"+{tail.unseen:,} new lines, G to follow" if tail.unseen else "paused, G to follow"
            state = said(told, "$text-warning")
        end = joined([plain(self._note, DIM), said("wrap" if tail.wraps else "", DIM), state])
        whose = plain(self.service or "all services", "bold")
        width = self._title.content_size.width
        if width:
            self._title.show(spread(joined([plain(self.project, "bold"), said("log", DIM), whose]), end, width))
        self._picker.show(picker(self.services, self.service))

    def hints(self) -> list[Hint]:
        return [
            Hint("follow", "G", "follow"),
            Hint("top", "g", "top"),
            Hint("turn(1)", "n/p", "service"),
            Hint("pick(0)", "0", "all"),
            Hint("wrap", "w", "wrap"),
            Hint("times", "t", "times"),
            Hint("help", "?", "help"),
            Hint("back", "esc", "back"),
        ]

    def action_pick(self, number: int) -> None:
        """0 is all of them, merged."""
        if number <= len(self.services):
            self.service = self.services[number - 1] if number else None
            self._watch()

    def action_turn(self, by: int) -> None:
        """The next service; all of them stand between the last and the first."""
        ring = [None, *self.services]
        at = ring.index(self.service) if self.service in ring else 0
        self.service = ring[(at + by) % len(ring)]
        self._watch()

    def action_follow(self) -> None:
        if self.log_tail.following:
            self.log_tail.following = False
        else:
            self.log_tail.action_follow()
        self._draw()

    def action_top(self) -> None:
        self.log_tail.action_top()

    def action_wrap(self) -> None:
        self.log_tail.wraps = not self.log_tail.wraps
        self._draw()

    def action_times(self) -> None:
        self.log_tail.clock = not self.log_tail.clock
