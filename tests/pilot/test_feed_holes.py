"""Events that are let go: the feed misses nothing of what the screen shows, and does not begin anew for ever."""

from __future__ import annotations

import sqlite3

from hubtui import messages
from hubtui.models import JobState
from hubtui.store import events, jobs, retention
from tests.doubles.past import Past, tell, write
from tests.pilot.conftest import Board, board
from tests.pilot.stage import Stage


def listings(it: Board) -> int:
    return sum(isinstance(m, messages.ProjectsListed) for m in it.posted)


def ended(it: Board) -> list[int]:
    return [m.job.id for m in it.posted if isinstance(m, messages.JobFinished)]


async def test_a_hole_where_the_feed_stands(stage: Stage) -> None:
    """What it has not read yet is gone: it takes all anew, once, and still tells which jobs ended."""
    stage.add("alpha")
    stage.add("beta")
    job = stage.building("alpha")
    (other,) = stage.write(lambda con: write(con, [Past("beta", state=JobState.RUNNING)]))

    def end_and_forget(con: sqlite3.Connection) -> None:
        seq = events.LAST_SEQ.first(con) or 0
        tell(con, "beta", other, 2500)
        jobs.finish(con, job.id, JobState.SUCCESS, "4 services are up")
        con.execute("DELETE FROM events WHERE seq BETWEEN ? AND ?", (seq + 1, seq + 500))

    async with board(stage.home) as it:
        await it.shows("63 %")
        before = listings(it)
        stage.write(end_and_forget)
        await it.until(lambda: ended(it) == [job.id])
        await it.until(lambda: "63 %" not in it.text)
        assert listings(it) == before + 1
        stage.write(lambda con: jobs.progress(con, other, percent=44, message="", step=None))
        await it.shows("44 %")
        assert listings(it) == before + 1
        assert ended(it) == [job.id]


async def test_old_events_of_a_job_go_behind_the_feed(stage: Stage) -> None:
    stage.add("alpha")
    job = stage.building("alpha")
    stage.write(lambda con: tell(con, "alpha", job.id, 300))
    async with board(stage.home) as it:
        await it.shows("63 %")
        before = listings(it)
        while stage.write(lambda con: retention.trim_events(con, 100, kept_of_job=20)):
            pass
        stage.progress(job, 70, "starting backend")
        await it.shows("70 %", "starting backend")
        assert listings(it) == before


async def test_a_hole_in_the_middle_of_what_is_new(stage: Stage) -> None:
    stage.add("alpha")
    job = stage.building("alpha")

    def work(con: sqlite3.Connection) -> None:
        seq = events.LAST_SEQ.first(con) or 0
        tell(con, "alpha", job.id, 50)
        jobs.progress(con, job.id, percent=71, message="almost", step=None)
        con.execute("DELETE FROM events WHERE seq BETWEEN ? AND ?", (seq + 10, seq + 30))

    async with board(stage.home) as it:
        await it.shows("63 %")
        stage.write(work)
        await it.shows("71 %", "almost")
