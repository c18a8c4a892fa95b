"""Which job a runner does next: the oldest that may begin. One that needs a slot waits for its turn in the host's line,
one that is to be tried again for its time; meanwhile only what needs no slot passes it."""

from __future__ import annotations

import sqlite3
import time

from hubtui.models import Job, JobState, JobType, StepState
from hubtui.paths import Home
from hubtui.store import attempts, jobs, slots, steps
from hubtui.workers import heartbeat, lease
from hubtui.workers.runner.concurrency import Concurrency

READ = "read", "compose file"  # key and name of a start's first step


class Claims:
    """The claims of one runner, and when the jobs that it is to try again are due (CLOCK_MONOTONIC)."""

    def __init__(self, home: Home, project: str, generation: int) -> None:
        self._home, self._project, self._generation = home, project, generation
        self._concurrency = Concurrency()
        self._due: dict[int, float] = {}
        self.waiting = False  # a job is open that cannot begin yet: the runner stays

    def next(self, con: sqlite3.Connection) -> Job | None:
        """Claim a job, inside a transaction; None where there is none that may begin."""
        self.waiting = False
        job = jobs.FIRST_OPEN_OF_PROJECT.first(con, self._project)  # not all of them: a thousand may wait
        while job is not None and not self._may_begin(con, job):
            self.waiting = True
            job = jobs.NEXT_OPEN_WITHOUT_SLOT.first(con, self._project, job.id)
        claimed = jobs.claim(con, job.id, self._generation) if job is not None else None
        if claimed is None:
            return None
        self._due.pop(claimed.id, None)
        if claimed.type is JobType.START:  # seen to move before anything heavy is imported
            steps.put(con, self._project, claimed.id, *READ, StepState.RUNNING, attempt=claimed.attempt)
        return claimed

    def _may_begin(self, con: sqlite3.Connection, job: Job) -> bool:
        if job.state is JobState.RETRY:
            if time.monotonic() < self._due.get(job.id, 0.0):
                return False
            self._due.pop(job.id, None)
            attempts.due(con, job.id)
        if not job.slot:
            return True
        place = slots.place(con, job.id, self._concurrency.now(), self._attends)
        if not place.free:
            slots.keep_place(con, job.id, place)
        return place.free

    def _attends(self, project: str) -> bool:
        """Whether that project's runner lives and answers; one that has not beaten yet is only young."""
        if not lease.held(self._home.lease(project)):
            return False
        beat = heartbeat.read(self._home.heartbeat(project))
        return beat is None or beat.responsive

    def put_off(self, job: int, seconds: float) -> None:
        """The job's next attempt is due after so long."""
        self._due[job] = time.monotonic() + seconds

    def hurry(self, job: int) -> None:
        """The job's next attempt is due now."""
        self._due.pop(job, None)

    def until_due(self) -> float | None:
        """Seconds until the next attempt is due; None where none is planned."""
        return max(0.0, min(self._due.values()) - time.monotonic()) if self._due else None

    def forget(self, job: int) -> None:
        """The job has ended while it waited."""
        self._due.pop(job, None)
