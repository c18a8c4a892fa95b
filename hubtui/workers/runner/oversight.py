"""Keeping an eye on the job under way: its limits, its signs of life, and what is to be said of it."""

from __future__ import annotations

import time
from pathlib import Path

from hubtui.models import Job, JobState, Notice, now
from hubtui.store import attempts
from hubtui.workers.runner.fenced import Fenced
from hubtui.workers.runner.recorder import Recorder
from hubtui.workers.runner.signs import LogSigns
from hubtui.workers.runner.watch import Doing, Limits, Watch


class Oversight:
    """Watches one attempt after the other. `logs` is the project's folder of them."""

    def __init__(self, store: Fenced, logs: Path) -> None:
        self._store = store
        self._signs = LogSigns(logs)
        self._noted: tuple[Notice, ...] = ()
        self._spent: dict[int, float] = {}  # seconds that earlier attempts of an open job took
        self.watch = Watch(Limits(), time.monotonic())

    def begin(self, job: Job) -> None:
        """An attempt begins; its limits are set once the compose file was read."""
        self.watch = Watch(Limits(), time.monotonic(), self._spent.get(job.id, 0.0))
        self._noted = ()

    def put_off(self, job: Job) -> None:
        """The attempt has ended, and another will follow."""
        self._spent[job.id] = self.watch.spent(time.monotonic())

    def end(self, job: Job) -> None:
        """The job has ended."""
        self._spent.pop(job.id, None)

    def be_patient(self) -> None:
        """A person wants to wait on for the job under way."""
        self.watch.be_patient(time.monotonic())

    @property
    def too_long(self) -> bool:
        """Whether the job under way is over its hard limit."""
        return self.watch.too_long(time.monotonic())

    async def look(self, job: Job, recorder: Recorder | None) -> None:
        """Keep what is to be said of the job now, where that is news."""
        found = self._notices(recorder)
        if found != self._noted:
            self._noted = found
            await self._store.arun(lambda con: attempts.note(con, job.id, found))

    def _notices(self, recorder: Recorder | None) -> tuple[Notice, ...]:
        at = time.monotonic()
        if recorder is None:
            return self.watch.notices(at, now(), JobState.BUILDING, self.watch.began, list[Doing]())
        if self._signs.moved(recorder.picture.working()):
            recorder.sign = at
        recorder.tick()
        return self.watch.notices(at, now(), recorder.now_in, recorder.sign, recorder.doing())
