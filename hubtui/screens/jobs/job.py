"""One job whole, kept up with while it goes on: its page, its waterfall, and the keys that go on from here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from hubtui import models
from hubtui.errors import StoreError
from hubtui.models import Job, JobState, LogLine, Step
from hubtui.paths import Home
from hubtui.screens.base import SubScreen
from hubtui.screens.desk import Desk
from hubtui.screens.reading import Reading
from hubtui.stacks.logfiles import LogReader, service_folder
from hubtui.store import jobs, lastgood, steps
from hubtui.widgets.jobs.page import Whole, job_page, waterfall_page
from hubtui.widgets.key_bar import Hint
from hubtui.widgets.plain import DIM, Plain, joined, plain, said
from hubtui.widgets.steps import failed_names
from hubtui.widgets.words import is_stuck

WORDS = 8  # lines of a failed service's log


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
    """Keeps up with its job while that goes on. Its steps are shown as a tree or as a waterfall."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "cancel", "cancel", show=False),
        Binding("t", "retry", "try again", show=False),
        Binding("n", "retry_now", "retry now", show=False),
        Binding("W", "be_patient", "wait on", show=False),
        Binding("r", "start_over", "restart", show=False),
        Binding("l", "logs", "logs", show=False),
        Binding("w", "waterfall", "waterfall", show=False),
        Binding("left_square_bracket,left", "attempt(-1)", "earlier try", show=False),
        Binding("right_square_bracket,right", "attempt(1)", "later try", show=False),
        Binding("question_mark", "help", "help", show=False),
    ]

    def __init__(self, desk: Desk, job: int) -> None:
        super().__init__(desk)
        self.job_id = job
        self.whole: Whole | None = None
        self.as_waterfall = False
        self.chosen: int | None = None  # an attempt; None: the last
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

    def redraw(self) -> None:
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
            found = await self._read()
        except StoreError as error:
            self.tell(error.message, error.hint, severity="error")
            return
        if found is None:
            self.tell(f"There is no job #{self.job_id} any more.", severity="warning")
            return
        words = await asyncio.to_thread(last_words, self.desk.home, found.job, found.steps)
        self.whole = replace(found, words=words)
        self._draw()

    async def _read(self) -> Whole | None:
        """All of the job that the store has. Raises StoreError."""
        job = await self._reading.first(jobs.ONE, self.job_id)
        if job is None:
            return None
        tried = await self._reading.all(jobs.ATTEMPTS, job.id)
        done = await self._reading.all(steps.OF_JOB, job.id)
        compared = await self._reading.first(lastgood.COMPARED_WITH, job.id)
        if self.whole is not None:  # what was before it stays as it was
            return replace(self.whole, job=job, attempts=tried, steps=done, compared=compared)
        good = await self._reading.first(lastgood.OF_ITS_KIND, job.id)
        before = await self._reading.all(steps.OF_LAST_ATTEMPT, good.id) if good is not None else ()
        return Whole(job, tried, done, (), compared, good, before)

    def _draw(self) -> None:
        self.keys.set_hints(self.hints())
        width = self._page.content_size.width
        if self.whole is None or not width:
            return
        self._title.show(joined([plain(self.whole.job.project, "bold"), said(f"job #{self.job_id}", DIM)]))
        page = waterfall_page if self.as_waterfall else job_page
        self._page.show(page(self.whole, models.now(), width, self.attempt))

    @property
    def attempt(self) -> int:
        """The number of the attempt whose steps are shown."""
        tries = self.whole.tries if self.whole is not None else []
        return self.chosen if self.chosen in tries and self.chosen is not None else tries[-1] if tries else 1

    def hints(self) -> list[Hint]:
        job = self.job
        over, going_on = job is not None and job.finished, job is not None and not job.finished
        tries = self.whole.tries if self.whole is not None else [self.attempt]
        waits, stuck = job is not None and job.state is JobState.RETRY and job.retry_at is not None, is_stuck(job)
        asked_for = [
            (Hint("retry_now", "n", "retry now"), waits),
            (Hint("cancel", "c", "give up" if waits else "cancel"), going_on),
            (Hint("start_over", "r", "restart"), stuck),
            (Hint("be_patient", "W", "wait on"), stuck),
            (Hint("retry", "t", "do again" if job and job.state is JobState.SUCCESS else "try again"), over),
            (Hint("logs", "l", "logs"), True),
            (Hint("waterfall", "w", "steps" if self.as_waterfall else "waterfall"), True),
            (Hint("attempt(-1)", "[", "earlier try"), self.attempt > min(tries, default=1)),
            (Hint("attempt(1)", "]", "later try"), self.attempt < max(tries, default=1)),
            (Hint("help", "?", "help"), True),
            (Hint("back", "esc", "back"), True),
        ]
        return [hint for hint, works in asked_for if works]

    def action_waterfall(self) -> None:
        self.as_waterfall = not self.as_waterfall
        self.action_page_edge(0)
        self._draw()

    def action_attempt(self, by: int) -> None:
        tries = self.whole.tries if self.whole is not None else []
        if len(tries) > 1:
            at = min(max(tries.index(self.attempt) + by, 0), len(tries) - 1)
            self.chosen = tries[at] if at < len(tries) - 1 else None
            self._draw()

    def action_cancel(self) -> None:
        if self.job is not None and not self.job.finished:
            self.desk.orchestrator.cancel(self.job.project, self.job.id)
        else:
            self.tell("This job has ended.", severity="warning")

    def action_retry(self) -> None:
        if self.job is not None and self.job.finished:
            self.desk.orchestrator.retry(self.job.project, self.job.id)
        else:
            self.tell("This job has not ended yet.", severity="warning")

    def action_retry_now(self) -> None:
        if self.job is not None and self.job.state is JobState.RETRY:
            self.desk.orchestrator.retry_now(self.job.project, self.job.id)
        else:
            self.tell("This job does not wait for another try.", severity="warning")

    def action_be_patient(self) -> None:
        if self.job is not None and is_stuck(self.job):
            self.desk.orchestrator.be_patient(self.job.project, self.job.id)
        else:
            self.tell("This job does not seem stuck.", severity="warning")

    def action_start_over(self) -> None:
        if self.job is not None and is_stuck(self.job):
            self.desk.orchestrator.start_over(self.job)
        elif self.job is not None and self.job.finished:  # as in the list of jobs
            self.action_retry()
        else:
            self.tell("This job does not seem stuck.", severity="warning")

    def action_logs(self) -> None:
        from hubtui.screens.log.screen import LogsScreen

        if self.job is not None:
            self.app.push_screen(LogsScreen(self.desk, self.job.project, None))
