"""In which environment a start is done that is asked for while other jobs are open."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from hubtui.models import JobType, Project
from hubtui.paths import Home
from hubtui.store import connect, jobs, projects
from hubtui.workers import environments

PROJECT = Project("p", Path("/p"), "process", "", environment="own")
ALL, ONE = (), ("web",)
START_A = JobType.START, ALL, "a"
START_B = JobType.START, ALL, "b"
STOP, STOP_ONE, DOWN = (JobType.STOP, ALL, None), (JobType.STOP, ONE, None), (JobType.DOWN, ALL, None)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ([], "own"),
        ([START_A], "a"),
        ([START_A, STOP_ONE], "a"),
        ([START_A, STOP], "own"),
        ([START_A, DOWN], "own"),
        ([START_A, STOP, STOP_ONE], "own"),
        ([START_A, STOP, START_B], "b"),
        ([START_A, STOP, START_B, STOP_ONE, STOP_ONE], "b"),
        ([STOP_ONE], "own"),
    ],
)
def test_a_start_joins_what_will_be_up(
    home: Home, before: list[tuple[JobType, tuple[str, ...], str | None]], expected: str
) -> None:
    with contextlib.ExitStack() as closed:
        con, lock = connect.open_writer(home)
        closed.callback(os.close, lock)
        closed.callback(con.close)
        projects.insert(con, PROJECT, [])
        for kind, services, environment in before:
            jobs.insert(con, "p", kind, services, (), "a test", environment=environment)
        assert environments.of_job(con, PROJECT, JobType.START, ALL, None) == expected
