"""The jobs of a project, or of all, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from hubtui import models
from hubtui.errors import StoreError
from hubtui.models import Job
from hubtui.screens.base import SubScreen
from hubtui.screens.desk import Desk
from hubtui.screens.reading import Reading
from hubtui.store import jobs
from hubtui.widgets.key_bar import Hint
from hubtui.widgets.plain import DIM, Plain, fit, joined, plain, right, said
from hubtui.widgets.row_list import RowList
from hubtui.widgets.words import age, elapsed, job_style, took

SHOWN = 500


def history_row(job: Job, now: datetime, width: int, *, named: bool) -> Content:
    """`#42  start  SUCCESS  12 s  5m ago  root on pts/1`; what went wrong where something did."""
    if job.finished:
        time = took(job.started_at, job.finished_at)
    else:
        time = elapsed((now - job.started_at).total_seconds()) if job.started_at else ""
    who = plain(job.requested_by, DIM)
    sentence = plain(job.error.message if job.error else job.message, "$text-error" if job.error else DIM)
    parts = [
        right(said(f"#{job.id}", "bold"), 6),
        fit(plain(job.project), 14) if named else said(""),
        fit(plain(" ".join([str(job.type), *job.services])), 12),
        fit(said(str(job.state), job_style(job.state)), 8),
        right(said(time), 7),
        right(said(age(job.created_at, now)), 6),
        fit(sentence, max(width - (62 if named else 46) - (22 if width >= 100 else 0), 8)),
        who if width >= 100 else said(""),
    ]
    return fit(joined(parts, " "), width)


def history_head(width: int, *, named: bool) -> Content:
    """The names of its columns."""
    parts = [right(said("JOB"), 6), fit(said("PROJECT"), 14) if named else said("")]
    parts += [fit(said("TYPE"), 12), fit(said("STATE"), 8), right(said("TOOK"), 7), right(said("AGO"), 6), said("SAID")]
    return fit(joined(parts, " ").stylize(DIM), width)


def _count(shown: int) -> str:
    if shown >= SHOWN:
        return f"the newest {SHOWN}"
    return f"{shown} jobs" if shown > 1 else "one job" if shown else "no jobs yet"


class HistoryScreen(SubScreen):
    """Enter opens a job whole; p switches between this project's jobs and all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "scope", "this project or all", show=False),
        Binding("question_mark", "help", "help", show=False),
    ]

    def __init__(self, desk: Desk, project: str) -> None:
        super().__init__(desk)
        self.project = project
        self.all_projects = False
        self.rows: RowList[Job] = RowList(self._line, lambda job: str(job.id), id="jobs")
        self._title, self._head = Plain(classes="screen-title"), Plain(classes="table-head")
        self._reading = Reading(desk.home)

    def _line(self, job: Job, width: int) -> Content:
        return history_row(job, models.now(), width, named=self.all_projects)

    def body(self) -> ComposeResult:
        yield self._title
        yield self._head
        yield self.rows

    def on_mount(self) -> None:
        super().on_mount()
        self.rows.focus()
        self.desk.changed.subscribe(self, lambda _: self._reload())
        self._reload()

    def on_resize(self) -> None:
        self._draw()

    async def on_unmount(self) -> None:
        await self._reading.close()

    def _reload(self) -> None:
        self.run_worker(self._load(), name="history", group="history", exclusive=True, exit_on_error=False)

    async def _load(self) -> None:
        try:
            if self.all_projects:
                found = await self._reading.all(jobs.NEWEST, SHOWN)
            else:
                found = await self._reading.all(jobs.NEWEST_OF_PROJECT, self.project, SHOWN)
        except StoreError as error:
            self.tell(error.message, error.hint, severity="error")
            return
        self.rows.show(found)
        self._draw()

    def _draw(self) -> None:
        whose = said("all projects", "bold") if self.all_projects else plain(self.project, "bold")
        self._title.show(joined([whose, said("history", DIM), said(_count(len(self.rows.items)), DIM)]))
        width = self._head.content_size.width
        if width:
            self._head.show(history_head(width, named=self.all_projects))

    def hints(self) -> list[Hint]:
        return [
            Hint("open", "enter", "open the job"),
            Hint("scope", "p", "this project / all"),
            Hint("help", "?", "help"),
            Hint("back", "esc", "back"),
        ]

    def action_scope(self) -> None:
        self.all_projects = not self.all_projects
        self._reload()

    def action_open(self) -> None:
        self.rows.action_open()

    @on(RowList.Opened)
    def _opened(self, event: RowList.Opened) -> None:
        from hubtui.screens.job import JobScreen

        if event.key is not None:
            self.app.push_screen(JobScreen(self.desk, int(event.key)))
