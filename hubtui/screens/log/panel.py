"""A log with all that belongs to reading it: the lines, what is said about them, search, filters, export."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from hubtui.errors import UsageError
from hubtui.logs.filters import Filters
from hubtui.logs.patterns import Pattern
from hubtui.messages import LogExported, LogHits, LogMarksGone, LogNote, LogOpened, LogTold, LogWhole
from hubtui.screens.log.goto import goal_of
from hubtui.screens.log.keys import LOG_BINDINGS
from hubtui.screens.log.marks import LogMarks
from hubtui.screens.log.search import LogSearch
from hubtui.screens.log.whole import ask_whole, show_whole
from hubtui.screens.log.writing import LogWriting
from hubtui.widgets.log.clock import Times
from hubtui.widgets.log.filter_rows import filter_line
from hubtui.widgets.log.prompt import LogPrompt
from hubtui.widgets.log.status import (
    empty_words,
    follow_words,
    looking_words,
    manner_words,
    place_words,
    search_words,
)
from hubtui.widgets.log.view import LogView
from hubtui.widgets.plain import DIM, EMPTY, Plain, Vanishing, joined, plain, said, spread
from hubtui.workers.log.reading import LogReading
from hubtui.workers.log.shape import shape_of
from hubtui.workers.log.wishes import Open

NOTED = 20.0  # seconds that a note about the files stands
TIMES: tuple[Times, ...] = ("off", "clock", "date", "relative")


class LogPanel(Vertical):
    """Its owner says what to read (`show`), and what that is called."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *LOG_BINDINGS,
        Binding("escape", "drop", "end the search", show=False),
    ]

    def __init__(self, *, below_title: Plain | None = None, more_keys: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(id="log-panel")
        self._heading = EMPTY
        self._below_title, self._more_keys = below_title, more_keys
        self.reading = LogReading(self.post_message)
        self.view = LogView(self.reading, id="full-log")
        self._title = Plain(classes="screen-title")
        self._filters = Vanishing(id="log-filters")
        self._told = Vanishing(id="log-told")
        self._prompt = LogPrompt(self._typed, self._left)
        self.search = LogSearch(self.view)
        self.marks = LogMarks(self.view)
        self.writing = LogWriting(self.view)
        self.filters, self.around = Filters(), 0
        self._note = EMPTY
        self._notes = 0
        self._unreadable = False

    def compose(self) -> ComposeResult:
        yield self._title
        if self._below_title is not None:
            yield self._below_title
        yield self._filters
        yield self.view
        yield self._told
        yield self._prompt

    def on_mount(self) -> None:
        self.view.focus()
        self.app.run_worker(
            self.reading.run, name="log", group="log", description="log", thread=True, exit_on_error=False
        )
        self.set_interval(1.0, self._tick)

    def on_unmount(self) -> None:
        self.reading.stop()

    def show(self, open_: Open, heading: Content) -> None:
        """Read these lines; `heading` says what they are."""
        self._heading = heading
        self._note, self._unreadable = EMPTY, False
        self.writing.drop()
        dropped = self.marks.begin()
        if dropped:
            self._say(dropped)
        self.reading.show(open_, shape_of(self.filters, self.around))
        self.view.begin()

    @on(LogTold)
    def _hear(self, message: LogTold) -> None:
        message.stop()
        if isinstance(message, LogNote):
            self._say(message.sentence, severe=message.severe)
            self.marks.check(message.sentence)
        elif isinstance(message, LogMarksGone):
            self._say(self.marks.hear(message) or self._note.plain)
        elif isinstance(message, LogOpened):
            self.view.look(sources=tuple(source.name for source in message.sources))
        elif isinstance(message, LogHits):
            self.search.hear(message)
        elif isinstance(message, LogWhole):
            show_whole(self.view, message)
        elif isinstance(message, LogExported):
            self._note = self.writing.hear(message)
        else:
            self.view.hear(message)
        self._draw()

    @on(LogView.Changed)
    def _draw(self) -> None:
        view = self.view
        width = self._title.content_size.width
        if not width:
            return
        where = place_words(view.stands, following=view.following)
        empty = view.opened and not view.page.lines
        view.nothing = empty_words(
            readable=not self._unreadable,
            opened=view.opened,
            looking=view.looking is not None,
            at_edges=view.page.at_start and view.page.at_end,
            filtered=self.filters.active,
        )
        state = follow_words(following=view.following, unseen=view.unseen, empty=empty)
        end = joined([said(where, DIM), said(manner_words(view.manner), DIM), state])
        self._title.show(spread(self._heading, end, width))
        self.search.locate()
        told = (
            search_words(self.search.state),
            looking_words(view.looking),
            said(view.told, "$text-warning"),
            self._note,
        )
        self._told.show(joined(told))

    def on_resize(self) -> None:
        self._draw()

    def _say(self, sentence: str, *, severe: bool = False) -> None:
        """What happened to the files, for a while; that they cannot be read until something else is said."""
        self._note = plain(sentence, "$text-error" if severe else "$text-warning")
        self._unreadable = severe
        self._notes += 1
        number = self._notes
        if not severe:
            self.set_timer(NOTED, lambda: self._unsay(number))

    def _unsay(self, number: int) -> None:
        if number == self._notes:
            self._note = EMPTY
            self._draw()

    # How lines are shown

    def action_wrap(self) -> None:
        self.view.look(wrap=not self.view.manner.wrap, left=0)

    def action_times(self) -> None:
        times = TIMES[(TIMES.index(self.view.manner.times) + 1) % len(TIMES)]
        self.view.look(times=times, now=time.time())

    def action_raw(self) -> None:
        self.view.look(readable=not self.view.manner.readable)

    def _tick(self) -> None:
        if self.view.manner.times == "relative":
            self.view.look(now=time.time())

    # One line

    async def action_detail(self) -> None:
        await self.view.arrived()
        ask_whole(self.view, "detail")

    async def action_copy(self) -> None:
        await self.view.arrived()
        ask_whole(self.view, "copy")

    def action_export(self) -> None:
        self.writing.ask(self._heading.plain, filtered=self.filters.active, marks=self.marks.all)

    # Marks

    async def action_mark(self) -> None:
        await self.view.arrived()
        self.marks.toggle()

    async def action_next_mark(self, back: bool) -> None:
        await self.view.arrived()
        self.marks.next(back=back)

    def action_unmark(self) -> None:
        self.marks.clear()

    # Search and going to

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While something is typed, its letters are letters; escape ends a search before it goes back."""
        if action == "drop":
            return self.search.pattern is not None
        return not (self._prompt.open and action in ("find", "go_to", "narrow"))

    def action_find(self) -> None:
        self.search.begin()
        before = self.search.pattern
        self._prompt.ask("search", "/", before.typed if before is not None else "")

    def action_go_to(self) -> None:
        self._prompt.ask("go", "go to", placeholder="12:04  10m ago  4711  50%")

    async def action_next(self, back: bool) -> None:
        await self.view.arrived()
        if not self.search.next(back=back):
            self.action_find()

    def action_drop(self) -> None:
        self.search.drop()
        self._draw()

    def _typed(self, kind: str, text: str, done: bool) -> None:
        try:
            if kind == "search":
                self.search.typed(text, regex=self._prompt.regex, case=self._prompt.case, done=done)
            elif done:
                {"go": self._go_to, "filter": self._narrow}[kind](text)
        except UsageError as error:
            self._prompt.fault(error.message)
            return
        self._prompt.fault("")
        if done:
            self._close_prompt()
        self._draw()

    def _go_to(self, text: str) -> None:
        goal = goal_of(text)
        if goal is not None:
            self.view.go(goal)

    def _narrow(self, text: str) -> None:
        if text:
            pattern = Pattern(text, regex=self._prompt.regex, case=self._prompt.case)
            self.filter(self.filters.add(pattern), self.around)

    def _left(self, kind: str) -> None:
        if kind == "search":
            self.search.give_up()
        self._close_prompt()
        self._draw()

    def _close_prompt(self) -> None:
        self._prompt.close()
        self.screen.set_focus(self.view)

    # Filters

    def action_narrow(self) -> None:
        self._prompt.ask("filter", "& only lines with", placeholder="text")

    def action_filters(self) -> None:
        from hubtui.screens.log.filters import LogFilters

        self.app.push_screen(LogFilters(self.filters, self.around, self.filter))

    def filter(self, filters: Filters, around: int) -> None:
        """Show what these leave, around the line under the cursor."""
        self.filters, self.around = filters, around
        self.reading.shape(shape_of(filters, around))
        self._filters.show(filter_line(filters, around))
        self.view.gaps = bool(around)
        self.view.stay_here()

    def action_keys(self) -> None:
        from hubtui.screens.log.help import LogHelp

        self.app.push_screen(LogHelp(self._more_keys))
