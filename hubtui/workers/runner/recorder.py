"""What the engine reports, written to the store: in order, in batches as large as the store is slow.

Reports never wait. What has gathered while one transaction was written goes into the next, so a hundred services that
start at once cost a handful of commits.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from hubtui.errors import Replaced
from hubtui.models import Health, Job, JobError, JobState, RunState, Service, ServiceState, StepState
from hubtui.safetext import mask
from hubtui.stacks.engines.base import ProcessIdentity
from hubtui.store import jobs, runs, services, steps
from hubtui.workers.runner.fenced import Fenced
from hubtui.workers.runner.forecast import Forecast, Told
from hubtui.workers.runner.picture import Picture
from hubtui.workers.runner.watch import Doing

Work = Callable[[sqlite3.Connection], None]
RETRY = 1.0  # seconds, when the store refuses
ENDED = (ServiceState.STOPPED, ServiceState.EXITED, ServiceState.FAILED)


class Recorder:
    """The Reporter of one run."""

    def __init__(self, store: Fenced, run: int, on_replaced: Callable[[], None]) -> None:
        self._store = store
        self._run = run
        self._on_replaced = on_replaced
        self.secrets: frozenset[str] = frozenset()
        self._loop = asyncio.get_running_loop()
        self._known: dict[str, dict[str, Any]] = {}
        self._waiting: list[Work] = []
        self._writing = False
        self._replaced = False
        self._idle: asyncio.Future[None] | None = None
        self._job: Job | None = None
        self._phase = JobState.BUILDING
        self.picture = Picture()
        self.newer: dict[str, Service] = {}  # the entries whose ports and limits those that are up do not have yet
        self.sign = time.monotonic()  # when anything was last reported
        self._run_state = RunState.STARTING
        self._stopping = False
        self._progress_due = False
        self._progress: tuple[JobState, int, str, str | None, Told] | None = None
        self.forecast = Forecast((), "start", time.monotonic())

    def begin(self, job: Job, names: Sequence[str], forecast: Forecast) -> None:
        """A job begins: steps and progress are its own from here."""
        self._job, self.forecast = job, forecast
        self._phase = JobState.RUNNING if job.type.ends else JobState.BUILDING  # an end builds nothing
        self.sign = time.monotonic()
        self._stopping = job.type.ends and not job.services
        self._progress = None
        self.picture.begin(names)
        self._note_run_state()

    def phase(self, state: JobState) -> None:
        """The job goes from BUILDING to RUNNING."""
        self._phase = state
        self._note_progress()

    @property
    def now_in(self) -> JobState:
        """The phase of the job under way."""
        return self._phase

    def finished(self) -> None:
        """The job is over; what the services do now is the run's own affair. A run that could not be ended goes on."""
        self._job, self._stopping = None, False
        self._note_run_state()

    def stopping(self) -> None:
        """The whole run is being ended."""
        self._stopping = True
        self._note_run_state()

    def service(
        self,
        name: str,
        state: ServiceState | None = None,
        *,
        health: Health | None = None,
        message: str | None = None,
        exit_code: int | None = None,
        restarts: int | None = None,
        process: ProcessIdentity | None = None,
    ) -> None:
        message = message and self.safe(message)
        fields: dict[str, Any] = {"health": health, "message": message, "exit_code": exit_code, "restarts": restarts}
        fields = {k: v for k, v in fields.items() if v is not None}
        if state is not None:
            fields = {"state": state, "message": "", "exit_code": None, **fields}
        if process is not None:
            fields |= {"pid": process.pid, "start_ticks": process.start_ticks, "boot_id": process.boot_id}
        elif state in ENDED:
            fields |= {"pid": None, "health": Health.NONE}
            self.takes_entry(name)
        self.sign = time.monotonic()
        self.picture.service(name, state, health)
        self._known[name] = self._known.get(name, {}) | fields
        project, run = self._store.project, self._run
        self._write(lambda con: services.change(con, project, name, run, fields))
        self._note_stop_step(name, state, message or "")
        self._note_run_state()
        self._note_progress()

    def takes_entry(self, name: str) -> None:
        """Its life of now, or the next, is of the entry of now."""
        if (entry := self.newer.pop(name, None)) is not None:
            project = self._store.project
            self._write(lambda con: services.take_entry(con, project, entry))

    def nothing_of(self, names: Sequence[str]) -> None:
        """Of those among these that were not told of, there is nothing."""
        for name in names:
            if name not in self._known:
                self.service(name, ServiceState.STOPPED)

    def known(self) -> Mapping[str, Mapping[str, Any]]:
        """All services as last reported: the columns of their rows."""
        return dict(self._known)

    def step(
        self,
        key: str,
        name: str,
        state: StepState,
        *,
        parent: str | None = None,
        message: str = "",
        times: tuple[float, float | None] | None = None,
    ) -> None:
        if self._job is None:
            return
        job, attempt, project = self._job.id, self._job.attempt, self._store.project
        self.sign = time.monotonic()
        name, message = self.safe(name), self.safe(message)
        self.picture.step(key, name, state, message, parent)
        self._write(
            lambda con: steps.put(
                con, project, job, key, name, state, attempt=attempt, parent=parent, message=message, times=times
            )
        )
        self._note_progress()

    def differs(self, name: str, notes: Sequence[str]) -> None:
        project, run, told = self._store.project, self._run, [self.safe(note) for note in notes]
        self._write(lambda con: services.note(con, project, name, run, told))

    def versions(self, versions: Mapping[str, str]) -> None:
        run = self._run
        self._write(lambda con: runs.held_by(con, run, versions))

    def note(self, kind: str, message: str) -> None:
        run, message = self._run, self.safe(message)
        self._write(lambda con: runs.note(con, run, kind, message))

    def _note_stop_step(self, name: str, state: ServiceState | None, message: str) -> None:
        key, title = f"stop:{name}", f"stop {name}"
        if state is ServiceState.STOPPING:
            self.step(key, title, StepState.RUNNING)
        elif key not in self.picture.steps:
            return
        elif state in ENDED:
            self.step(key, title, StepState.DONE)
        elif state is None and message and self.picture.steps[key].state is StepState.RUNNING:  # what holds it up
            self.step(key, title, StepState.RUNNING, message=message)

    def doing(self) -> list[Doing]:
        """The steps under way, with what each takes usually."""
        return self.picture.doing(self.forecast.usual)

    def tick(self) -> None:
        """Time has passed: that alone moves an estimate."""
        if self._job is not None and self._progress is not None and self._progress[-1].percent is not None:
            self._note_progress()

    def _note_progress(self) -> None:
        """Progress goes into the batch that is written next: once, however much happened."""
        self._progress_due = True
        self._schedule()

    def _progress_work(self) -> list[Work]:
        job, phase = self._job, self._phase
        if job is None or not self._progress_due:
            return []
        self._progress_due = False
        percent, message, step = self.picture.progress(job.type, phase)
        told = self.forecast.at(self.picture, time.monotonic())
        percent = percent if told.percent is None else told.percent
        now = (phase, percent, message, step, told)
        if now == self._progress:
            return []
        self._progress = now

        def work(con: sqlite3.Connection) -> None:
            jobs.progress(
                con, job.id, state=phase, percent=percent, message=message, step=step, eta=told.eta, basis=told.basis
            )

        return [work]

    def _note_run_state(self) -> None:
        starting = self._job is not None and not self._job.type.ends and not self._job.services
        state = RunState.STOPPING if self._stopping else self.picture.run_state(starting)
        if state is not self._run_state:
            self._run_state = state
            run = self._run
            self._write(lambda con: _ignore(runs.move(con, run, state)))

    def safe(self, text: str) -> str:
        """The text without the stack's secrets: what is stored is shown."""
        return mask(text, self.secrets)

    def safe_error(self, error: JobError) -> JobError:
        """The same with an error."""
        return replace(error, message=self.safe(error.message), hint=self.safe(error.hint))

    def summary(self) -> str:
        """What is up, in a few words."""
        return self.picture.summary()

    def failed(self) -> list[str]:
        """Services that failed by themselves."""
        return self.picture.failed()

    async def flush(self) -> None:
        """Returns once everything reported so far is in the store."""
        if self._writing:
            self._idle = self._idle or self._loop.create_future()
            await asyncio.shield(self._idle)

    def _write(self, work: Work) -> None:
        self._waiting.append(work)
        self._schedule()

    def _schedule(self) -> None:
        if self._replaced:
            self._waiting.clear()
        elif not self._writing:
            self._writing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        batch, self._waiting = self._waiting + self._progress_work(), []
        if not batch:
            self._rest()
            return

        def work(con: sqlite3.Connection) -> None:
            for one in batch:
                one(con)

        future = self._store.submit(work)
        future.add_done_callback(lambda f: self._loop.call_soon_threadsafe(self._written, f, batch))

    def _rest(self) -> None:
        self._writing = False
        if self._idle is not None:
            self._idle.set_result(None)
            self._idle = None

    def _written(self, future: Future[None], batch: list[Work]) -> None:
        error = future.exception()
        if error is None:
            self._flush()
        elif isinstance(error, Replaced):  # nothing of ours is taken any more
            self._replaced = True
            self._waiting.clear()
            self._rest()
            self._on_replaced()
        else:  # the stack goes on; what is known is written when the store takes it again
            self._store.complain(error)
            self._waiting = batch + self._waiting
            self._loop.call_later(RETRY, self._flush)


def _ignore(_: object) -> None:
    return None
