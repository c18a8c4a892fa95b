"""One job whole: what was asked, by whom and when, its attempts, every step, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from hubtui import models
from hubtui.errors import StoreError
from hubtui.models import Attempt, Job, Step
from hubtui.screens.base import SubScreen
from hubtui.screens.desk import Desk
from hubtui.screens.reading import Reading
from hubtui.store import jobs, steps
from hubtui.widgets.key_bar import Hint
from hubtui.widgets.plain import DIM, EMPTY, Plain, fit, joined, lines, plain, said
from hubtui.widgets.presentation import Trouble, card, job_line
from hubtui.widgets.steps import tree_lines
from hubtui.widgets.words import job_style, took


def job_page(job: Job, tried: Sequence[Attempt], done: Sequence[Step], now: datetime, width: int) -> Content:
    """The page, as wide as there is room."""
    rows = [joined([plain(f"{job.type} #{job.id}", "bold"), said(str(job.state), job_style(job.state))])]
    if not job.finished:
        rows = [job_line(job, now, width)]
    rows += [plain(job.message, DIM), EMPTY, *_facts(job)]
    if job.error is not None:
        rows += [
            EMPTY,
            card(Trouble(job.error.kind.replace("_", " "), job.error.message, job.error.hint, ()), "", width),
        ]
    if done:
        rows += [EMPTY, said("STEPS", DIM), *tree_lines(done, now, width)]
    if len(tried) > 1:
        rows += [EMPTY, said("ATTEMPTS", DIM), *(_attempt(a, width) for a in tried)]
    return lines(rows)


def _facts(job: Job) -> list[Content]:
    what = ", ".join(job.services) or "the whole stack"
    facts = [
        ("of", f"{job.project}: {what}" + (f" with {', '.join(job.profiles)}" if job.profiles else "")),
        ("asked", f"{_clock(job.created_at)} by {job.requested_by} at {job.host}"),
        ("began", _clock(job.started_at)),
        ("ended", _clock(job.finished_at)),
        ("took", took(job.started_at, job.finished_at)),
        ("run", f"{job.run}" if job.run is not None else ""),
        ("result", job.result or ""),
    ]
    return [Content.assemble(fit(said(name, DIM), 8), plain(told)) for name, told in facts if told]


def _clock(time: datetime | None) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}" if time is not None else ""


def _attempt(attempt: Attempt, width: int) -> Content:
    time = took(attempt.started_at, attempt.finished_at)
    return fit(
        joined(
            [
                said(f"  {attempt.number}"),
                said(str(attempt.state), job_style(attempt.state)),
                said(time, DIM),
                plain(attempt.message, DIM),
            ]
        ),
        width,
    )


class JobScreen(SubScreen):
    """Keeps up with its job while that goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "cancel", "cancel", show=False),
        Binding("l", "logs", "logs", show=False),
        Binding("question_mark", "help", "help", show=False),
    ]

    def __init__(self, desk: Desk, job: int) -> None:
        super().__init__(desk)
        self.job_id = job
        self.job: Job | None = None
        self._attempts: list[Attempt] = []
        self._steps: list[Step] = []
        self._title, self._page = Plain(classes="screen-title"), Plain(classes="wrapping")
        self._reading = Reading(desk.home)

    def body(self) -> ComposeResult:
        yield self._title
        with VerticalScroll(id="page"):
            yield self._page

    def on_mount(self) -> None:
        super().on_mount()
        self.desk.changed.subscribe(self, self._on_changed)
        self.set_interval(1.0, self._tick)
        self._reload()

    async def on_unmount(self) -> None:
        await self._reading.close()

    def on_resize(self) -> None:
        self._draw()

    def _tick(self) -> None:
        if self.job is not None and not self.job.finished:
            self._draw()

    def _on_changed(self, name: str | None) -> None:
        if self.job is None or name is None or (name == self.job.project and not self.job.finished):
            self._reload()

    def _reload(self) -> None:
        self.run_worker(self._load(), name="job", group="job", exclusive=True, exit_on_error=False)

    async def _load(self) -> None:
        try:
            self.job = await self._reading.first(jobs.ONE, self.job_id)
            self._attempts = await self._reading.all(jobs.ATTEMPTS, self.job_id)
            self._steps = await self._reading.all(steps.OF_JOB, self.job_id)
        except StoreError as error:
            self.tell(error.message, error.hint, severity="error")
            return
        self.keys.set_hints(self.hints())
        self._draw()

    def _draw(self) -> None:
        width = self._page.content_size.width
        if self.job is None or not width:
            return
        self._title.show(joined([plain(self.job.project, "bold"), said(f"job #{self.job_id}", DIM)]))
        self._page.show(job_page(self.job, self._attempts, self._steps, models.now(), width))

    def hints(self) -> list[Hint]:
        going_on = self.job is not None and not self.job.finished
        return [
            Hint("cancel", "c", "cancel", going_on),
            Hint("logs", "l", "logs"),
            Hint("help", "?", "help"),
            Hint("back", "esc", "back"),
        ]

    def action_cancel(self) -> None:
        if self.job is not None and not self.job.finished:
            self.desk.orchestrator.cancel(self.job.project, self.job.id)
        else:
            self.tell("This job has ended.", severity="warning")

    def action_logs(self) -> None:
        from hubtui.screens.logs import LogsScreen

        if self.job is not None:
            self.app.push_screen(LogsScreen(self.desk, self.job.project, None))
