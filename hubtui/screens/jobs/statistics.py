"""What the history comes to: each operation of each project with its counts and times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from hubtui import models
from hubtui.errors import StoreError
from hubtui.models import JobType
from hubtui.screens.base import SubScreen
from hubtui.screens.desk import Desk
from hubtui.screens.reading import Reading
from hubtui.store import statistics
from hubtui.store.query import stamp
from hubtui.store.statistics import Figures
from hubtui.widgets.jobs.statistics import figures_head, figures_row, overall_line
from hubtui.widgets.key_bar import Hint
from hubtui.widgets.plain import Plain, said
from hubtui.widgets.row_list import RowList

SETTLE = 2.0  # seconds between two readings: with 100,000 jobs one takes 0.15 s


class StatisticsScreen(SubScreen):
    """Enter goes back to the jobs, and shows those of the row; `choose` is told which."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s,tab", "back", "jobs", show=False),
        Binding("question_mark", "help", "help", show=False),
    ]

    def __init__(self, desk: Desk, choose: Callable[[str, JobType], None]) -> None:
        super().__init__(desk)
        self._choose = choose
        self.rows: RowList[Figures] = RowList(figures_row, lambda f: f"{f.project}/{f.type}", id="jobs")
        self._title, self._head = Plain(classes="screen-title"), Plain(classes="table-head")
        self._reading = Reading(desk.home)
        self._news: Timer | None = None
        self._overall = statistics.Overall(0, 0, 0)

    def body(self) -> ComposeResult:
        yield self._title
        yield self._head
        yield self.rows

    def on_mount(self) -> None:
        super().on_mount()
        self.rows.focus()
        self.desk.changed.subscribe(self, lambda _: self._hear())
        self._look()

    def redraw(self) -> None:
        self._draw()

    async def on_unmount(self) -> None:
        await self._reading.close()

    def _hear(self) -> None:
        if self._news is None:
            self._news = self.set_timer(SETTLE, self._look)

    def _look(self) -> None:
        self._news = None
        self.run_worker(self._load(), name="statistics", group="statistics", exclusive=True, exit_on_error=False)

    async def _load(self) -> None:
        hour_ago = stamp(models.now() - timedelta(hours=1))
        try:
            found = await self._reading.all(statistics.BY_KIND)
            overall = await self._reading.first(statistics.OVERALL, hour_ago)
        except StoreError as error:
            self.tell(error.message, error.hint, severity="error")
            return
        self._overall = overall or self._overall
        self.rows.show(found)
        self._draw()

    def _draw(self) -> None:
        width = self._head.content_size.width
        if width:
            self._title.show(overall_line(self._overall, width))
            empty = not self.rows.items
            self._head.show(said("No jobs yet.") if empty else figures_head(width))

    def hints(self) -> list[Hint]:
        return [
            Hint("open", "enter", "its jobs"),
            Hint("back", "s", "jobs"),
            Hint("help", "?", "help"),
            Hint("back", "esc", "back"),
        ]

    def action_open(self) -> None:
        self.rows.action_open()

    @on(RowList.Opened)
    def _opened(self) -> None:
        figures = self.rows.current
        if figures is not None:
            self.app.pop_screen()
            self._choose(figures.project, figures.type)
