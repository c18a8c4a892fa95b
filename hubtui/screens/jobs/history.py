"""The jobs of this host, newest first: all, or those of one project; all states, or some; as many as there are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer

from hubtui import models
from hubtui.errors import StoreError, UsageError
from hubtui.models import Job, JobState, JobType
from hubtui.screens.base import SubScreen
from hubtui.screens.desk import Desk
from hubtui.screens.jobs.filter import JobFilter
from hubtui.screens.jobs.pages import JobPages
from hubtui.screens.reading import Reading
from hubtui.store.history import Wanted
from hubtui.widgets.jobs.rows import JobRows
from hubtui.widgets.jobs.table import choices, count_words, job_head, job_row, jobs_title, nothing, typing_title
from hubtui.widgets.key_bar import Hint
from hubtui.widgets.plain import EMPTY, Plain, Vanishing
from hubtui.widgets.row_list import RowList

SETTLE = 0.3  # seconds: news in quick succession are read once
TICK = 1.0  # while a job in sight is under way, its clock moves


class HistoryScreen(SubScreen):
    """Begins with the jobs of `project`. What is read goes one after the other, so that pages never get mixed up."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # before all other keys: what is typed right after / are its letters
        Binding("slash", "filter", "filter", show=False, priority=True),
        Binding("p", "scope", "this project or all", show=False),
        Binding("f", "kind", "all, active, failed, done, cancelled", show=False),
        Binding("t", "type", "all types, or one", show=False),
        Binding("s,tab", "statistics", "statistics", show=False),
        Binding("r", "again", "run again", show=False),
        Binding("c", "cancel", "cancel", show=False),
        Binding("escape", "drop_or_back", "back", show=False),
        Binding("question_mark", "help", "help", show=False),
    ]

    def __init__(self, desk: Desk, project: str) -> None:
        super().__init__(desk)
        self.filter = JobFilter(project)
        self.rows = JobRows(self._line)
        self._title, self._head = Plain(classes="screen-title"), Plain(classes="table-head")
        self._choices, self._empty = Plain(classes="table-head"), Vanishing()
        self._reading = Reading(desk.home)
        self._pages = JobPages(self._reading)
        self._turn = asyncio.Lock()
        self._news: Timer | None = None
        self._wrong = ""

    def _line(self, job: Job, width: int) -> Content:
        return job_row(job, models.now(), width, named=self._named)

    @property
    def _named(self) -> bool:
        return self.filter.all_projects and not self._pages.wanted.project

    def body(self) -> ComposeResult:
        yield self._title
        yield self._choices
        yield self._head
        yield self._empty
        yield self.rows

    def on_mount(self) -> None:
        super().on_mount()
        self.rows.focus()
        self.desk.changed.subscribe(self, lambda _: self._hear())
        self.set_interval(TICK, self._tick)
        self._begin()

    def redraw(self) -> None:
        self._draw()

    async def on_unmount(self) -> None:
        async with self._turn:
            await self._reading.close()

    # Reading, one thing after the other

    def _begin(self) -> None:
        """From the newest on, with the filter as it is now."""

        async def read() -> int:
            await self._newest()
            return 0

        self._read(read)

    def _wanted(self) -> Wanted:
        return self.filter.wanted([project.name for project in self.desk.projects])

    async def _newest(self) -> None:
        wanted = self._wanted()
        await self._pages.newest(wanted, self.filter.scope(wanted))

    def _read(self, work: Callable[[], Awaitable[int | None]]) -> None:
        """Carry out `work`, which changes the pages; it returns where the cursor goes, None: it stays."""
        self.run_worker(self._in_turn(work), name="jobs", group="jobs", exit_on_error=False)

    async def _in_turn(self, work: Callable[[], Awaitable[int | None]]) -> None:
        async with self._turn:
            if not self.is_attached:
                return
            try:
                cursor = await work()
                self._wrong = ""
            except UsageError as error:
                cursor, self._wrong = None, f"{error.message} {error.hint}"
            except StoreError as error:
                self.tell(error.message, error.hint, severity="error")
                return
            self.rows.show(self._pages.rows)
            if cursor is not None:
                self.rows.cursor = cursor
                self.rows.keep_in_sight()
            self._draw()

    def _hear(self) -> None:
        """Something changed somewhere: look in a moment."""
        if self._news is None and self.is_current:
            self._news = self.set_timer(SETTLE, self._look)

    def on_screen_resume(self) -> None:
        self._hear()

    def _look(self) -> None:
        self._news = None

        async def read() -> None:
            job = self.rows.current
            await self._pages.refresh(self._wanted(), job.id if job is not None else None)

        self._read(read)

    @on(JobRows.Near)
    def _near(self) -> None:
        pages, rows = self._pages, self.rows

        async def read() -> None:  # where an end is still near, when it is this one's turn
            if rows.near_last and pages.has_older:
                await pages.older()
            elif rows.near_first and pages.has_newer:
                await pages.newer()

        if (rows.near_last and pages.has_older) or (rows.near_first and pages.has_newer):
            self._read(read)

    @on(JobRows.Edge)
    def _edge(self, event: JobRows.Edge) -> None:
        async def read() -> int:
            if event.end and self._pages.has_older:
                await self._pages.oldest()
            elif not event.end and self._pages.has_newer:
                await self._newest()
            return len(self._pages.rows) - 1 if event.end else 0

        self._read(read)

    # Drawing

    def _tick(self) -> None:
        top, height = self.rows.scroll_offset.y, self.rows.size.height
        if any(not job.finished for job in self.rows.items[top : top + height]):
            self.rows.repaint()

    def _draw(self) -> None:
        width = self._title.content_size.width
        if not width:
            return
        whose = "all projects" if self.filter.all_projects else self._pages.wanted.project or self.filter.project
        count = self._wrong or count_words(self._pages.matching, self._pages.total)
        if self.rows.typing:
            self._title.show(typing_title(self.rows.needle, self._wrong, count, width))
        else:
            self._title.show(jobs_title(whose, self.filter.words, count, width))
        self._choices.show(choices(self.filter.kind, str(self.filter.type or ""), width))
        self._head.show(job_head(width, named=self._named))
        self._empty.show(nothing(filtered=bool(self.filter.words)) if not self.rows.items else EMPTY)
        self.keys.set_hints(self.hints())

    def hints(self) -> list[Hint]:
        job = self.rows.current
        again = job is not None and (job.finished or job.state is JobState.RETRY)
        return [
            Hint("open", "enter", "open", job is not None),
            Hint("again", "r", "again", again),
            Hint("cancel", "c", "cancel", job is not None and not job.finished),
            Hint("scope", "p", "one project" if self.filter.all_projects else "all projects"),
            Hint("statistics", "s", "statistics"),
            Hint("help", "?", "help"),
            Hint("back", "esc", "show all" if self.filter.words else "back"),
        ]

    # Keys

    def action_scope(self) -> None:
        self.filter.all_projects = not self.filter.all_projects
        self._begin()

    def action_kind(self) -> None:
        self.filter.next_kind()
        self._begin()

    def action_type(self) -> None:
        self.filter.next_type()
        self._begin()

    def action_filter(self) -> None:
        self.rows.type_filter()

    @on(JobRows.Typed)
    def _typed(self) -> None:
        self.filter.needle = self.rows.needle
        self._begin()

    def action_drop_or_back(self) -> None:
        """Drop the filter; without one, back to the dashboard."""
        if not self.filter.words:
            self.action_back()
            return
        self.filter.drop()
        self.rows.drop_filter()

    def action_statistics(self) -> None:
        from hubtui.screens.jobs.statistics import StatisticsScreen

        self.app.push_screen(StatisticsScreen(self.desk, self._show_kind))

    def _show_kind(self, project: str, type: JobType) -> None:  # noqa: A002
        """The jobs that a row of the statistics counts."""
        self.filter = JobFilter(project, type=type)
        self.rows.drop_filter()

    def action_again(self) -> None:
        job = self.rows.current
        if job is None:
            return
        if job.state is JobState.RETRY:
            self.desk.orchestrator.retry_now(job.project, job.id)
            return
        if not job.finished:
            self.tell(f"{job.type} #{job.id} is still {job.state}.", "c ends it.", severity="warning")
            return
        self.desk.orchestrator.retry(job.project, job.id)

    def action_cancel(self) -> None:
        job = self.rows.current
        if job is None or job.finished:
            self.tell("This job has ended.", "r runs it again." if job else "", severity="warning")
            return
        self.desk.orchestrator.cancel(job.project, job.id)

    def action_open(self) -> None:
        self.rows.action_open()

    @on(RowList.Moved)
    def _moved(self) -> None:
        self.keys.set_hints(self.hints())

    @on(RowList.Opened)
    def _opened(self, event: RowList.Opened) -> None:
        from hubtui.screens.jobs.job import JobScreen

        if event.key is not None:
            self.app.push_screen(JobScreen(self.desk, int(event.key)))
