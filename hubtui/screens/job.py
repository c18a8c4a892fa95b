"""One job whole: what was asked, by whom and when, its attempts, every step, and what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from hubtui import models
from hubtui.errors import StoreError
from hubtui.models import Attempt, Job, LogLine, Step
from hubtui.paths import Home
from hubtui.screens.base import SubScreen
from hubtui.screens.desk import Desk
from hubtui.screens.reading import Reading
from hubtui.stacks.logfiles import LogReader, service_folder
from hubtui.store import jobs, steps
from hubtui.widgets.key_bar import Hint
from hubtui.widgets.log_tail import log_line
from hubtui.widgets.plain import DIM, EMPTY, Plain, fit, joined, lines, plain, said
from hubtui.widgets.presentation import Trouble, card, job_line
from hubtui.widgets.steps import failed_names, failed_step, tree_lines
from hubtui.widgets.words import job_style, took

WORDS = 8  # lines of a failed service's log


@dataclass(frozen=True, slots=True)
class Whole:
    """A job with all that belongs to it; `words` are the last lines of the service that failed."""

    job: Job
    attempts: Sequence[Attempt] = ()
    steps: Sequence[Step] = ()
    words: Sequence[LogLine] = ()


def job_page(whole: Whole, now: datetime, width: int) -> Content:
    """The page, as wide as there is room."""
    job = whole.job
    rows = [joined([plain(f"{job.type} #{job.id}", "bold"), said(str(job.state), job_style(job.state))])]
    if not job.finished:
        rows = [job_line(job, now, width)]
    rows += [plain(job.message, DIM), EMPTY, *_facts(job)]
    if job.error is not None:
        told = Trouble(job.error.kind.replace("_", " "), job.error.message, job.error.hint, ())
        rows += [EMPTY, card(told, failed_step(whole.steps), width)]
    if whole.words:
        rows += [EMPTY, Content.assemble(("LAST LINES OF ", DIM), plain(whole.words[0].service, "bold"))]
        rows += [fit(log_line(line, (), clock=True), width) for line in whole.words]
    if whole.steps:
        rows += [EMPTY, said("STEPS", DIM), *tree_lines(whole.steps, now, width)]
    if len(whole.attempts) > 1:
        rows += [EMPTY, said("ATTEMPTS", DIM), *(_attempt(a, width) for a in whole.attempts)]
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
        ("events", f"{job.events_dropped:,} events dropped: there were too many" if job.events_dropped else ""),
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


def last_words(home: Home, job: Job, done: Sequence[Step]) -> list[LogLine]:
    """What the service that failed said last, in the run of this job; nothing where no service is to blame."""
    folders = {name: service_folder(home.logs(job.project), name) for name in failed_names(done)}
    service = next((name for name, folder in folders.items() if folder.exists()), None)
    if job.error is None or service is None:
        return []
    try:
        lines, _ = LogReader(folders[service], service).tail(WORDS * 20)
    except OSError:
        return []
    return [line for line in lines if line.run in (job.run, None)][-WORDS:]


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
        self.whole: Whole | None = None
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

    @property
    def job(self) -> Job | None:
        """The job as it was read last."""
        return self.whole.job if self.whole is not None else None

    def _on_changed(self, name: str | None) -> None:
        if self.job is None or name is None or (name == self.job.project and not self.job.finished):
            self._reload()

    def _reload(self) -> None:
        self.run_worker(self._load(), name="job", group="job", exclusive=True, exit_on_error=False)

    async def _load(self) -> None:
        try:
            job = await self._reading.first(jobs.ONE, self.job_id)
            tried = await self._reading.all(jobs.ATTEMPTS, self.job_id)
            done = await self._reading.all(steps.OF_JOB, self.job_id)
        except StoreError as error:
            self.tell(error.message, error.hint, severity="error")
            return
        if job is None:
            self.tell(f"There is no job #{self.job_id} any more.", severity="warning")
            return
        words = await asyncio.to_thread(last_words, self.desk.home, job, done)
        self.whole = Whole(job, tried, done, words)
        self.keys.set_hints(self.hints())
        self._draw()

    def _draw(self) -> None:
        width = self._page.content_size.width
        if self.whole is None or not width:
            return
        self._title.show(joined([plain(self.whole.job.project, "bold"), said(f"job #{self.job_id}", DIM)]))
        self._page.show(job_page(self.whole, models.now(), width))

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
