"""The feed: one thread that follows the store and posts what changed, whoever changed it.

It takes a snapshot first and deltas after it, under one sequence number, so that nothing is lost or shown twice. A
doorbell wakes it; behind it stands a look at `PRAGMA data_version` every second. It only posts messages.
"""

from __future__ import annotations

import contextlib
import os
import select
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from textual.message import Message
from textual.worker import get_current_worker

from hubtui import messages
from hubtui.errors import StoreError, UsageError
from hubtui.models import Job, ProjectView
from hubtui.paths import Home
from hubtui.store import connect, events, jobs, projects
from hubtui.workers.doorbell import Bell
from hubtui.workers.steady import steady_view

SLOW_POLL = 1.0  # seconds between two looks when no bell rings
TICK = 0.1  # at most ten messages per second and project
BUSY_MS = 900  # a locked store holds the thread no longer than this
OTHERS_EVERY = 5  # looks at the selected project per look at all the others
FINISHED_LIMIT = 20


class Feed:
    """Follows one state folder. `run` is the thread; `select` and `stop` may be called from anywhere."""

    def __init__(self, home: Home, post: Callable[[Message], object]) -> None:
        self._home = home
        self._post = post
        self._stopped = threading.Event()
        self._bell: Bell | None = None
        self._selected: str | None = None
        self._views: dict[str, ProjectView] = {}
        self._seq = 0
        self._version = -1
        self._looks = 0
        self._trouble = ""
        self._told: set[tuple[int, str]] = set()  # (job, kind of notice) that was posted

    def select(self, project: str | None) -> None:
        """Say which project's live figures are on the screen."""
        if project != self._selected:
            self._selected = project
            self._wake()

    def stop(self) -> None:
        """End the thread: it returns at once, or when the call that it is in has."""
        self._stopped.set()
        self._wake()

    @property
    def active(self) -> bool:
        """Whether any project is up or has an open job: then it is worth looking more often."""
        return any(_is_active(view) for view in list(self._views.values()))

    def _wake(self) -> None:
        bell = self._bell
        if bell is not None:
            with contextlib.suppress(OSError):
                bell.ring()

    def run(self) -> None:
        """The thread worker. Trouble with the store is said once, and tried again every second."""
        worker = get_current_worker()
        while not (self._stopped.is_set() or worker.is_cancelled):
            try:
                self._session()
            except (StoreError, sqlite3.Error, OSError) as error:
                self._say(error)
                self._stopped.wait(SLOW_POLL)

    def _say(self, error: StoreError | sqlite3.Error | OSError) -> None:
        if isinstance(error, sqlite3.Error):
            error = connect.explain(error, self._home)
        hint = error.hint if isinstance(error, StoreError) else "Run `hubtui doctor`."
        if str(error) != self._trouble:
            self._trouble = str(error)
            self._post(messages.StoreTrouble(self._trouble, hint))

    def _session(self) -> None:
        """One connection's life: until the store is replaced, fails, or the feed is stopped."""
        con = connect.open_reader(self._home)
        try:
            con.execute(f"PRAGMA busy_timeout={BUSY_MS}")
            inode = os.stat(self._home.database).st_ino
            self._bell = Bell.of_hub(self._home)
            self._snapshot(con)
            while not self._stopped.is_set() and self._same_file(inode):
                self._tick(con)
        finally:
            bell, self._bell = self._bell, None
            if bell is not None:
                bell.close()
            con.close()

    def _same_file(self, inode: int) -> bool:
        try:
            return os.stat(self._home.database).st_ino == inode
        except FileNotFoundError:
            return False  # the next session's check says what is wrong

    def _tick(self, con: sqlite3.Connection) -> None:
        started = time.monotonic()
        version = con.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self._read(con)
            self._stopped.wait(max(0.0, TICK - (time.monotonic() - started)))
        self._look()
        assert self._bell is not None
        if select.select([self._bell], [], [], SLOW_POLL)[0]:
            self._bell.drain()

    def _snapshot(self, con: sqlite3.Connection) -> None:
        self._version = con.execute("PRAGMA data_version").fetchone()[0]
        with _one_moment(con):
            self._seq = events.LAST_SEQ.first(con) or 0
            views = _all_views(con)
        self._publish_all(views)

    def _publish_all(self, views: list[ProjectView]) -> None:
        self._views = {view.project.name: steady_view(self._home, None, view) for view in views}
        if self._trouble:
            self._trouble = ""
            self._post(messages.StoreRestored())
        self._post(messages.ProjectsListed(tuple(self._views.values())))

    def _read(self, con: sqlite3.Connection) -> None:
        """Read what is new and post each changed project once, as it is after the last event."""
        with _one_moment(con):
            changed, finished, noted, gap = self._changes(con)
            views = {name: _view(con, name) for name in changed} if not gap else {}
            everything = _all_views(con) if gap else []
            ended, remarkable = _jobs(con, finished), _jobs(con, noted)
        if gap:
            self._publish_all(everything)
        for name, view in views.items():
            self._publish(name, view)
        for job in ended:
            self._told = {(number, kind) for number, kind in self._told if number != job.id}
            self._post(messages.JobFinished(job))
        for job in remarkable:
            self._remark(job)

    def _remark(self, job: Job) -> None:
        """Post each notice of a job once, however its words go on changing."""
        for notice in job.notices:
            if (job.id, notice.kind) not in self._told:
                self._told.add((job.id, notice.kind))
                self._post(messages.JobNoted(job, notice.message))

    def _changes(self, con: sqlite3.Connection) -> tuple[list[str], list[int], list[int], bool]:
        """(projects, finished jobs, jobs with notices, whether events are missing) since the last look. All that is
        there is read in any case, so that the same hole is never met twice."""
        changed: dict[str, None] = {}
        finished: list[int] = []
        noted: dict[int, None] = {}
        gap = False
        while batch := events.AFTER.all(con, self._seq):
            # events were let go before this thread read them; one in the middle has newer ones of its job after it
            gap = gap or batch[0].seq != self._seq + 1
            for event in batch:
                changed[event.project] = None
                if event.kind == "job.finished" and event.job is not None:
                    finished.append(event.job)
                elif event.kind == "job.noted" and event.job is not None:
                    noted[event.job] = None
            self._seq = batch[-1].seq
        return list(changed), finished[-FINISHED_LIMIT:], list(noted), gap

    def _publish(self, name: str, view: ProjectView | None) -> None:
        if view is None:
            self._views.pop(name, None)
            self._post(messages.ProjectForgotten(name))
            return
        name = view.project.name
        shown = steady_view(self._home, self._views.get(name), view)
        self._views[name] = shown
        self._post(messages.ProjectChanged(shown))

    def _look(self) -> None:
        """What the store cannot know: is the runner alive and responsive, and what do its services take."""
        self._looks += 1
        for name, view in list(self._views.items()):
            if not _is_active(view) or (name != self._selected and self._looks % OTHERS_EVERY):
                continue
            seen = steady_view(self._home, view, view)
            if seen != view:
                self._views[name] = seen
                self._post(messages.ProjectChanged(seen))


def _is_active(view: ProjectView) -> bool:
    run, job = view.project.run, view.project.job
    return (run is not None and run.active) or is_open(job)


def is_open(job: Job | None) -> bool:
    """Whether there is a job that has not finished."""
    return job is not None and not job.finished


def _jobs(con: sqlite3.Connection, numbers: Sequence[int]) -> list[Job]:
    return [job for job in (jobs.ONE.first(con, number) for number in numbers) if job is not None]


def _all_views(con: sqlite3.Connection) -> list[ProjectView]:
    return [projects.view(con, p.name) for p in projects.ALL.all(con)]


def _view(con: sqlite3.Connection, name: str) -> ProjectView | None:
    try:
        return projects.view(con, name)
    except UsageError:
        return None


@contextmanager
def _one_moment(con: sqlite3.Connection) -> Iterator[None]:
    """A read transaction: all that is read in it belongs together."""
    con.execute("BEGIN")
    try:
        yield
    finally:
        if con.in_transaction:
            con.execute("COMMIT")
